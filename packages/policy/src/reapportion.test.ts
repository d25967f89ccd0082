import { expect, test } from 'vitest';
import { reapportion } from './reapportion.ts';

test.for([
  { what: 'in proportion', shares: [50n, 50n], weights: [3n, 1n], result: [75n, 25n] },
  {
    what: 'the last unit to the largest remainder',
    shares: [10n, 0n, 0n],
    weights: [1n, 1n, 1n],
    result: [4n, 3n, 3n],
  },
  { what: 'as it was when nobody is left', shares: [7n, 3n], weights: [0n, 0n], result: [7n, 3n] },
  { what: 'nothing of nothing', shares: [], weights: [], result: [] },
])('a sum is divided anew: $what', ({ shares, weights, result }) => {
  expect(reapportion(shares, weights)).toEqual(result);
});
