import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mechanismParts, mechanismShares, splitRule } from './mechanism-pots.ts';

const sum = (values: readonly bigint[]): bigint => values.reduce((left, right) => left + right, 0n);
const weights = fc
  .array(fc.integer({ min: 0, max: 65_535 }), { minLength: 1, maxLength: 16 })
  .filter((all) => all.some((weight) => weight > 0));
const pot = fc.bigInt({ min: 0n, max: 21n * 10n ** 15n });

test.for([
  [[1, 1], undefined],
  [[7], undefined],
  [
    [1, 3],
    [16_384, 49_151],
  ],
  [
    [16_383, 49_152],
    [16_383, 49_152],
  ],
  [
    [0, 5],
    [0, 65_535],
  ],
] as const)('weights %j are shares %j', ([emissionWeights, shares]) => {
  expect(mechanismShares(emissionWeights)).toEqual(shares);
});

test('shares sum to 65535, each within one of its part, and the heavier never gets less', () => {
  fc.assert(
    fc.property(weights, (all) => {
      const shares = mechanismShares(all) ?? all.map(() => 65_535 / all.length);
      const total = all.reduce((left, right) => left + right, 0);
      expect(Math.round(shares.reduce((left, right) => left + right, 0))).toBe(65_535);
      for (const [at, share] of shares.entries()) {
        const weight = all[at] ?? 0;
        expect(Math.abs(share - (65_535 * weight) / total)).toBeLessThan(1);
        expect(all.every((other, place) => other >= weight || (shares[place] ?? 0) <= share)).toBe(true);
      }
    }),
  );
});

test('a pot is split whole; all but the first mechanism get the floor of their share, or of an even part', () => {
  fc.assert(
    fc.property(weights, pot, (all, whole) => {
      const { split } = mechanismParts(all, 'U16');
      const parts = split(whole);
      const shares = mechanismShares(all);
      const floors = all.map((_, at) =>
        shares === undefined ? whole / BigInt(all.length) : (whole * BigInt(shares[at] ?? 0)) / 65_535n,
      );
      expect(sum(parts)).toBe(whole);
      expect(parts.slice(1)).toEqual(floors.slice(1));
      const left = (parts[0] ?? 0n) - (floors[0] ?? 0n);
      expect(left >= 0n && left < BigInt(all.length)).toBe(true);
    }),
  );
});

test('one mechanism gets the same by either rule, so its epochs need not name one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 65_535 }), pot, (weight, whole) => {
      expect(mechanismParts([weight], 'U16').split(whole)).toEqual([whole]);
      expect(mechanismParts([weight], undefined).split(whole)).toEqual([whole]);
    }),
  );
  expect(splitRule([{}])).toEqual({});
  expect(splitRule([{}, {}])).toEqual({ mechanismSplit: 'U16' });
});

test('epochs of before keep the largest remainders of their weights', () => {
  expect(mechanismParts([1, 3], undefined).split(10n ** 9n)).toEqual([250_000_000n, 750_000_000n]);
  expect(mechanismParts([1, 3], 'U16').split(10n ** 9n)).toEqual([250_003_815n, 749_996_185n]);
});

test('weights that are all zero are a bug', () => {
  expect(() => mechanismShares([0, 0])).toThrow(RangeError);
  expect(() => mechanismParts([0], 'U16').split(1n)).toThrow(RangeError);
});
