import { constantShare } from '@subnetes/consensus/projection/emission-path';
import { projectStake } from '@subnetes/consensus/projection/stake-projection';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stakeOf } from '#domain/book/account.ts';
import { delegationOf } from '#domain/economy/delegation.ts';
import { produceBlock } from '#domain/economy/emission.ts';
import type { Genesis } from '#domain/economy/genesis.ts';
import { payEpoch } from '#domain/economy/payout.ts';
import { setTake } from '#domain/economy/take.ts';
import { changeStake } from '#domain/economy/wallet-stake.ts';
import {
  causeOf,
  done,
  enroll,
  expectConserved,
  mandateOf,
  newLedger,
  put,
  TAO,
  testGenesis,
  testPolicy,
} from '#test/ledger-state.ts';
import { offPpm, pass, type SimulatedMarket } from '#test/simulated-blocks.ts';
import { SimulatedScoring, steadyRates } from '#test/simulated-scoring.ts';
import {
  outlookOfSubnet,
  projectRegistration,
  projectStakeOn,
  projectSubnet,
  type StakeProjection,
} from './calculators.ts';
import { outlookOf } from './emission-outlook.ts';

const VALIDATORS = ['v0', 'v1', 'v2', 'v3'] as const;
const MINERS = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5'] as const;
const TEMPO = 20;

/** Issuance ends early here: after half of what is left, in some thousand blocks. */
const SHORT: Genesis = {
  ...testGenesis,
  cap: 25_000n * TAO,
  blockReward: TAO,
  accounts: [
    { account: 'owner', amount: 100n * TAO },
    { account: 'desk', amount: 10_000n * TAO },
    { account: 'ann', amount: 900n * TAO },
    { account: 'bob', amount: 900n * TAO },
  ],
};

function market(genesis: Genesis, others = 2): SimulatedMarket {
  const ledger = newLedger(genesis);
  const policy = {
    ...testPolicy,
    hyperparameters: { ...testPolicy.hyperparameters, tempo: TEMPO, maxUids: 16, commitReveal: 'Off' as const },
  };
  for (const handle of ['sp500', 'nikkei', 'dax'].slice(0, others + 1)) done(put(ledger, handle, { policy }));
  const mandate = mandateOf('desk', { maxTotal: 9000n * TAO });
  for (const [at, hotkey] of VALIDATORS.entries()) {
    done(enroll(ledger, hotkey, { initialStake: BigInt(1000 + 370 * at) * TAO, mandate, cause: causeOf(hotkey) }));
  }
  for (const hotkey of MINERS) done(enroll(ledger, hotkey, { mandate, cause: causeOf(hotkey) }));
  done(ledger.decide((state) => setTake(state, 'desk', { hotkey: 'v1', u16: 6000 })));
  const add = (wallet: string, hotkey: string, tao: bigint) =>
    done(
      ledger.decide((state) => {
        const changed = changeStake(state, wallet, { type: 'AddStake', netuid: 1, hotkey, amount: tao * TAO });
        state.journal.write({ block: state.block, kind: 'Test', payload: {} });
        return changed;
      }),
    );
  add('ann', 'v1', 600n);
  add('ann', 'v2', 200n);
  add('bob', 'v1', 110n);
  add('bob', 'v2', 700n);
  const scoring = new SimulatedScoring(steadyRates({ seed: 7, isMiner: ({ hotkey }) => hotkey.startsWith('m') }));
  return { ledger, scoring };
}

/** In millionths: what a projection may be off. */
const THOUSANDTH = 1000n;

