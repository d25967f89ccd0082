import { expect, test } from 'vitest';
import { readAnswer } from './answer.ts';

const task = { horizonsDays: [1, 5], quantileCount: 3 };
const good = [-0.01, 0, 0.01, -0.02, 0, 0.02];

test('numbers become one row a horizon', () => {
  expect(readAnswer(task, [2, 3], good)).toEqual({ kind: 'forecast', forecast: [good.slice(0, 3), good.slice(3)] });
});

test.for([
  ['a wrong shape', [1, 6], good, 'quantiles has the shape [1,6], not [2,3]'],
  ['too few numbers', [2, 3], good.slice(1), 'quantiles holds 5 numbers, not 6'],
  ['no number', [2, 3], good.with(4, Number.NaN), 'quantiles[4] is NaN'],
  ['a null, as JSON spells NaN', [2, 3], [-0.01, null, 0.01, -0.02, 0, 0.02], 'quantiles[1] is NaN'],
  ['infinity', [2, 3], good.with(5, Number.POSITIVE_INFINITY), 'quantiles[5] is NaN'],
  ['an absurd number', [2, 3], good.with(5, 11), 'quantiles[5] is beyond ±10'],
  ['falling quantiles', [2, 3], good.with(1, -0.02), 'quantiles[1] is below the quantile before it'],
] as const)('%s is refused with its place', ([, shape, values, reason]) => {
  expect(readAnswer(task, shape, values)).toEqual({ kind: 'invalid', reason });
});
