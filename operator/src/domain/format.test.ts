import { expect, test } from 'vitest';
import { durationMs, durationText } from './duration.ts';
import { columnText, perDayRao, percent, shareText } from './format.ts';

const TAO = 1_000_000_000n;

test('a share of one has three decimals', () => {
  expect([0, 27_000, 65_535].map(shareText)).toEqual(['0.000', '0.412', '1.000']);
});

test('an epoch is projected to a day by tempo and block time', () => {
  expect(columnText(perDayRao(20n * TAO, 20, 1_000), 'TAO')).toBe('86 400 TAO');
  expect(perDayRao(20n * TAO, 0, 1_000)).toBe(0n);
});

test.for([
  [0n, '0 TAO'],
  [1_234_567n, '0.001 TAO'],
  [3_378_000_000n, '3.378 TAO'],
  [14_592_960_000_000n, '14 592 TAO'],
] as const)('%s rao are %s in a column', ([rao, text]) => {
  expect(columnText(rao, 'TAO')).toBe(text);
});

test('a share of nothing is nothing', () => {
  expect([percent(0, 0), percent(170, 240), percent(5, 6)]).toEqual([0, 71, 83]);
});

test.for([
  ['2s', 2_000],
  ['500ms', 500],
  ['1m30s', 90_000],
  ['1h', 3_600_000],
  ['2', undefined],
  ['-1s', undefined],
] as const)('%s is %s milliseconds', ([text, ms]) => {
  expect(durationMs(text)).toBe(ms);
});

test('milliseconds are told as short as they can be', () => {
  expect([durationText(12_000), durationText(1_500)]).toEqual(['12s', '1500ms']);
});