test('an emission is projected to the rao, over a halving and up to a share of a third', () => {
  const { ledger, scoring } = market(SHORT);
  pass({ ledger, scoring }, 137);
  const blocks = 3000;
  const projection = done(projectSubnet(ledger, { netuid: 1, blocks, points: 3 }));
  const pots = (): bigint =>
    [...ledger.book.accounts.values()]
      .filter(({ id }) => /:1$|^(desk|owner|ann|bob)$|:1:/.test(id))
      .reduce((sum, { posted }) => sum + posted, 0n);
  const reward = (): bigint => done(projectSubnet(ledger, { netuid: 1, blocks: 1, points: 1 })).points[0]!.mean;
  const [before, first] = [pots(), reward()];
  let minted = 0n;
  for (let at = 0; at < blocks; at += 1) {
    minted += reward();
    pass({ ledger, scoring }, 1);
  }
  expect(projection).toMatchObject({ basis: 'Equal', method: 'Determined', block: 137, blocks });
  expect(projection.points.map((point) => point.blocks)).toEqual([1000, 2000, 3000]);
  expect(projection.points[2]).toMatchObject({ low: minted, mean: minted, high: minted });
  expect(reward() * 2n, 'a halving was between').toBeLessThanOrEqual(first + 1n);
  expect(pots()).toBeGreaterThanOrEqual(before);
  expectConserved(ledger);
});

test('what stake earns is what it was told to earn, of owners and delegators, over a halving', () => {
  for (const blocks of [3 * TEMPO + 1, 1000, 3000]) {
    const of = market(SHORT);
    const { ledger } = of;
    pass(of, 10 * TEMPO + 7);
    const own = stakeOf(1, 'v1', 'desk');
    const asked = { netuid: 1, hotkey: 'v1', add: 0n, blocks, restake: false };
    const ann = done(projectStakeOn(ledger, { ...asked, wallet: 'ann' }));
    const bob = done(projectStakeOn(ledger, { ...asked, wallet: 'bob', add: 50n * TAO }));
    const desk = done(projectStakeOn(ledger, { ...asked, wallet: 'desk' }));
    expect([ann.as, bob.as, desk.as]).toEqual(['delegator', 'delegator', 'owner']);
    const worth = (wallet: string): bigint => delegationOf(ledger, wallet, { netuid: 1, hotkey: 'v1' }).worth;
    const [annBefore, ownBefore] = [worth('ann'), ledger.book.posted('TAO', own)];
    pass(of, blocks);
    expect(offPpm(ann.outcome.mean.reward, worth('ann') - annBefore)).toBeLessThanOrEqual(THOUSANDTH);
    expect(ann.outcome.mean.stake).toBe(annBefore + ann.outcome.mean.reward);
    expect(ledger.book.posted('TAO', own)).toBe(ownBefore);
    expect(desk.outcome.mean.stake).toBe(ownBefore);
    expect(ann.outcome.low.reward).toBeLessThanOrEqual(ann.outcome.mean.reward);
    expect(ann.outcome.high.reward).toBeGreaterThanOrEqual(ann.outcome.mean.reward);
    expect(bob.outcome.mean.reward).toBeGreaterThan(0n);
  }
});

test.each(['bob', 'cy-who-has-none'])(
  'what %s adds now earns what it was told to earn from the next seal on',
  (wallet) => {
    const of = market({ ...SHORT, accounts: [...SHORT.accounts, { account: 'cy-who-has-none', amount: 100n * TAO }] });
    const projection = projectedAndAdded(of, wallet);
    pass(of, 1500);
    const { worth } = delegationOf(of.ledger, wallet, { netuid: 1, hotkey: 'v1' });
    expect(offPpm(projection.outcome.mean.stake, worth)).toBeLessThanOrEqual(THOUSANDTH);
    expect(offPpm(projection.outcome.mean.reward, worth - projection.stakeBefore)).toBeLessThanOrEqual(THOUSANDTH);
  },
);

test('what an owner adds now earns what it was told to earn, with the take of others', () => {
  const of = market(SHORT);
  const { reward, take } = projectedAndAdded(of, 'desk').outcome.mean;
  expect(offPpm(reward + take, paidDividends(of, 1500))).toBeLessThanOrEqual(THOUSANDTH);
});

/** Asks what 50 tokens more on v1 would earn, and puts them there. */
function projectedAndAdded(of: SimulatedMarket, wallet: string): StakeProjection {
  const { ledger } = of;
  pass(of, 10 * TEMPO + 7);
  const add = 50n * TAO;
  const asked = { netuid: 1, hotkey: 'v1', wallet, add, blocks: 1500, restake: false };
  const projection = done(projectStakeOn(ledger, asked));
  done(
    ledger.decide((state) => {
      const changed = changeStake(state, wallet, { type: 'AddStake', netuid: 1, hotkey: 'v1', amount: add });
      state.journal.write({ block: state.block, kind: 'Test', payload: {} });
      return changed;
    }),
  );
  return projection;
}

