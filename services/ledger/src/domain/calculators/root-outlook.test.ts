import { expect, test } from 'vitest';
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
import { offPpm, pass, type SimulatedMarket } from '#test/simulated-blocks.ts';
import { SimulatedScoring, steadyRates } from '#test/simulated-scoring.ts';
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
  expect(offPpm(projection.outcome.mean.stake, worth(of, 'ann', 0, 'v2'))).toBeLessThanOrEqual(THOUSANDTH);
});

test('beside it stake in one subnet earns what it was told to, though root grows by another one as well', () => {
  const of = market();
  pass(of, 607);
  const asked = { netuid: 1, hotkey: 'v2', wallet: 'ann', add: 0n, blocks: 300, restake: false };
  const projection = done(projectStakeAt(of.ledger, asked));
  const before = worth(of, 'ann', 1, 'v2');
  pass(of, 300);
  const earned = worth(of, 'ann', 1, 'v2') - before;
  expect(offPpm(projection.outcome.mean.reward, earned)).toBeLessThanOrEqual(5n * THOUSANDTH);
});

test.each([
  ['NOT_REGISTERED', { hotkey: 'nobody' }],
  ['INVALID_ARGUMENT', { blocks: 0 }],
  ['INVALID_ARGUMENT', { add: 0n }],
])('%s for %o', (code, change) => {
  const asked = { netuid: 0, hotkey: 'v1', wallet: undefined, add: TAO, blocks: 100, restake: false, ...change };
  expect(projectStakeAt(market().ledger, asked)).toMatchObject({ ok: false, code });
});
