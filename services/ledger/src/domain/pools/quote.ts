import { U64F64 } from '@subnetes/consensus/number-form';
import type { Side } from '@subnetes/consensus/pool-balancer';
import { poolAfter } from '@subnetes/consensus/pool-swap';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { type Curve, LIMIT_MAX, LIMIT_MIN, raoForToken, spotPrice, tradeOn } from './curve.ts';
import type { OpenPool } from './pool.ts';

/** What somebody wants to swap, and how bad it may get. */
export interface SwapTerms {
  readonly side: Side;
  /** What the trader gives, fee included: rao to buy, units of the token to sell. */
  readonly amount: bigint;
  /** The swap brings at least so much, in part or not. */
  readonly minOut?: bigint;
  /** Rao for one whole token. */
  readonly limitPrice?: bigint;
  /** At the limit price the rest is kept instead of the whole being refused. */
  readonly allowPartial: boolean;
}

/** The exact effect of a swap at this moment. */
export interface Quote {
  readonly side: Side;
  /** What is taken of the amount in all, fee included. */
  readonly paid: bigint;
  readonly fee: bigint;
  readonly out: bigint;
  readonly isPartial: boolean;
  /** Rao for one whole token. */
  readonly priceBefore: bigint;
  readonly priceAfter: bigint;
  /** By how much the swap moves the price. */
  readonly impactPpm: number;
  /** What it brings less than the price before would, fee included; rounded up. */
  readonly slippagePpm: number;
  /** The pool afterwards. */
  readonly after: Curve;
}

const PPM = 1_000_000n;

const REFUSALS = {
  INPUT_TOO_LARGE: 'SWAP_TOO_LARGE',
  RESERVES_TOO_LOW: 'POOL_TOO_SHALLOW',
  PRICE_LIMIT_PASSED: 'SLIPPAGE_TOO_HIGH',
} as const;

/** What a swap would do, or why it does nothing. Changes nothing. */
export function quoteSwap({ curve, terms }: OpenPool, swap: SwapTerms): Decision<Quote> {
  const { side, amount, limitPrice } = swap;
  const limit = limitPrice === undefined ? {} : { limitPrice: clamp(limitPrice) };
  const trade = tradeOn(curve, { side, amount, feeU16: terms.feeU16, ...limit });
  if (!trade.ok) return refuse(REFUSALS[trade.code], trade.message);
  const { input, fee, payout: out } = trade;
  const kept = terms.feeTo === 'Pool' ? fee : 0n;
  const after: Curve = { ...poolAfter(curve, side, { input: input + kept, payout: out }), type: curve.type };
  const paid = input + fee;
  const bounded = checkBounds(swap, { paid, out });
  if (!bounded.ok) return bounded;
  const [before, reached] = [spotPrice(curve), spotPrice(after)];
  const moved = reached > before ? reached - before : before - reached;
  return accept({
    side,
    paid,
    fee,
    out,
    isPartial: paid < amount,
    priceBefore: raoForToken(before),
    priceAfter: raoForToken(reached),
    impactPpm: before === 0n ? 0 : Number((moved * PPM) / before),
    slippagePpm: slippageOf(side, { paid, out, price: before }),
    after,
  });
}

function checkBounds(
  { amount, minOut, allowPartial }: SwapTerms,
  { paid, out }: { readonly paid: bigint; readonly out: bigint },
): Decision<undefined> {
  if (paid < amount && !allowPartial) {
    return refuse('SLIPPAGE_TOO_HIGH', `at the limit price the pool takes ${paid} of ${amount}: allow a part, or more`);
  }
  if (minOut !== undefined && out < minOut) {
    return refuse('SLIPPAGE_TOO_HIGH', `the swap would bring ${out}, at least ${minOut} are asked for`);
  }
  return accept(undefined);
}

function clamp(limit: bigint): bigint {
  if (limit < LIMIT_MIN) return LIMIT_MIN;
  return limit > LIMIT_MAX ? LIMIT_MAX : limit;
}

/** 1 − (out / paid) / spot. */
function slippageOf(side: Side, swap: { readonly paid: bigint; readonly out: bigint; readonly price: bigint }): number {
  const { paid, out, price } = swap;
  if (paid === 0n || price === 0n) return 0;
  const got =
    side === 'buy'
      ? (out * price * PPM) / (paid << U64F64.fractionBits)
      : ((out << U64F64.fractionBits) * PPM) / (paid * price);
  return got >= PPM ? 0 : Number(PPM - got);
}
