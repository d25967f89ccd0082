import { expect, test } from 'vitest';
import { delegationOver, emissionOver, epochsUntil, type OutlookView, paybackOver, rootBehind } from './outlook.ts';

const RAO = 1_000_000_000n;
const tao = (whole: bigint): string => (whole * RAO).toString();
const one = (1n << 64n).toString();
const NO_ROOT = { own: '0', delegated: '0', waiting: '0', income: '0' };

/** Two validators of a hundred tokens each, one with half of it delegated, and ten tokens a block for a tenth of the subnets. */
const VIEW: OutlookView = {
  epochsSeen: 4,
  blockTimeMs: 12_000,
  cap: tao(10_000n),
  issued: tao(4000n),
  firstReward: tao(10n),
  halves: true,
  reward: tao(10n),
  part: tao(1n),
  tempo: 10,
  blocksToSeal: 4,
  pot: tao(6n),
  sealedPot: '0',
  ownerCutU16: 0,
  paidPots: tao(40n),
  paidDividends: tao(20n),
  paidIncentives: tao(20n),
  validators: [
    { uid: 0, own: tao(100n), delegated: '0', waiting: '0', takeU16: 0, root: NO_ROOT, yields: { low: one, mean: one, high: one } }, // prettier-ignore
    {
      uid: 1,
      own: tao(50n),
      delegated: tao(50n),
      waiting: '0',
      takeU16: 0,
      root: NO_ROOT,
      yields: { low: one, mean: one, high: one },
    },
  ],
  rootWeightPpm: 0,
  others: { stake: '0', root: '0', stakes: '0' },
  miners: 4,
  incentives: { low: tao(2n), mean: tao(5n), high: tao(20n) },
  registrationCost: tao(1n),
  unpaidEpochs: 1,
};

test('an emission halves where issuance does', () => {
  expect(emissionOver(VIEW, 100)).toBe(100n * RAO);
  expect(emissionOver(VIEW, 200)).toBe(150n * RAO);
});

test('a delegation earns its part of its validator’s dividends from the next seal on, and grows', () => {
  const earned = delegationOver(VIEW, { uid: 1, rao: 50n * RAO, blocks: 4 });
  // Of ten tokens half are dividends, three fifths of these the validator's (150 of 250), a third of these the delegation's.
  expect(earned?.mean).toEqual({ epochs: 1, reward: RAO, take: 0n, stake: 51n * RAO });
  const more = delegationOver(VIEW, { uid: 1, rao: 50n * RAO, blocks: 14 });
  expect(more?.mean.epochs).toBe(2);
  expect(more?.mean.reward).toBeGreaterThan(2n * RAO);
  expect(delegationOver(VIEW, { uid: 7, rao: RAO, blocks: 14 })).toBeUndefined();
});

test('what stands on root behind a validator raises its part, of which the subnet’s delegators have theirs', () => {
  const root = { own: '0', delegated: tao(100n), waiting: '0', income: '0' };
  const [first, second] = VIEW.validators;
  const validators = first === undefined || second === undefined ? [] : [{ ...first, root }, second];
  const rooted = { ...VIEW, rootWeightPpm: 500_000, validators };
  const asked = { uid: 1, rao: 50n * RAO, blocks: 4 };
  // Root has a sixth of five tokens, half of 100 against 250; the rest is shared as before.
  const [without, earned] = [
    delegationOver(VIEW, asked)?.mean.reward ?? 0n,
    delegationOver(rooted, asked)?.mean.reward,
  ];
  expect(earned).toBe((without * 5n) / 6n);
});

test('what stands on root behind a validator counts by its weight', () => {
  const [first, ...others] = VIEW.validators;
  const root = { own: tao(50n), delegated: tao(200n), waiting: tao(7n), income: '0' };
  const view = {
    ...VIEW,
    rootWeightPpm: 180_000,
    validators: first === undefined ? [] : [{ ...first, root }, ...others],
  };
  expect(rootBehind(view, 0)).toEqual({ stake: 250n * RAO, counts: 45n * RAO });
  expect([rootBehind(view, 1), rootBehind(view, 7)]).toEqual([undefined, undefined]);
});

test('a registration has paid for itself after the epoch that brings its cost', () => {
  const { low, mean, high } = paybackOver(VIEW, 100);
  // Five tokens of incentives an epoch: a fifth of them, shared with all who are there.
  expect(mean).toEqual({ firstEpoch: RAO, earned: RAO, blocks: 14 });
  expect(high.blocks).toBe(14);
  expect(low.blocks).toBe(34);
  expect([3, 4, 14, 34].map((blocks) => epochsUntil(VIEW, blocks))).toEqual([0, 1, 2, 4]);
});
