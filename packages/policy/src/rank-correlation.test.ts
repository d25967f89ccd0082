import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rankCorrelationPpm } from './rank-correlation.ts';

test.for<[string, readonly number[], readonly number[], number | undefined]>([
  ['the same order', [1, 2, 3, 4], [10, 20, 30, 31], 1_000_000],
  ['reversed', [1, 2, 3, 4], [9, 8, 7, 1], -1_000_000],
  ['one pair of six out of order', [1, 2, 3, 4], [1, 2, 4, 3], 666_666],
  ['ties are left out', [1, 1, 2, 3], [5, 4, 6, 7], 1_000_000],
  ['too many ties are no order', [1, 1, 1, 3], [5, 4, 6, 7], 1_000_000],
  ['more ties than order', [1, 1, 1, 1, 3], [5, 4, 6, 7, 8], undefined],
  ['nothing to compare', [], [], undefined],
  ['one miner', [1], [1], undefined],
])('%s', ([, left, right, expected]) => {
  expect(rankCorrelationPpm(left, right)).toBe(expected);
});

test('is symmetric, turns its sign with one side, and ignores the scale', () => {
  const pairs = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { minLength: 2, maxLength: 20 });
  fc.assert(
    fc.property(pairs, (list) => {
      const left = list.map(([one]) => one);
      const right = list.map(([, other]) => other);
      const correlation = rankCorrelationPpm(left, right);
      expect(rankCorrelationPpm(right, left)).toBe(correlation);
      const reversed = rankCorrelationPpm(
        left,
        right.map((value) => -value),
      );
      expect(reversed).toBe(correlation === undefined ? undefined : 0 - correlation);
      expect(
        rankCorrelationPpm(
          left.map((value) => BigInt(value) ** 3n),
          right,
        ),
      ).toBe(correlation);
    }),
  );
});
