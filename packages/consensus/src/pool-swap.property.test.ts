import fc from 'fast-check';
import { expect, test } from 'vitest';
import { amounts, pools, TWENTIETH } from '../test/random-pool.ts';
import { U64F64 } from './number-form.ts';
import { alphaForTao, payoutOf, type Pool, priceOf, type Side } from './pool-balancer.ts';
import { type Order, poolAfter, type Trade, tradeIn } from './pool-swap.ts';
import { quoteWeightAfter, quoteWeightAt } from './pool-weights.ts';

const sides = fc.constantFrom<Side>('buy', 'sell');
const fees = fc.constantFrom(0, 1, 33, 10_000);
const other = (side: Side): Side => (side === 'buy' ? 'sell' : 'buy');

/** The trade, if the pool makes it. */
function traded(pool: Pool, order: Order): Trade | undefined {
  const trade = tradeIn(pool, order);
  return trade.ok ? trade : undefined;
}

test('what is sold back at once never brings in more than was paid', () => {
  fc.assert(
    fc.property(pools, sides, amounts, fees, (pool, side, amount, feeU16) => {
      const there = traded(pool, { side, amount, feeU16 });
      if (there === undefined) return;
      const back = traded(poolAfter(pool, side, there), { side: other(side), amount: there.payout, feeU16 });
      expect(back?.payout ?? 0n).toBeLessThanOrEqual(there.input + there.fee);
    }),
    { numRuns: 500 },
  );
});

/**
 * tao^w · alpha^(1-w) does not fall. The power has 18 digits and rounds the payout up by as much, so a reserve of 21 million
 * tokens may pay 0.022 units above the curve: a thousandth of a unit is the ruler here.
 */
test('the weighted product never falls', () => {
  fc.assert(
    fc.property(pools, sides, amounts, fees, (pool, side, amount, feeU16) => {
      const trade = traded(pool, { side, amount, feeU16 });
      if (trade === undefined) return;
      const after = poolAfter(pool, side, trade);
      const quote = pool.quoteWeight / TWENTIETH;
      const invariant = (tao: bigint, alpha: bigint): bigint => tao ** quote * alpha ** (20n - quote);
      const before = invariant(1000n * pool.tao, 1000n * pool.alpha);
      const slack = side === 'buy' ? { tao: 0n, alpha: 25n } : { tao: 25n, alpha: 0n };
      expect(invariant(1000n * after.tao + slack.tao, 1000n * after.alpha + slack.alpha) >= before).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('a trade moves the price its own way, pays out less than the reserve, and takes a fee that is part of the amount', () => {
  fc.assert(
    fc.property(pools, sides, amounts, fees, (pool, side, amount, feeU16) => {
      const trade = traded(pool, { side, amount, feeU16 });
      if (trade === undefined) return;
      expect(trade.fee).toBeGreaterThanOrEqual(0n);
      expect(trade.input + trade.fee).toBeLessThanOrEqual(amount);
      expect(trade.payout).toBeLessThanOrEqual(side === 'buy' ? pool.alpha : pool.tao);
      const before = priceOf(pool);
      const after = priceOf(poolAfter(pool, side, trade));
      expect(side === 'buy' ? after >= before : after <= before).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('more in never pays less', () => {
  fc.assert(
    fc.property(pools, sides, amounts, amounts, (pool, side, amount, more) => {
      expect(payoutOf(pool, side, amount + more)).toBeGreaterThanOrEqual(payoutOf(pool, side, amount));
    }),
  );
});

test('a trade with a limit stops at it', () => {
  const percents = fc.bigInt({ min: 1n, max: 400n });
  fc.assert(
    fc.property(pools, sides, amounts, percents, (pool, side, amount, percent) => {
      const price = priceOf(pool);
      const limitPrice = side === 'buy' ? (price * (100n + percent)) / 100n : (price * 100n) / (100n + percent);
      const trade = traded(pool, { side, amount, feeU16: 33, limitPrice });
      if (trade === undefined) return;
      expect(trade.input + trade.fee).toBeLessThanOrEqual(amount);
      const reached = priceOf(poolAfter(pool, side, trade));
      // One unit more or less in either reserve is as exact as a trade of whole units can stop.
      const coarse = (pool.tao < pool.alpha ? pool.tao : pool.alpha) / 4n;
      const slack = price / (coarse === 0n ? 1n : coarse) + 1n;
      expect(side === 'buy' ? reached <= limitPrice + slack : reached >= limitPrice - slack).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('the token asked for an amount of TAO buys that amount, to the unit', () => {
  fc.assert(
    fc.property(pools, fc.bigInt({ min: 1n, max: 999n }), (pool, thousandths) => {
      const wanted = (pool.tao * thousandths) / 1000n;
      const alpha = alphaForTao(pool, wanted);
      if (alpha === undefined) return;
      expect(payoutOf(pool, 'sell', alpha)).toBeLessThanOrEqual(wanted + 1n);
      const unit = priceOf(pool) / U64F64.one + 1n;
      expect(payoutOf(pool, 'sell', alpha + 1n)).toBeGreaterThanOrEqual(wanted - unit);
    }),
  );
});

test('liquidity in any proportion leaves the price, or is not added', () => {
  fc.assert(
    fc.property(pools, amounts, amounts, (pool, tao, alpha) => {
      const quoteWeight = quoteWeightAfter(pool, { tao, alpha });
      if (quoteWeight === undefined) return;
      const after = priceOf({ tao: pool.tao + tao, alpha: pool.alpha + alpha, quoteWeight });
      const before = priceOf(pool);
      const distance = after > before ? after - before : before - after;
      // Each side's product of reserves is rounded to a whole number; prices have 64 bits.
      const rounding = (before * 40n) / (pool.tao * pool.alpha) + before / 10n ** 15n + 2n ** 10n;
      expect(distance).toBeLessThanOrEqual(rounding);
    }),
  );
});

test('a pool has the price that its weight was made for', () => {
  fc.assert(
    fc.property(pools, (pool) => {
      const price = priceOf(pool);
      const quoteWeight = quoteWeightAt(price, pool);
      if (quoteWeight === undefined) return;
      const distance = quoteWeight > pool.quoteWeight ? quoteWeight - pool.quoteWeight : pool.quoteWeight - quoteWeight;
      // One part of a reserve of a million is the coarsest there is.
      expect(distance).toBeLessThanOrEqual(10n ** 12n);
    }),
  );
});
