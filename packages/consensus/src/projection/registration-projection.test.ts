import { expect, test } from 'vitest';
import { constantShare } from './emission-path.ts';
import { incentiveInterval, type IncentiveOutlook, projectPayback } from './registration-projection.ts';

const OUTLOOK: IncentiveOutlook = {
  rules: { cap: 1_000_000n, blockReward: 100n, halving: 'None' },
  issued: 0n,
  share: () => constantShare((reward) => reward),
  tempo: 10,
  blocksToSeal: 3,
  pot: 700n,
  ownerCutU16: 0,
  paid: { incentives: 1n, pots: 2n },
};

test('a newcomer shares with those who are there, and is paid once weights can name it', () => {
  // Each epoch has 1000 and pays half of it as incentives; one that did like a quarter of all gets a fifth of that.
  const like = { incentive: 1n, incentives: 4n };
  expect(projectPayback(OUTLOOK, like, { cost: 250n, skip: 0, blocks: 100 })).toEqual({ firstEpoch: 100n, earned: 300n, blocks: 23 }); // prettier-ignore
  expect(projectPayback(OUTLOOK, like, { cost: 250n, skip: 2, blocks: 100 })).toEqual({ firstEpoch: 100n, earned: 300n, blocks: 43 }); // prettier-ignore
  expect(projectPayback(OUTLOOK, like, { cost: 900n, skip: 0, blocks: 30 })).toEqual({ firstEpoch: 100n, earned: 300n, blocks: undefined }); // prettier-ignore
});

test('who earns nothing is never paid back', () => {
  const nothing = { firstEpoch: 0n, earned: 0n, blocks: undefined };
  expect(projectPayback(OUTLOOK, { incentive: 0n, incentives: 0n }, { cost: 1n, skip: 0, blocks: 100 })).toEqual(
    nothing,
  );
  const unpaid = { ...OUTLOOK, paid: { incentives: 0n, pots: 0n } };
  expect(projectPayback(unpaid, { incentive: 1n, incentives: 1n }, { cost: 1n, skip: 0, blocks: 100 })).toEqual(
    nothing,
  );
});

test.each([
  [[], undefined],
  [[0n, 0n], undefined],
  [[7n], { low: 7n, mean: 7n, high: 7n }],
  [[9n, 0n, 1n, 5n, 3n, 7n], { low: 3n, mean: 5n, high: 7n }],
  [[1n, 2n], { low: 1n, mean: 1n, high: 2n }],
])('quartiles of %o', (incentives, expected) => {
  expect(incentiveInterval(incentives)).toEqual(expected);
});
