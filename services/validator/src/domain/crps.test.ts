import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crpsFromQuantiles, dailyVolatility, logReturn, scaledCrps } from './crps.ts';

/** The energy form of the same score: the mean distance to the outcome less half the spread between the quantiles. */
function energyForm(quantiles: readonly number[], outcome: number): number {
  const q = quantiles.length;
  const distance = quantiles.reduce((sum, x) => sum + Math.abs(x - outcome), 0) / q;
  const spread = quantiles.flatMap((a) => quantiles.map((b) => Math.abs(a - b))).reduce((sum, x) => sum + x, 0);
  return distance - spread / (2 * q * (q + 1));
}

const sorted = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 })
  .map((values) => values.toSorted((a, b) => a - b));
const outcomes = fc.double({ min: -2, max: 2, noNaN: true });

describe('crpsFromQuantiles', () => {
  test('of one quantile is the distance to the outcome', () => {
    expect(crpsFromQuantiles([0.02], 0.05)).toBeCloseTo(0.03, 12);
    expect(crpsFromQuantiles([0.02], -0.01)).toBeCloseTo(0.03, 12);
  });

  test('equals the energy form', () => {
    fc.assert(
      fc.property(sorted, outcomes, (quantiles, outcome) => {
        expect(crpsFromQuantiles(quantiles, outcome)).toBeCloseTo(energyForm(quantiles, outcome), 10);
      }),
    );
  });

  test('is never negative and zero only for a point on the outcome', () => {
    fc.assert(fc.property(sorted, outcomes, (quantiles, outcome) => crpsFromQuantiles(quantiles, outcome) >= 0));
    expect(crpsFromQuantiles([0.5, 0.5, 0.5], 0.5)).toBe(0);
  });

  test('comes close to the closed form for a standard normal', () => {
    const q = 999;
    const quantiles = Array.from({ length: q }, (_, i) => inverseNormal((i + 1) / (q + 1)));
    // At the median: 2 * density(0) - 1 / sqrt(pi).
    expect(crpsFromQuantiles(quantiles, 0)).toBeCloseTo(2 / Math.sqrt(2 * Math.PI) - 1 / Math.sqrt(Math.PI), 2);
  });

  test('refuses an empty forecast', () => {
    expect(() => crpsFromQuantiles([], 0)).toThrow(/at least one/);
  });
});

describe('volatility', () => {
  test('is the root mean square of at most a quarter of returns', () => {
    const prices = Array.from({ length: 200 }, (_, i) => 100 * Math.exp(i % 2 === 0 ? 0 : 0.02));
    expect(dailyVolatility(prices)).toBeCloseTo(0.02, 10);
    expect(dailyVolatility([...Array.from({ length: 5 }, () => 3), ...prices.slice(0, 64)])).toBeCloseTo(0.02, 10);
  });

  test('of a flat or single price is small and not zero', () => {
    expect(dailyVolatility([5])).toBeGreaterThan(0);
    expect(dailyVolatility([5, 5, 5])).toBeGreaterThan(0);
  });

  test('scaling makes the loss independent of the unit of the returns', () => {
    const small = scaledCrps({ quantiles: [-0.01, 0, 0.01], outcome: 0.004, volatility: 0.01, horizonDays: 1 });
    const large = scaledCrps({ quantiles: [-0.05, 0, 0.05], outcome: 0.02, volatility: 0.05, horizonDays: 1 });
    expect(large).toBeCloseTo(small, 12);
  });

  test('refuses prices that are not positive', () => {
    expect(() => logReturn(0, 1)).toThrow(/no log return/);
    expect(() => logReturn(1, undefined)).toThrow(/no log return/);
  });
});

/** Bisection on an error function by series: slow, and independent of the code under test. */
function inverseNormal(level: number): number {
  let low = -9;
  let high = 9;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function normalShare(x: number): number {
  if (x < -8) return 0;
  if (x > 8) return 1;
  let term = x;
  let sum = x;
  for (let i = 3; Math.abs(term) > 1e-17; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + sum * (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI));
}
