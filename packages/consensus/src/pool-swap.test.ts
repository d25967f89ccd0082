import { expect, test } from 'vitest';
import { U64F64, UNITS_MAX } from './number-form.ts';
import {
  alphaForTao,
  feeOnTop,
  feeWithin,
  inputToPrice,
  type Pool,
  priceOf,
  remainingShare,
  WEIGHT_MIN,
  WEIGHT_ONE,
} from './pool-balancer.ts';
import { type Order, PRICE_MAX, PRICE_MIN, tradeIn } from './pool-swap.ts';
import { quoteWeightAfter, quoteWeightAt } from './pool-weights.ts';

const HALF = WEIGHT_ONE / 2n;
const pool = (tao: bigint, alpha: bigint, quoteWeight = HALF): Pool => ({ tao, alpha, quoteWeight });
const TEN_TAO = 10_000_000_000n;
const market = pool(1000n * 10n ** 9n, 10_000n * 10n ** 9n);

test('the worked example: ten TAO into a pool of a thousand', () => {
  expect(tradeIn(market, { side: 'buy', amount: TEN_TAO, feeU16: 33 })).toEqual({
    ok: true,
    input: TEN_TAO - 5_035_477n,
    fee: 5_035_477n,
    payout: 98_960_538_161n,
  });
});

test.for<readonly [string, Pool, Order, object]>([
  [
    'more than a thousand reserves',
    pool(1_000_000n, 10n ** 9n),
    { side: 'buy', amount: 1_000_000_001n, feeU16: 0 },
    { code: 'INPUT_TOO_LARGE' },
  ],
  [
    'a thousand reserves, of which the highest price lets in what the power of 64 bits reaches',
    pool(1_000_000n, 10n ** 6n),
    { side: 'buy', amount: 1_000_000_000n, feeU16: 0 },
    { ok: true, input: 17_446_744n, fee: 0n, payout: 945_789n },
  ],
  [
    'a reserve that is too low to pay from',
    pool(10n ** 9n, 999_999n),
    { side: 'buy', amount: 1000n, feeU16: 0 },
    { code: 'RESERVES_TOO_LOW' },
  ],
  [
    'the least reserve that trades',
    pool(10n ** 9n, 1_000_000n),
    { side: 'buy', amount: 10n ** 7n, feeU16: 0 },
    { ok: true, payout: 9900n },
  ],
  [
    'nine hundred reserves, which stay below the highest price',
    pool(1_000_000n, 10n ** 6n),
    { side: 'buy', amount: 900_000_000n, feeU16: 0 },
    { ok: true, payout: 998_890n },
  ],
  [
    'a buy that pays nothing',
    pool(10n ** 11n, 10n ** 6n),
    { side: 'buy', amount: 1000n, feeU16: 0 },
    { code: 'RESERVES_TOO_LOW' },
  ],
  ['an amount that is all fee', pool(10n ** 9n, 10n ** 9n), { side: 'sell', amount: 0n, feeU16: 33 }, { payout: 0n }],
  [
    'a buy at its limit already',
    pool(10n ** 9n, 10n ** 9n),
    { side: 'buy', amount: 1000n, feeU16: 0, limitPrice: U64F64.one },
    { code: 'PRICE_LIMIT_PASSED' },
  ],
  [
    'a sale at its limit already',
    pool(10n ** 9n, 10n ** 9n),
    { side: 'sell', amount: 1000n, feeU16: 0, limitPrice: U64F64.one },
    { code: 'PRICE_LIMIT_PASSED' },
  ],
  [
    'a buy up to four times the price',
    pool(10n ** 9n, 10n ** 9n),
    { side: 'buy', amount: 10n ** 12n, feeU16: 33, limitPrice: 4n * U64F64.one },
    { ok: true, input: 10n ** 9n, fee: 503_801n, payout: 500_000_000n },
  ],
  [
    'a sale down to a quarter of the price',
    pool(10n ** 9n, 10n ** 9n),
    { side: 'sell', amount: 10n ** 12n, feeU16: 33, limitPrice: U64F64.one / 4n },
    { ok: true, input: 10n ** 9n, fee: 503_801n, payout: 500_000_000n },
  ],
  [
    'a buy that would take the last of the token stops at the limit',
    pool(1_000_000n, 1_000_000n, (WEIGHT_ONE * 9n) / 10n),
    { side: 'buy', amount: 900_000_000n, feeU16: 0, limitPrice: U64F64.one },
    { ok: true, input: 245_730n },
  ],
])('%s', ([, state, order, expected]) => {
  expect(tradeIn(state, order)).toMatchObject(expected);
});

