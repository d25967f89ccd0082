import { projectStake } from '@subnetes/consensus/projection/stake-projection';
import { expect, test } from 'vitest';
import { stakeOf } from '#domain/book/account.ts';
import { delegationOf } from '#domain/economy/delegation.ts';
import {
  causeOf,
  done,
  enroll,
  mandateOf,
  newLedger,
  orderBy,
  put,
  TAO,
  testGenesis,
  testPolicy,
} from '#test/ledger-state.ts';
import { linkedMarkets, type LinkedMarkets } from '#test/linked-markets.ts';
import { offPpm, pass, type SimulatedMarket } from '#test/simulated-blocks.ts';
import { SimulatedScoring, steadyRates } from '#test/simulated-scoring.ts';
import { outlookOfSubnet } from './calculators.ts';
import { outlookOf } from './emission-outlook.ts';
import { projectStakeAt } from './root-outlook.ts';

const TEMPOS = [20, 25] as const;
const THOUSANDTH = 1000n;

/** Two subnets of different tempo with the same validators, stake of others on three of them on root, and a halving to come. */
function market(isRated = true): SimulatedMarket {
  const accounts = [
    { account: 'owner', amount: 100n * TAO },
    { account: 'desk', amount: 10_000n * TAO },
    { account: 'ann', amount: 900n * TAO },
    { account: 'bob', amount: 900n * TAO },
  ];
  const ledger = newLedger({ ...testGenesis, cap: 25_000n * TAO, accounts, rootStakeWeightPpm: 180_000 });
  const mandate = mandateOf('desk', { maxTotal: 9000n * TAO });
  for (const [at, tempo] of TEMPOS.entries()) {
    const hyperparameters = { ...testPolicy.hyperparameters, tempo, maxUids: 16, commitReveal: 'Off' as const };
    done(put(ledger, `market-${at}`, { policy: { ...testPolicy, hyperparameters } }));
    const netuid = at + 1;
    for (const [index, hotkey] of ['v0', 'v1', 'v2', 'm0', 'm1', 'm2'].entries()) {
      const initialStake = hotkey.startsWith('m') ? 0n : BigInt(700 + 170 * index * netuid) * TAO;
      done(enroll(ledger, hotkey, { netuid, initialStake, mandate, cause: causeOf(hotkey) }));
    }
  }
  const stake = (wallet: string, hotkey: string, tao: bigint, netuid = 0) =>
    done(orderBy(ledger, wallet, { type: 'AddStake', netuid, hotkey, amount: tao * TAO }));
  stake('ann', 'v1', 400n);
  stake('bob', 'v1', 300n);
  stake('bob', 'v2', 250n);
  stake('ann', 'v2', 100n, 1);
  const scoring = new SimulatedScoring(
    isRated ? steadyRates({ seed: 7, isMiner: ({ hotkey }) => hotkey.startsWith('m') }) : () => [],
  );
  return { ledger, scoring };
}

const worth = ({ ledger }: SimulatedMarket, wallet: string, netuid: number, hotkey: string): bigint =>
  delegationOf(ledger, wallet, { netuid, hotkey }).worth;

test.each([100, 1000, 3000])('in %i blocks stake on root earns in both subnets what it was told to', (blocks) => {
  const of = market();
  pass(of, 607);
  const asked = { netuid: 0, hotkey: 'v1', wallet: 'ann', add: 0n, blocks, restake: false };
  const projection = done(projectStakeAt(of.ledger, asked));
  const before = worth(of, 'ann', 0, 'v1');
  expect(projection).toMatchObject({ as: 'root', stakeBefore: before, epochsSeen: 4, basis: 'Equal' });
  pass(of, blocks);
  const { reward, stake } = projection.outcome.mean;
  expect(stake).toBe(before + reward);
  expect(offPpm(reward, worth(of, 'ann', 0, 'v1') - before)).toBeLessThanOrEqual(THOUSANDTH);
});

test('also where nobody is rated, and validators have both halves', () => {
  const of = market(false);
  pass(of, 607);
  const asked = { netuid: 0, hotkey: 'v1', wallet: 'ann', add: 0n, blocks: 500, restake: false };
  const { reward } = done(projectStakeAt(of.ledger, asked)).outcome.mean;
  const before = worth(of, 'ann', 0, 'v1');
  pass(of, 500);
  expect(offPpm(reward, worth(of, 'ann', 0, 'v1') - before)).toBeLessThanOrEqual(THOUSANDTH);
});

test('what is put there now earns from the next seal on', () => {
  const of = market();
  pass(of, 607);
  const asked = { netuid: 0, hotkey: 'v2', wallet: 'ann', add: 50n * TAO, blocks: 1500, restake: false };
  const projection = done(projectStakeAt(of.ledger, asked));
  done(orderBy(of.ledger, 'ann', { type: 'AddStake', netuid: 0, hotkey: 'v2', amount: 50n * TAO }));
  pass(of, 1500);
  expect(projection.stakeBefore).toBe(50n * TAO);
  const earned = worth(of, 'ann', 0, 'v2') - 50n * TAO;
  expect(offPpm(projection.outcome.mean.reward, earned)).toBeLessThanOrEqual(THOUSANDTH);
});

/** A fifth of what is asked of projections: what is left is what consensus moves as stakes grow apart, and whole rao. In millionths. */
const CLOSE = 200n;

