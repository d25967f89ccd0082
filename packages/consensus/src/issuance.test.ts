import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockReward, CHAIN_ISSUANCE as rules, halvingsAt, type IssuanceRules } from './issuance.ts';
import { I96F32 } from './number-form.ts';

/** Rao of issuance and the reward at it, as Subtensor's `test_halving` (tag v1.1.3) asserts them. */
test.for<readonly [bigint, bigint]>([
  [0n, 1_000_000_000n],
  [1_776_000_000_000n, 1_000_000_000n],
  [10_500_000_000_000_000n, 500_000_000n],
  [10_999_999_000_000_000n, 500_000_000n],
  [15_749_999_000_000_000n, 500_000_000n],
  [15_800_000_000_000_000n, 250_000_000n],
  [17_624_999_000_000_000n, 250_000_000n],
  [18_400_000_000_000_000n, 125_000_000n],
  [19_312_500_000_000_000n, 125_000_000n],
  [19_700_000_000_000_000n, 62_500_000n],
  [20_400_000_000_000_000n, 31_250_000n],
  [20_700_000_000_000_000n, 15_625_000n],
  [20_900_000_000_000_000n, 7_812_500n],
  [20_979_493_000_000_000n, 976_562n],
  [20_999_360_000_000_000n, 30_517n],
  [20_999_990_000_000_000n, 476n],
  [20_999_999_000_000_000n, 59n],
  [21_000_000_000_000_000n, 0n],
  [21_100_000_000_000_000n, 0n],
  [18_446_744_073_709_551_615n, 0n],
])('at %d rao issued a block mints %d', ([issued, reward]) => {
  expect(blockReward(rules, issued)).toBe(reward);
});

test.for([1n, 2n, 3n, 10n])('halving %d begins exactly at its threshold', (halving) => {
  const threshold = rules.cap - (rules.cap >> halving);
  expect(halvingsAt(threshold, rules.cap)).toBe(halving);
  expect(halvingsAt(threshold - 1n, rules.cap)).toBe(halving - 1n);
});

test('the last block mints what is left and no more', () => {
  const flat: IssuanceRules = { cap: 100n, blockReward: 40n, halving: 'None' };
  expect([0n, 40n, 80n, 100n].map((issued) => blockReward(flat, issued))).toEqual([40n, 40n, 20n, 0n]);
});

/** Literally: floor(log2(1 / (1 - issued / cap))), then 1 / 2^that of a token, all in I96F32. */
function rewardByLogarithm(issued: bigint): bigint {
  const { divide, fromInteger, multiply, one, subtract } = I96F32;
  if (issued >= rules.cap) return 0n;
  let rest = divide(one, subtract(one, divide(fromInteger(issued), fromInteger(rules.cap))));
  let halvings = 0n;
  while (rest >= 2n * one) {
    halvings += 1n;
    rest = (rest >> 1n) + (rest & 1n);
  }
  return I96F32.toUnits(multiply(divide(one, fromInteger(1n << halvings)), fromInteger(rules.blockReward)));
}

test("the exact rule is the chain's logarithm at every issuance, thresholds above all", () => {
  const anywhere = fc.bigInt({ min: 0n, max: rules.cap + 1000n });
  const nearThreshold = fc
    .tuple(fc.bigInt({ min: 1n, max: 54n }), fc.bigInt({ min: -3n, max: 3n }))
    .map(([halving, offset]) => rules.cap - (rules.cap >> halving) + offset);
  const almostAll = fc.bigInt({ min: 0n, max: 10n ** 9n }).map((left) => rules.cap - left);
  fc.assert(
    fc.property(fc.oneof(anywhere, nearThreshold, almostAll), (issued) => {
      expect(blockReward(rules, issued)).toBe(rewardByLogarithm(issued));
    }),
    { numRuns: 2000 },
  );
});

test('issuance never passes its cap and a block never mints more than the one before', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: rules.cap }), (issued) => {
      const reward = blockReward(rules, issued);
      expect(issued + reward).toBeLessThanOrEqual(rules.cap);
      expect(blockReward(rules, issued + reward)).toBeLessThanOrEqual(reward);
    }),
  );
});
