import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const options = { baseMs: 100, capMs: 1_000 };

test.for([
  { failures: 0, random: 0, expected: 100 },
  { failures: 0, random: 0.99, expected: 100 },
  { failures: 1, random: 0.5, expected: 150 },
  { failures: 3, random: 1, expected: 800 },
  { failures: 10, random: 1, expected: 1_000 },
  { failures: 5_000, random: 0.5, expected: 550 },
])('after $failures failures at $random it waits $expected ms', ({ failures, random, expected }) => {
  expect(backoffMs(failures, options, random)).toBeCloseTo(expected, 6);
});