test('prices end at a millionth and at a million', () => {
  expect(PRICE_MAX).toBe(1_000_000n << 64n);
  expect(PRICE_MIN).toBe((1n << 64n) / 1_000_000n);
  const dear = tradeIn(pool(10n ** 15n, 10n ** 8n), { side: 'buy', amount: 1000n, feeU16: 0 });
  const cheap = tradeIn(pool(10n ** 8n, 10n ** 15n), { side: 'sell', amount: 1000n, feeU16: 0 });
  expect([dear, cheap]).toMatchObject([{ code: 'PRICE_LIMIT_PASSED' }, { code: 'PRICE_LIMIT_PASSED' }]);
});

test('an empty pool has no price, gives nothing and keeps nothing', () => {
  expect(priceOf(pool(10n, 0n))).toBe(0n);
  expect(remainingShare(pool(0n, 10n), 'buy', 0n)).toBe(0n);
  expect(remainingShare(pool(10n, 10n), 'buy', 0n)).toBe(U64F64.one);
  expect(alphaForTao(pool(10n, 10n), 10n)).toBeUndefined();
  expect(alphaForTao(pool(10n ** 9n, 10n ** 9n, WEIGHT_ONE - WEIGHT_MIN), 10n ** 8n)).toBeUndefined(); // a power of 10^4
});

test('a limit on the wrong side of the price lets nothing in', () => {
  const reserve = 10n ** 9n;
  const from = U64F64.one;
  expect(inputToPrice('buy', { reserve, quoteWeight: HALF, from, to: from / 2n })).toBe(0n);
  expect(inputToPrice('sell', { reserve, quoteWeight: HALF, from, to: from * 2n })).toBe(0n);
  expect(inputToPrice('sell', { reserve, quoteWeight: HALF, from, to: 0n })).toBe(0n);
  expect(inputToPrice('buy', { reserve: UNITS_MAX, quoteWeight: HALF, from: 1n, to: U64F64.max })).toBe(UNITS_MAX);
});

test('a fee within an amount and on top of the rest of it agree', () => {
  expect(feeWithin(65_535n, 33)).toBe(32n); // 33/65535 in 64 bits lies just below itself
  expect(feeWithin(65_536n, 33)).toBe(33n);
  expect(feeOnTop(65_503n, 33)).toBe(33n);
  expect(feeWithin(10n ** 9n, 0)).toBe(0n);
});

test('weights stay within a hundredth', () => {
  expect(quoteWeightAfter(pool(10n ** 9n, 10n ** 9n), { tao: 98n * 10n ** 9n, alpha: 0n })).toBe(
    WEIGHT_ONE - WEIGHT_MIN,
  );
  expect(quoteWeightAfter(pool(10n ** 9n, 10n ** 9n), { tao: 99n * 10n ** 9n, alpha: 0n })).toBeUndefined();
  expect(quoteWeightAfter(pool(10n ** 9n, 10n ** 9n), { tao: 0n, alpha: 99n * 10n ** 9n })).toBeUndefined();
  expect(quoteWeightAfter(pool(0n, 0n), { tao: 5n, alpha: 5n })).toBe(HALF);
  expect(quoteWeightAfter(pool(UNITS_MAX, UNITS_MAX), { tao: UNITS_MAX, alpha: UNITS_MAX })).toBe(HALF);
});

test('a pool is made for a price', () => {
  expect(quoteWeightAt(U64F64.one, { tao: 3n, alpha: 1n })).toBe((WEIGHT_ONE * 3n) / 4n);
  expect(quoteWeightAt(U64F64.one / 2n, { tao: 3n, alpha: 3n })).toBe((WEIGHT_ONE * 3n) / 4n); // half a unit is none
  expect(quoteWeightAt(0n, { tao: 3n, alpha: 1n })).toBeUndefined();
  expect(quoteWeightAt(U64F64.one, { tao: 0n, alpha: 0n })).toBeUndefined();
});
