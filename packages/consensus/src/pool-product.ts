import { toUnits, U110F18, UNITS_MAX } from './number-form.ts';

/** Prices travel as whole units for 10^9 units: rao for one whole token. */
const PRICE_UNIT = 1_000_000_000n;

/**
 * What a constant-product pool pays out, without a fee: reserveOut - k/(reserveIn + amount), whole part, in U110F18. The rule
 * of the first subnet pools (2025). As its quotient is cut at 2^-18, the product may fall by (reserveIn + amount)/2^18.
 * Source: opentensor/subtensor v2.0.11, staking/stake_utils.rs, sim_swap_tao_for_alpha.
 */
export function payoutByProduct(pool: {
  readonly reserveIn: bigint;
  readonly reserveOut: bigint;
  readonly amount: bigint;
}): bigint {
  const { add, divide, fromInteger, multiply, subtract } = U110F18;
  const reserveIn = fromInteger(pool.reserveIn);
  const reserveOut = fromInteger(pool.reserveOut);
  const product = multiply(reserveOut, reserveIn);
  return U110F18.toUnits(subtract(reserveOut, divide(product, add(reserveIn, fromInteger(pool.amount)))));
}

/** Reserves of a pool and the price, times 10^9, that a trade may not pass. u64 all. */
export interface LimitedTrade {
  readonly tao: bigint;
  readonly alpha: bigint;
  readonly limitPrice: bigint;
}

/**
 * The most TAO that may be sold into a constant-product pool under a price limit. The limit bounds the average price of the
 * trade there, not the price after it. Zero for an empty pool.
 * Source: opentensor/subtensor v2.0.11, staking/add_stake.rs, get_max_amount_add.
 */
export function mostTaoIn({ tao, alpha, limitPrice }: LimitedTrade): bigint {
  if (tao === 0n || alpha === 0n) return 0n;
  return toUnits((limitPrice * alpha) / PRICE_UNIT - tao);
}

/**
 * The most of the subnet's token that may be sold into a constant-product pool for at least a price. Zero for an empty pool
 * and for a limit at or above the price, everything for a limit of zero.
 * Source: opentensor/subtensor v2.0.11, staking/remove_stake.rs, get_max_amount_remove.
 */
export function mostAlphaIn({ tao, alpha, limitPrice }: LimitedTrade): bigint {
  if (tao === 0n || alpha === 0n) return 0n;
  if (limitPrice === 0n) return UNITS_MAX;
  if (limitPrice >= (tao * PRICE_UNIT) / alpha) return 0n;
  return toUnits((tao * PRICE_UNIT) / limitPrice - alpha);
}
