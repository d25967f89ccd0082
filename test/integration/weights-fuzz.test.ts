import { randomInt } from 'node:crypto';
import { A_MILLION, fuzzWeights } from '@subnetes/scoring/test/fuzz-weights';
import { expect, test } from 'vitest';

/** Another million in each run; `SEED=number npm run bench -- fuzz-weights` repeats one that found something. */
test('of a million inputs, most of them wrong, none is judged wrongly', { timeout: 300_000 }, () => {
  const seed = randomInt(2 ** 31);
  const { findings, inputs, accepted, refused } = fuzzWeights(seed, A_MILLION);
  expect(findings, `seed ${seed}`).toEqual([]);
  expect(Object.values(inputs).reduce((sum, count) => sum + count, 0)).toBe(1_000_000);
  // Both sides of every rule are reached, or nothing would have been shown.
  expect(accepted).toBeGreaterThan(100_000);
  expect(Object.keys(refused).length).toBeGreaterThan(30);
});