/** What the owner of v1 kept of its dividends. */
function paidDividends({ ledger, scoring }: SimulatedMarket, blocks: number): bigint {
  let kept = 0n;
  for (let at = 0; at < blocks; at += 1) {
    for (const sealed of done(ledger.decide((state) => produceBlock(state, 0))).sealed) {
      const scored = scoring.score(ledger, sealed);
      const before = ledger.book.posted('TAO', 'delegated:1:v1');
      done(ledger.decide((state) => payEpoch(state, scored)));
      const uid = sealed.neurons.find(({ hotkey }) => hotkey === 'v1')?.uid;
      if (sealed.netuid !== 1) continue;
      kept += scored.neurons.find((neuron) => neuron.uid === uid)?.dividend ?? 0n;
      kept -= ledger.book.posted('TAO', 'delegated:1:v1') - before;
    }
  }
  return kept;
}

test('an owner who stakes what it was paid has what it was told', () => {
  const of = market(SHORT);
  const { ledger, scoring } = of;
  pass(of, 10 * TEMPO + 7);
  const blocks = 1200;
  const asked = { netuid: 1, hotkey: 'v3', wallet: 'desk', add: 0n, blocks, restake: true };
  const projection = done(projectStakeOn(ledger, asked));
  for (let at = 0; at < blocks; at += 1) {
    for (const sealed of done(ledger.decide((state) => produceBlock(state, 0))).sealed) {
      const scored = scoring.score(ledger, sealed);
      done(ledger.decide((state) => payEpoch(state, scored)));
      const uid = sealed.neurons.find(({ hotkey }) => hotkey === 'v3')?.uid;
      const amount = scored.neurons.find((neuron) => neuron.uid === uid)?.dividend ?? 0n;
      if (amount === 0n) continue;
      done(ledger.decide((state) => changeStake(state, 'desk', { type: 'AddStake', netuid: 1, hotkey: 'v3', amount })));
    }
  }
  const stake = ledger.book.posted('TAO', stakeOf(1, 'v3', 'desk'));
  expect(offPpm(projection.outcome.mean.stake, stake)).toBeLessThanOrEqual(THOUSANDTH);
  expect(offPpm(projection.outcome.mean.reward, stake - projection.stakeBefore)).toBeLessThanOrEqual(THOUSANDTH);
});

test('a registration has paid for itself when it was told to', () => {
  const of = market(SHORT, 0);
  pass(of, 10 * TEMPO + 7);
  const projection = done(projectRegistration(of.ledger, { netuid: 1, blocks: 3000 }));
  expect(projection).toMatchObject({ cost: TAO, costAtSeal: TAO, miners: MINERS.length, epochsSeen: 4 });
  const { low, mean, high } = projection.outcome;
  expect(high.firstEpoch).toBeGreaterThanOrEqual(mean.firstEpoch);
  expect(mean.firstEpoch).toBeGreaterThan(low.firstEpoch);
  // A newcomer that is rated like the mean of the six gets a seventh of what they got: 41 % of the pot of 20 blocks.
  expect(offPpm(mean.firstEpoch * 7n, (20n * TAO * 82n) / 200n)).toBeLessThanOrEqual(THOUSANDTH);
  expect(low.blocks).toBeGreaterThanOrEqual(mean.blocks ?? 0);
  // Less than an epoch's earnings: the first one that it is paid for.
  expect(mean.blocks).toBe(13);
});

