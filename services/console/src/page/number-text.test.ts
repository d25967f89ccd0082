import { expect, test } from 'vitest';
import { durationText } from './number-text.ts';

test.each([
  [0, '0 seconds'],
  [59_400, '59 seconds'],
  [60_000, '1.0 minutes'],
  [5_400_000, '1.5 hours'],
  [86_400_000, '1.0 days'],
  [2_592_000_000, '30.0 days'],
])('%d ms is %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
