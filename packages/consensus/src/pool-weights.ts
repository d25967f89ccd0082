import { U64F64 } from './number-form.ts';
import { type Pool, WEIGHT_MIN, WEIGHT_ONE } from './pool-balancer.ts';

const U128_MAX = (1n << 128n) - 1n;
const HALF_WEIGHT = WEIGHT_ONE / 2n;

/**
 * Weight of TAO after the protocol adds liquidity in whatever proportion, so that the price stays: each side's reserve after,
 * times the other's before, times its weight, over both. One half while a reserve is empty. Undefined when a side would weigh
 * less than `WEIGHT_MIN`; nothing is added then. The sums saturate at 128 bits.
 * Source: opentensor/subtensor 14bc6f9f964b, pallets/swap, balancer.rs, update_weights_for_added_liquidity.
 */
export function quoteWeightAfter(
  pool: Pool,
  added: { readonly tao: bigint; readonly alpha: bigint },
): bigint | undefined {
  const base = weigh(WEIGHT_ONE - pool.quoteWeight, pool.tao * (pool.alpha + added.alpha));
  const quote = weigh(pool.quoteWeight, pool.alpha * (pool.tao + added.tao));
  const both = saturate(base + quote);
  return inBounds(both === 0n ? HALF_WEIGHT : weightOf(quote, both));
}

/**
 * Weight of TAO at which a pool of these reserves has a price (U64F64); undefined out of bounds, or when there is nothing to
 * have a price. Source: the same, pallet/impls.rs, maybe_initialize_palswap.
 */
export function quoteWeightAt(
  price: bigint,
  reserves: { readonly tao: bigint; readonly alpha: bigint },
): bigint | undefined {
  const worth = (price * reserves.alpha) >> U64F64.fractionBits;
  const both = saturate(saturate(worth) + reserves.tao);
  return both === 0n ? undefined : inBounds(weightOf(reserves.tao, both));
}

/** Part of a product by a weight, rounded to the nearest, halves up. */
function weigh(weight: bigint, product: bigint): bigint {
  return saturate((saturate(product) * weight + WEIGHT_ONE / 2n) / WEIGHT_ONE);
}

function weightOf(part: bigint, whole: bigint): bigint {
  return part > whole ? WEIGHT_ONE : (WEIGHT_ONE * part) / whole;
}

function inBounds(quoteWeight: bigint): bigint | undefined {
  return quoteWeight >= WEIGHT_MIN && WEIGHT_ONE - quoteWeight >= WEIGHT_MIN ? quoteWeight : undefined;
}

function saturate(value: bigint): bigint {
  return value > U128_MAX ? U128_MAX : value;
}