test('first epochs, in which nobody was rated and validators had it all, promise nothing', () => {
  const steady = steadyRates({ seed: 7, isMiner: ({ hotkey }) => hotkey.startsWith('m') });
  const of: SimulatedMarket = {
    ...market(SHORT, 0),
    scoring: new SimulatedScoring((rater, epoch) => (epoch.index <= 2 ? [] : steady(rater, epoch))),
  };
  const { ledger } = of;
  // What blocks bring soon is many times the stake: a wrong part of it would show.
  const blocks = 3000;
  const ask = () => done(projectStakeOn(ledger, { netuid: 1, hotkey: 'v1', wallet: 'ann', add: 0n, blocks, restake: false })); // prettier-ignore
  const lastPaid = (): number => ledger.subnet(1)?.lastPaidIndex ?? 0;
  while (lastPaid() < 2) pass(of, 1);
  const unrated = ask();
  while (lastPaid() < 4) pass(of, 1);
  const rated = ask();
  expect([unrated.epochsSeen, rated.epochsSeen]).toEqual([2, 2]);
  const { worth } = delegationOf(ledger, 'ann', { netuid: 1, hotkey: 'v1' });
  pass(of, blocks);
  const earned = delegationOf(ledger, 'ann', { netuid: 1, hotkey: 'v1' }).worth - worth;
  expect(offPpm(rated.outcome.mean.reward, earned)).toBeLessThanOrEqual(THOUSANDTH);
  // As things stood at first, nearly twice as much.
  expect(unrated.outcome.mean.reward * 10n).toBeGreaterThan(earned * 15n);
});

test('where no epoch was paid nothing is known, and that is said', () => {
  const { ledger } = market(SHORT);
  const stake = done(projectStakeOn(ledger, { netuid: 1, hotkey: 'v1', wallet: undefined, add: TAO, blocks: 500, restake: false })); // prettier-ignore
  expect(stake).toMatchObject({ epochsSeen: 0, outcome: { mean: { reward: 0n, stake: TAO } } });
  const registration = done(projectRegistration(ledger, { netuid: 1, blocks: 500 }));
  expect(registration).toMatchObject({ miners: 0, outcome: { mean: { blocks: undefined, earned: 0n } } });
});

test.each([
  ['SUBNET_UNKNOWN', { netuid: 9 }],
  ['NOT_REGISTERED', { hotkey: 'nobody' }],
  ['INVALID_ARGUMENT', { blocks: 0 }],
  ['INVALID_ARGUMENT', { blocks: 2_628_001 }],
  ['INVALID_ARGUMENT', { blocks: 1.5 }],
  ['INVALID_ARGUMENT', { add: 0n }],
])('%s for %o', (code, change) => {
  const { ledger } = market(SHORT);
  const asked = { netuid: 1, hotkey: 'v1', wallet: undefined, add: TAO, blocks: 100, restake: false, ...change };
  expect(projectStakeOn(ledger, asked)).toMatchObject({ ok: false, code });
});

test('who reckons a subnet without stake on root from its outlook, as a page does, gets what the ledger says', () => {
  const of = market(SHORT);
  pass(of, 10 * TEMPO + 7);
  const { validators, reward, part, ...told } = done(outlookOfSubnet(of.ledger, 1));
  const outlook = {
    ...told,
    ...outlookOf(of.ledger, 1).emission.mean,
    share: () => constantShare((block) => (block * part) / reward),
    validators: validators.map((each) => ({ ...each.outlook, yieldQ64: each.yields.mean })),
  };
  const rao = fc.bigInt({ min: 1n, max: 2000n * TAO });
  const blocks = fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 2_628_000 }));
  fc.assert(
    fc.property(fc.constantFrom(...VALIDATORS), rao, blocks, (hotkey, add, ahead) => {
      const asked = { netuid: 1, hotkey, wallet: undefined, add, blocks: ahead, restake: false };
      const { uid } = of.ledger.neuronByHotkey(1, hotkey) ?? {};
      const validator = validators.findIndex((each) => each.uid === uid);
      const question = {
        validator,
        as: 'delegator',
        stake: 0n,
        waiting: 0n,
        add,
        blocks: ahead,
        restake: false,
      } as const;
      const exact = done(projectStakeOn(of.ledger, asked)).outcome.mean.reward;
      const off = projectStake(outlook, question).reward - exact;
      expect((off < 0n ? -off : off) * 1000n <= exact).toBe(true);
    }),
    { numRuns: 30 },
  );
});
