import fc from 'fast-check';
import { expect, test } from 'vitest';
import { amounts, reserve } from '../test/random-pool.ts';
import { UNITS_MAX } from './number-form.ts';
import { mostAlphaIn, mostTaoIn, payoutByProduct } from './pool-product.ts';

const CUT = 1n << 18n;

test('the product falls by no more than the form cuts off, and never where the payout is whole', () => {
  fc.assert(
    fc.property(reserve, reserve, amounts, (reserveIn, reserveOut, amount) => {
      const payout = payoutByProduct({ reserveIn, reserveOut, amount });
      const entered = reserveIn + amount;
      const before = reserveIn * reserveOut;
      const after = entered * (reserveOut - payout);
      expect(after * CUT + entered).toBeGreaterThan(before * CUT);
      expect(payout).toBeGreaterThanOrEqual(0n);
      expect(payout).toBeLessThanOrEqual(reserveOut);
    }),
    { numRuns: 500 },
  );
});

test('no round trip gains, in pools whose sides are not more than 2^18 apart', () => {
  fc.assert(
    fc.property(reserve, reserve, amounts, (reserveIn, reserveOut, amount) => {
      fc.pre(reserveIn + amount < reserveOut * CUT);
      const payout = payoutByProduct({ reserveIn, reserveOut, amount });
      const back = payoutByProduct({
        reserveIn: reserveOut - payout,
        reserveOut: reserveIn + amount,
        amount: payout,
      });
      expect(back).toBeLessThanOrEqual(amount);
    }),
    { numRuns: 500 },
  );
});

test('what a limit lets in costs no more on average than the limit', () => {
  const limits = fc.bigInt({ min: 1n, max: 10n ** 15n });
  fc.assert(
    fc.property(reserve, reserve, limits, (tao, alpha, limitPrice) => {
      const taoIn = mostTaoIn({ tao, alpha, limitPrice });
      expect(taoIn === 0n || (tao + taoIn) * 10n ** 9n <= limitPrice * alpha).toBe(true);
      const alphaIn = mostAlphaIn({ tao, alpha, limitPrice });
      expect(alphaIn === 0n || (alpha + alphaIn) * limitPrice <= tao * 10n ** 9n).toBe(true);
      expect(taoIn === 0n || alphaIn === 0n).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('the edges of a limit', () => {
  expect(mostAlphaIn({ tao: 5n, alpha: 5n, limitPrice: 0n })).toBe(UNITS_MAX);
  expect(mostAlphaIn({ tao: 0n, alpha: 5n, limitPrice: 0n })).toBe(0n);
  expect(mostTaoIn({ tao: 5n, alpha: 5n, limitPrice: 0n })).toBe(0n);
  expect(mostTaoIn({ tao: 1n, alpha: UNITS_MAX, limitPrice: UNITS_MAX })).toBe(UNITS_MAX);
  // Below the price only in its fraction: the chain compares whole numbers.
  expect(mostAlphaIn({ tao: 10n, alpha: 3n, limitPrice: 3_333_333_333n })).toBe(0n);
});