/** Asks now what stakes will have grown by in so many blocks each, and answers what is more than that off, once they are over. */
function furtherOff(
  of: SimulatedMarket,
  horizons: readonly number[],
  stakes: readonly { readonly place: readonly [number, string]; readonly wallet: string; readonly has: () => bigint }[],
): readonly string[] {
  const { ledger } = of;
  const promised = horizons.flatMap((blocks) =>
    stakes.map(({ place: [netuid, hotkey], wallet, has }) => {
      const asked = { netuid, hotkey, wallet, add: 0n, blocks, restake: wallet === 'desk' };
      const { outcome, stakeBefore } = done(projectStakeAt(ledger, asked));
      const what = `${wallet} on ${netuid}/${hotkey} in ${blocks} blocks`;
      return { what, at: ledger.block + blocks, growth: outcome.mean.stake - stakeBefore, before: has(), has };
    }),
  );
  const wrong: string[] = [];
  for (const { what, at, growth, before, has } of promised) {
    pass(of, at - ledger.block);
    const off = offPpm(growth, has() - before);
    if (off > CLOSE) wrong.push(`${what}: ${off} ppm`);
  }
  return wrong;
}

const ownOf = ({ ledger }: SimulatedMarket, hotkey: string) => ({
  place: [1, hotkey] as const,
  wallet: 'desk',
  has: () => ledger.book.posted('TAO', stakeOf(1, hotkey, 'desk')),
});

test.each<LinkedMarkets>([
  { seed: 1 },
  { seed: 2, isStaking: true },
  { seed: 3, hasChildren: true },
  { seed: 4, hasChildren: true, isStaking: true },
])('subnets that share validators, over ten epochs and over hundreds: %o', (plan) => {
  const of = linkedMarkets(plan);
  pass(of, 607);
  const delegated = (wallet: string, netuid: number, hotkey: string) => ({
    place: [netuid, hotkey] as const,
    wallet,
    has: () => worth(of, wallet, netuid, hotkey),
  });
  const stakes = [
    delegated('ann', 1, 'v2'),
    delegated('ann', 1, 'v3'),
    delegated('ann', 0, 'v1'),
    delegated('bob', 0, 'v2'),
    delegated('bob', 0, 'v4'),
    ...(plan.isStaking === true ? [ownOf(of, 'v0')] : []),
  ];
  expect(furtherOff(of, [250, 1000, 5000], stakes)).toEqual([]);
});

test.each([1, 2, 3])('an owner that stakes what it is paid, by either pot: seed %i', (seed) => {
  const of = linkedMarkets({ seed, hasChildren: seed === 2 });
  pass(of, 607);
  const { ledger } = of;
  const projected = [250, 4000].map((blocks) => projectStakeAt(ledger, { netuid: 1, hotkey: 'v2', wallet: 'desk', add: 0n, blocks, restake: true })); // prettier-ignore
  done(orderBy(ledger, 'desk', { type: 'SetAutoStake', netuid: 1, hotkey: 'v2', isOn: true }));
  const { has } = ownOf(of, 'v2');
  const [before, grown] = [has(), [] as bigint[]];
  for (const blocks of [250, 3750]) {
    pass(of, blocks);
    grown.push(has() - before);
  }
  const off = projected.map((each, at) => offPpm(done(each).outcome.mean.stake - before, grown[at] ?? 0n));
  expect(off.filter((ppm) => ppm > CLOSE)).toEqual([]);
});

test.each<LinkedMarkets>([{ seed: 1 }, { seed: 2, hasChildren: true, isStaking: true }])(
  'who is told of one subnet alone reckons nearly the same: %o',
  (plan) => {
    const of = linkedMarkets(plan);
    pass(of, 607);
    const { validators, ...told } = done(outlookOfSubnet(of.ledger, 1));
    const { emission } = outlookOf(of.ledger, 1);
    const outlook = {
      ...told,
      ...emission.mean,
      validators: validators.map((each) => ({ ...each.outlook, yieldQ64: each.yields.mean })),
    };
    const { uid = -1 } = of.ledger.neuronByHotkey(1, 'v2') ?? {};
    const validator = validators.findIndex((each) => each.uid === uid);
    for (const blocks of [250, 1000, 5000]) {
      const asked = { netuid: 1, hotkey: 'v2', wallet: 'ann', add: 0n, blocks, restake: false };
      const { outcome, stakeBefore } = done(projectStakeAt(of.ledger, asked));
      const own = {
        validator,
        as: 'delegator',
        stake: stakeBefore,
        waiting: 0n,
        add: 0n,
        blocks,
        restake: false,
      } as const;
      expect(offPpm(projectStake(outlook, own).reward, outcome.mean.reward)).toBeLessThanOrEqual(THOUSANDTH);
    }
  },
);

test.each([
  ['NOT_REGISTERED', { hotkey: 'nobody' }],
  ['INVALID_ARGUMENT', { blocks: 0 }],
  ['INVALID_ARGUMENT', { add: 0n }],
])('%s for %o', (code, change) => {
  const asked = { netuid: 0, hotkey: 'v1', wallet: undefined, add: TAO, blocks: 100, restake: false, ...change };
  expect(projectStakeAt(market().ledger, asked)).toMatchObject({ ok: false, code });
});
