import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bumpBurn, type BurnBounds, decayBurn, decayFactorQ32 } from './burn.ts';
import { adjustByInterval } from './interval-adjustment.ts';
import { U64F64, UNITS_MAX } from './number-form.ts';

const units = fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.bigInt({ min: 0n, max: UNITS_MAX }));
const bounds: fc.Arbitrary<BurnBounds> = fc
  .tuple(units, units)
  .map(([one, other]) => (one < other ? { min: one, max: other } : { min: other, max: one }));
const halfLives = fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 65_535 }));
const increases = fc.double({ min: 0, max: 3, noNaN: true }).map(U64F64.fromDecimal);

test('a burn stays within its bounds, decays without ever rising and rises without ever falling', () => {
  fc.assert(
    fc.property(units, bounds, halfLives, increases, (burn, limits, halfLife, increase) => {
      const factorQ32 = decayFactorQ32(halfLife);
      const decayed = decayBurn(burn, { block: 2, factorQ32, bounds: limits });
      const bumped = bumpBurn(burn, increase, limits);
      for (const value of [decayed, bumped]) {
        expect(value).toBeGreaterThanOrEqual(limits.min);
        expect(value).toBeLessThanOrEqual(limits.max);
      }
      expect(burn < limits.min || decayed <= burn).toBe(true);
      expect(burn > limits.max || bumped >= burn).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('a half-life halves: the power of the factor is at most one half, and that of the next one more', () => {
  const power = (factor: bigint, exponent: number): bigint =>
    exponent === 0
      ? 1n << 32n
      : exponent % 2 === 0
        ? power((factor * factor) >> 32n, exponent / 2)
        : (power((factor * factor) >> 32n, (exponent - 1) / 2) * factor) >> 32n;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 65_535 }), (halfLife) => {
      const factor = decayFactorQ32(halfLife);
      expect(power(factor, halfLife)).toBeLessThanOrEqual(1n << 31n);
      expect(decayFactorQ32(halfLife + 1)).toBeGreaterThanOrEqual(factor);
    }),
  );
});

test('nothing decays in block 1, and its bounds hold all the same', () => {
  const decay = { factorQ32: decayFactorQ32(1), bounds: { min: 10n, max: 1000n } };
  expect(decayBurn(500n, { ...decay, block: 1 })).toBe(500n);
  expect(decayBurn(500n, { ...decay, block: 2 })).toBe(250n);
  expect(decayBurn(5000n, { ...decay, block: 1 })).toBe(1000n);
  expect(decayBurn(1n, { ...decay, block: 1 })).toBe(10n);
});

test('the default bump of 1.26 compounds within a block', () => {
  const limits = { min: 500_000n, max: 100n * 10n ** 9n };
  const first = bumpBurn(10n ** 9n, U64F64.fromDecimal(1.26), limits);
  expect(first).toBe(1_260_000_000n);
  expect(bumpBurn(first, U64F64.fromDecimal(1.26), limits)).toBe(1_587_600_000n);
});

test('an adjustment by interval stays within its bounds and moves towards where registrations pull', () => {
  const u16 = fc.integer({ min: 0, max: 65_535 });
  fc.assert(
    fc.property(units, fc.record({ actual: u16, target: u16, alpha: units }), bounds, (value, terms, { min, max }) => {
      const next = adjustByInterval(value, { ...terms, min, max });
      expect(next).toBeGreaterThanOrEqual(min);
      expect(next).toBeLessThanOrEqual(max);
    }),
  );
  const free = { min: 0n, max: UNITS_MAX, alpha: 0n };
  expect(adjustByInterval(1000n, { ...free, actual: 2, target: 2 })).toBe(1000n);
  expect(adjustByInterval(1000n, { ...free, actual: 4, target: 2 })).toBe(1500n);
  expect(adjustByInterval(1000n, { ...free, actual: 0, target: 2 })).toBe(500n);
  expect(adjustByInterval(1000n, { ...free, actual: 1, target: 0 })).toBe(0n);
  expect(adjustByInterval(1000n, { ...free, actual: 4, target: 2, alpha: UNITS_MAX / 2n })).toBe(1250n);
  // u16 counts saturate: 65535 / 65535, not 120000 / 120000.
  expect(adjustByInterval(1000n, { ...free, actual: 0, target: 60_000 })).toBe(915n);
});
