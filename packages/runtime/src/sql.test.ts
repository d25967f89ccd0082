import { expect, test } from 'vitest';
import { bigintFromText } from './sql.ts';

test('whole numbers of any width stay exact', () => {
  expect(bigintFromText('9'.repeat(39))).toBe(10n ** 39n - 1n);
  expect(bigintFromText('-7')).toBe(-7n);
});

test('a fraction is refused instead of cut', () => {
  expect(() => bigintFromText('1.5')).toThrow(TypeError);
  expect(() => bigintFromText('NaN')).toThrow(TypeError);
});
