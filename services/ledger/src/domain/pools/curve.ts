import { toUnits, U64F64 } from '@subnetes/consensus/number-form';
import {
  feeOnTop,
  feeWithin,
  type Pool,
  priceOf,
  remainingShare,
  type Side,
  WEIGHT_ONE,
} from '@subnetes/consensus/pool-balancer';
import { mostAlphaIn, mostTaoIn, payoutByProduct } from '@subnetes/consensus/pool-product';
import { INPUT_RESERVES_MAX, RESERVE_MIN, type Trade, tradeIn, type TradeRefusal } from '@subnetes/consensus/pool-swap';
import type { CurveType } from './token-terms.ts';

/** Reserves of a pool, in smallest units, and what its price follows. Under `Product` both weights are one half. */
export interface Curve extends Pool {
  readonly type: CurveType;
}

export interface CurveOrder {
  readonly side: Side;
  /** What the trader gives, fee included. */
  readonly amount: bigint;
  /** Of 65535. */
  readonly feeU16: number;
  /**
   * Rao for one whole token: what the price may reach by the trade (Balancer), or what the trade may come to on average
   * (Product). As the chain has it for each of them.
   */
  readonly limitPrice?: bigint;
}

export const HALF_WEIGHT: bigint = WEIGHT_ONE / 2n;
/** Smallest units of one whole token. */
export const TOKEN_UNITS = 1_000_000_000n;
/** Rao for one whole token between which a limit can lie. */
export const LIMIT_MIN = 1000n;
export const LIMIT_MAX: bigint = 10n ** 15n;

/** A remaining share is floored to 10^-18, and that to 2^-64: it is less than this below the true one. */
const SHARE_ERROR = 20n;

const { fromInteger, multiply, one, subtract } = U64F64;

/** Rao for one whole token, whole part. */
export function raoForToken(price: bigint): bigint {
  return (price * TOKEN_UNITS) >> U64F64.fractionBits;
}

/**
 * One trade by the chain's formulas, and never more than the curve itself gives: where their last digit was rounded in
 * favour of the trader it is taken off, so that no sequence of trades takes from a pool. Changes nothing.
 */
export function tradeOn(curve: Curve, order: CurveOrder): Trade | TradeRefusal {
  const trade = curve.type === 'Balancer' ? tradeByWeights(curve, order) : tradeByProduct(curve, order);
  if (!trade.ok) return trade;
  if (trade.input === 0n) return atLimit();
  const payout = withoutRounding(curve, order.side, trade);
  return payout === 0n ? nothing(trade.input) : { ...trade, payout };
}

function tradeByWeights(curve: Curve, { side, amount, feeU16, limitPrice }: CurveOrder): Trade | TradeRefusal {
  const limit =
    limitPrice === undefined ? {} : { limitPrice: U64F64.divide(fromInteger(limitPrice), fromInteger(TOKEN_UNITS)) };
  const trade = tradeIn(curve, { side, amount, feeU16, ...limit });
  // What reaches the limit is rounded on its own, and may come out as more than was offered.
  return trade.ok && trade.input + trade.fee > amount ? tradeIn(curve, { side, amount, feeU16 }) : trade;
}

function tradeByProduct(curve: Curve, { side, amount, feeU16, limitPrice }: CurveOrder): Trade | TradeRefusal {
  const [reserveIn, reserveOut] = reservesOf(curve, side);
  const fee = feeWithin(amount, feeU16);
  const wanted = amount - fee;
  if (wanted > toUnits(reserveIn * INPUT_RESERVES_MAX)) {
    const message = `${wanted} is more than ${INPUT_RESERVES_MAX} times the reserve of ${reserveIn}`;
    return { ok: false, code: 'INPUT_TOO_LARGE', message };
  }
  if (reserveOut < RESERVE_MIN) {
    return { ok: false, code: 'RESERVES_TOO_LOW', message: `a reserve of ${reserveOut} is below ${RESERVE_MIN}` };
  }
  const most = limitPrice === undefined ? wanted : mostIn(curve, side, limitPrice);
  const input = most < wanted ? most : wanted;
  if (input === 0n) return atLimit();
  const payout = payoutByProduct({ reserveIn, reserveOut, amount: input });
  if (input === wanted) return { ok: true, input, fee, payout };
  const onTop = feeOnTop(input, feeU16);
  return { ok: true, input, fee: input + onTop > amount ? amount - input : onTop, payout };
}

/** What may enter a constant product under a limit of the average price. */
export function mostIn({ tao, alpha }: Curve, side: Side, limitPrice: bigint): bigint {
  return side === 'buy' ? mostTaoIn({ tao, alpha, limitPrice }) : mostAlphaIn({ tao, alpha, limitPrice });
}

/** What comes in and what goes out. */
function reservesOf({ tao, alpha }: Pool, side: Side): readonly [reserveIn: bigint, reserveOut: bigint] {
  return side === 'buy' ? [tao, alpha] : [alpha, tao];
}

function withoutRounding(curve: Curve, side: Side, { input, payout }: Trade): bigint {
  const [reserveIn, reserveOut] = reservesOf(curve, side);
  if (curve.quoteWeight === HALF_WEIGHT) {
    const least = reserveIn * reserveOut;
    const after = reserveIn + input;
    return after * (reserveOut - payout) >= least ? payout : reserveOut - (least + after - 1n) / after;
  }
  const left = remainingShare(curve, side, input) + SHARE_ERROR;
  const most = U64F64.toUnits(multiply(fromInteger(reserveOut), subtract(one, left < one ? left : one)));
  return payout < most ? payout : most;
}

function atLimit(): TradeRefusal {
  return { ok: false, code: 'PRICE_LIMIT_PASSED', message: 'the price is at its limit or past it already' };
}

function nothing(input: bigint): TradeRefusal {
  return { ok: false, code: 'RESERVES_TOO_LOW', message: `the pool pays nothing for ${input}` };
}

/** TAO for one unit of the token, U64F64. */
export function spotPrice(curve: Curve): bigint {
  return priceOf(curve);
}
