import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SPLIT_PARTS_MAX, splitByLargestRemainder } from './split.ts';

const totals = fc.bigInt({ min: 0n, max: 10n ** 24n });
const weights = fc
  .array(fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 20n }), fc.bigInt({ min: 0n, max: 2n ** 64n })), {
    minLength: 1,
    maxLength: 40,
  })
  .filter((list) => list.some((weight) => weight > 0n));

const sum = (list: readonly bigint[]): bigint => list.reduce((left, right) => left + right, 0n);

test('a split neither creates nor loses a unit', () => {
  fc.assert(
    fc.property(totals, weights, (total, list) => {
      expect(sum(splitByLargestRemainder(total, list))).toBe(total);
    }),
  );
});

test('each part is its exact share rounded down or up', () => {
  fc.assert(
    fc.property(totals, weights, (total, list) => {
      for (const [index, part] of splitByLargestRemainder(total, list).entries()) {
        const floor = (total * list[index]!) / sum(list);
        expect([floor, floor + 1n]).toContain(part);
      }
    }),
  );
});

test('a part without weight gets nothing', () => {
  fc.assert(
    fc.property(totals, weights, (total, list) => {
      const parts = splitByLargestRemainder(total, list);
      expect(parts.every((part, index) => list[index] !== 0n || part === 0n)).toBe(true);
    }),
  );
});

test('a larger weight never gets less', () => {
  fc.assert(
    fc.property(totals, weights, (total, list) => {
      const parts = splitByLargestRemainder(total, list);
      const fair = list.every((weight, i) => list.every((other, j) => weight <= other || parts[i]! >= parts[j]!));
      expect(fair).toBe(true);
    }),
  );
});

test('the scale of the weights does not matter', () => {
  fc.assert(
    fc.property(totals, weights, fc.bigInt({ min: 1n, max: 10n ** 9n }), (total, list, scale) => {
      const scaled = list.map((weight) => weight * scale);
      expect(splitByLargestRemainder(total, scaled)).toEqual(splitByLargestRemainder(total, list));
    }),
  );
});

test.for([
  { total: 10n, weights: [1n, 1n, 1n], parts: [4n, 3n, 3n] },
  { total: 1n, weights: [1n, 1n], parts: [1n, 0n] },
  { total: 2000n, weights: [80n, 18n, 2n], parts: [1600n, 360n, 40n] },
  { total: 5n, weights: [0n, 3n, 0n], parts: [0n, 5n, 0n] },
  { total: 0n, weights: [0n, 0n], parts: [0n, 0n] },
  { total: 0n, weights: [], parts: [] },
])('of equal remainders the first part wins: $total by $weights', ({ total, weights: list, parts }) => {
  expect(splitByLargestRemainder(total, list)).toEqual(parts);
});

test('refuses what has no honest answer', () => {
  expect(() => splitByLargestRemainder(-1n, [1n])).toThrow(RangeError);
  expect(() => splitByLargestRemainder(1n, [-1n, 2n])).toThrow(RangeError);
  expect(() => splitByLargestRemainder(1n, [0n, 0n])).toThrow(RangeError);
  expect(() => splitByLargestRemainder(1n, [])).toThrow(RangeError);
  expect(() =>
    splitByLargestRemainder(
      1n,
      Array.from({ length: SPLIT_PARTS_MAX + 1 }, () => 1n),
    ),
  ).toThrow(RangeError);
});

/** A million take half a minute on a busy machine: set it for a long run. */
const SPLITS = Number(process.env['SPLITS'] ?? 100_000);

test('very many splits neither create nor lose a unit, nor does one unit among 256', () => {
  let state = 1;
  // A step of xorshift: fast, and the same each time.
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  let apart = 0;
  for (let at = 0; at < SPLITS; at += 1) {
    const list = Array.from({ length: 1 + (next() % 4) }, () => BigInt(1 + (next() % 1000)));
    const total = BigInt(next());
    if (sum(splitByLargestRemainder(total, list)) !== total) apart += 1;
  }
  expect(apart).toBe(0);
  const one = splitByLargestRemainder(
    1n,
    Array.from({ length: 256 }, () => 1n),
  );
  expect([one[0], sum(one)]).toEqual([1n, 1n]);
});
