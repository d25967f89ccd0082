import { toUnits, U64F64 } from './number-form.ts';
import { feeOnTop, feeWithin, inputToPrice, payoutOf, type Pool, priceOf, type Side } from './pool-balancer.ts';

/** What somebody wants to trade in a weighted pool. */
export interface Order {
  readonly side: Side;
  /** What the trader gives, fee included. */
  readonly amount: bigint;
  /** Of 65535; 33 by default, 0 for what the protocol trades itself. */
  readonly feeU16: number;
  /** Price after the trade (U64F64) that it may not pass; by default as far as prices go. */
  readonly limitPrice?: bigint;
}

/** What a trade moves. `input + fee` is taken from the trader, who keeps the rest of the amount. */
export interface Trade {
  readonly ok: true;
  readonly input: bigint;
  readonly fee: bigint;
  readonly payout: bigint;
}

export interface TradeRefusal {
  readonly ok: false;
  readonly code: 'RESERVES_TOO_LOW' | 'INPUT_TOO_LARGE' | 'PRICE_LIMIT_PASSED';
  readonly message: string;
}

/** Below this an output reserve trades no more. */
export const RESERVE_MIN = 1_000_000n;
/** Between what prices a pool trades at all, U64F64. */
export const PRICE_MIN: bigint = U64F64.divide(U64F64.one, U64F64.fromInteger(1_000_000n));
export const PRICE_MAX: bigint = U64F64.fromInteger(1_000_000n);
/** The most that enters at once, in input reserves. */
export const INPUT_RESERVES_MAX = 1000n;

/**
 * One trade: the fee comes off first, then the pool pays for the rest. If that would take the price past the limit, only what
 * reaches the limit enters and the fee is what belongs on top of it. Changes nothing; `poolAfter` does.
 * Source: opentensor/subtensor 14bc6f9f964b, pallets/swap, impls.rs and swap_step.rs.
 */
export function tradeIn(pool: Pool, order: Order): Trade | TradeRefusal {
  const { side, amount, feeU16 } = order;
  const [reserveIn, reserveOut] = side === 'buy' ? [pool.tao, pool.alpha] : [pool.alpha, pool.tao];
  const fee = feeWithin(amount, feeU16);
  const wanted = amount - fee;
  if (wanted > toUnits(reserveIn * INPUT_RESERVES_MAX)) {
    return refuse('INPUT_TOO_LARGE', `${wanted} is more than ${INPUT_RESERVES_MAX} times the reserve of ${reserveIn}`);
  }
  if (reserveOut < RESERVE_MIN) {
    return refuse('RESERVES_TOO_LOW', `a reserve of ${reserveOut} is below ${RESERVE_MIN}`);
  }
  const price = priceOf(pool);
  const limit = order.limitPrice ?? (side === 'buy' ? PRICE_MAX : PRICE_MIN);
  if (side === 'buy' ? price >= limit : price <= limit) {
    return refuse('PRICE_LIMIT_PASSED', 'the price is at its limit or past it already');
  }
  const payout = payoutOf(pool, side, wanted);
  const reached = priceOf(poolAfter(pool, side, { input: wanted, payout }));
  // A pool without token has a price of zero. The chain lets a trade that takes the last of it pass any limit; here it passes none.
  const within = side === 'buy' ? payout < pool.alpha && reached <= limit : reached >= limit;
  return within ? settle({ input: wanted, fee, payout }) : tradeToLimit(pool, { side, feeU16, limit });
}

function tradeToLimit(
  pool: Pool,
  order: { readonly side: Side; readonly feeU16: number; readonly limit: bigint },
): Trade | TradeRefusal {
  const { side, feeU16, limit } = order;
  const reserve = side === 'buy' ? pool.tao : pool.alpha;
  const input = inputToPrice(side, { reserve, quoteWeight: pool.quoteWeight, from: priceOf(pool), to: limit });
  return settle({ input, fee: feeOnTop(input, feeU16), payout: payoutOf(pool, side, input) });
}

/** Nobody gives something for nothing. */
function settle(trade: Omit<Trade, 'ok'>): Trade | TradeRefusal {
  if (trade.input > 0n && trade.payout === 0n) {
    return refuse('RESERVES_TOO_LOW', `the pool pays nothing for ${trade.input}`);
  }
  return { ok: true, ...trade };
}

/** The pool once a trade is done; fees never enter it. */
export function poolAfter(pool: Pool, side: Side, trade: { readonly input: bigint; readonly payout: bigint }): Pool {
  const { input, payout } = trade;
  return side === 'buy'
    ? { ...pool, tao: toUnits(pool.tao + input), alpha: toUnits(pool.alpha - payout) }
    : { ...pool, tao: toUnits(pool.tao - payout), alpha: toUnits(pool.alpha + input) };
}

function refuse(code: TradeRefusal['code'], message: string): TradeRefusal {
  return { ok: false, code, message };
}
