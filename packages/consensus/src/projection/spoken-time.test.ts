import { expect, test } from 'vitest';
import { spokenTime } from './spoken-time.ts';

test.each([
  [0, 'less than a second'],
  [1000, '1 second'],
  [24_000, '24 seconds'],
  [59_400, '59 seconds'],
  [60_000, '1 minute'],
  [96_000, '1.6 minutes'],
  [1_260_000, '21 minutes'],
  [3_599_600, '1 hour'],
  [5_400_000, '1.5 hours'],
  [86_400_000, '1 day'],
  [2_592_000_000, '30 days'],
])('%d ms is %s', (ms, text) => {
  expect(spokenTime(ms)).toBe(text);
});
