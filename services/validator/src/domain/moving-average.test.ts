import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withSample } from './moving-average.ts';
import type { Average } from './moving-average.ts';

const samples = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 60 });

function averageOf(values: readonly number[], emaPpm: number): Average {
  let average: Average | undefined;
  for (const value of values) average = withSample(average, value, emaPpm);
  if (average === undefined) throw new Error('no samples');
  return average;
}

test('few samples give the plain mean', () => {
  expect(averageOf([1, 2, 3, 6], 100_000)).toEqual({ value: 3, count: 4 });
});

test('later the newest sample weighs emaPpm', () => {
  const before = averageOf(
    Array.from({ length: 30 }, () => 1),
    100_000,
  );
  expect(withSample(before, 2, 100_000).value).toBeCloseTo(1.1, 12);
});

test('stays between the smallest and the largest sample', () => {
  fc.assert(
    fc.property(samples, fc.integer({ min: 1, max: 1_000_000 }), (values, emaPpm) => {
      const { value, count } = averageOf(values, emaPpm);
      expect(count).toBe(values.length);
      expect(value).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
      expect(value).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
    }),
  );
});

test('a larger newest sample never lowers the average', () => {
  fc.assert(
    fc.property(samples, fc.double({ min: 0, max: 1e3, noNaN: true }), (values, more) => {
      const last = values.at(-1) ?? 0;
      const raised = [...values.slice(0, -1), last + more];
      expect(averageOf(raised, 100_000).value).toBeGreaterThanOrEqual(averageOf(values, 100_000).value - 1e-9);
    }),
  );
});

test('a sample that is no number is a bug', () => {
  expect(() => withSample(undefined, Number.NaN, 1)).toThrow(/cannot be averaged/);
});
