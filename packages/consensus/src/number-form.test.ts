import { expect, test } from 'vitest';
import { I96F32, nearestCount, U110F18, U64F64, U96F32, UNITS_MAX } from './number-form.ts';

test.for([
  ['U64F64', U64F64, 64n, 0n, (1n << 128n) - 1n],
  ['U96F32', U96F32, 32n, 0n, (1n << 128n) - 1n],
  ['I96F32', I96F32, 32n, -(1n << 127n), (1n << 127n) - 1n],
  ['U110F18', U110F18, 18n, 0n, (1n << 128n) - 1n],
] as const)('%s has the bits of its name', ([, form, fractionBits, min, max]) => {
  expect({ fractionBits: form.fractionBits, one: form.one, min: form.min, max: form.max }).toEqual({
    fractionBits,
    one: 1n << fractionBits,
    min,
    max,
  });
});

test('every operation saturates', () => {
  for (const form of [U64F64, U96F32, I96F32, U110F18]) {
    expect(form.add(form.max, 1n)).toBe(form.max);
    expect(form.subtract(form.min, 1n)).toBe(form.min);
    expect(form.multiply(form.max, form.one * 2n)).toBe(form.max);
    expect(form.divide(form.max, form.one / 2n)).toBe(form.max);
    expect(form.fromInteger(1n << 200n)).toBe(form.max);
    expect(form.fromInteger(-(1n << 200n))).toBe(form.min);
    expect(form.divide(form.one, 0n)).toBe(0n);
  }
  expect(U64F64.subtract(U64F64.one, U64F64.fromInteger(2n))).toBe(0n);
});

test('products floor, quotients truncate, conversions drop bits towards minus infinity', () => {
  expect(I96F32.multiply(-1n, I96F32.one / 2n)).toBe(-1n);
  expect(I96F32.divide(-1n, I96F32.fromInteger(2n))).toBe(0n);
  expect(U96F32.multiply(3n, U96F32.one / 2n)).toBe(1n);
  expect(U96F32.divide(U96F32.one, U96F32.fromInteger(3n))).toBe(0x55555555n);
  expect(I96F32.from(U64F64.one + (1n << 31n), U64F64)).toBe(I96F32.one);
  expect(U110F18.from(-1n, I96F32)).toBe(0n);
  expect(U64F64.from(I96F32.one / 2n, I96F32)).toBe(U64F64.one / 2n);
});

test('amounts leave a formula as whole units of 64 bits', () => {
  expect(U96F32.toUnits(U96F32.fromInteger(7n) + U96F32.one - 1n)).toBe(7n);
  expect(U96F32.toUnits(U96F32.max)).toBe(UNITS_MAX);
  expect(I96F32.toUnits(-1n)).toBe(0n);
});

test.for([
  [0.5, 0, 0n],
  [1.5, 0, 2n],
  [2.5, 0, 2n],
  [-0.5, 0, 0n],
  [-1.5, 0, -2n],
  [0.1, 32, 429_496_730n],
  [0.9, 64, 16_602_069_666_338_596_864n],
] as const)('%d in %d bits is the nearest count, halves to even', ([value, bits, count]) => {
  expect(nearestCount(value, bits)).toBe(count);
});

test('what is no number has no count', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => U64F64.fromDecimal(value)).toThrow(RangeError);
});
