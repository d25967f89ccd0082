import { toUnits, U64F64, UNITS_MAX } from './number-form.ts';
import { scaledRatioPower } from './ratio-power.ts';

/**
 * The weighted pool of a subnet (June 2026): it takes in TAO and token out of proportion to the price, and its weights move so
 * that the price does not. Token and TAO have weights that sum to one; the TAO side's is stored, as a count of 10^-18.
 * Prices and powers are U64F64, amounts and reserves whole units (u64).
 * Source: opentensor/subtensor 14bc6f9f964b, pallets/swap, balancer.rs and swap_step.rs.
 */
export interface Pool {
  readonly tao: bigint;
  readonly alpha: bigint;
  /** Weight of TAO in 10^-18, from `WEIGHT_MIN` to `WEIGHT_ONE - WEIGHT_MIN`. */
  readonly quoteWeight: bigint;
}

/** `buy` gives TAO for the token, `sell` the token for TAO. */
export type Side = 'buy' | 'sell';

export const WEIGHT_ONE = 1_000_000_000_000_000_000n;
/** Neither side may weigh less. */
export const WEIGHT_MIN: bigint = WEIGHT_ONE / 100n;
const POWER_BITS = 256;
const LIMIT_POWER_BITS = 1024;
const { divide, fromInteger, multiply, one, subtract } = U64F64;

const baseWeightOf = (pool: Pick<Pool, 'quoteWeight'>): bigint => WEIGHT_ONE - pool.quoteWeight;

/** TAO for one unit of the token: (w_alpha / w_tao)·(tao / alpha); zero for a pool without token. */
export function priceOf(pool: Pool): bigint {
  const weights = divide(fromInteger(baseWeightOf(pool)), fromInteger(pool.quoteWeight));
  return multiply(weights, divide(fromInteger(pool.tao), fromInteger(pool.alpha)));
}

/**
 * What is left of one unit of the output reserve when `input` enters: (reserve / (reserve + input))^(weight in / weight out),
 * 1 at most. Zero where the power does not come out in 64 bits.
 */
export function remainingShare(pool: Pool, side: Side, input: bigint): bigint {
  const reserve = side === 'buy' ? pool.tao : pool.alpha;
  const after = toUnits(reserve + input);
  const power = powerOfReserves(pool, side, { numerator: reserve, denominator: after });
  if (power === undefined) return 0n;
  return power < one ? power : one;
}

/** The weighted power as U64F64; undefined where it has none: an empty reserve, or no u64 of 10^-18. */
function powerOfReserves(
  pool: Pool,
  side: Side,
  ratio: { readonly numerator: bigint; readonly denominator: bigint },
): bigint | undefined {
  const base = baseWeightOf(pool);
  const exponent =
    side === 'buy'
      ? { numerator: pool.quoteWeight, denominator: base }
      : { numerator: base, denominator: pool.quoteWeight };
  const scaled = scaledRatioPower(ratio, exponent, { precisionBits: POWER_BITS, scale: WEIGHT_ONE });
  if (scaled === undefined || scaled < 0n || scaled > UNITS_MAX) return undefined;
  return divide(fromInteger(scaled), fromInteger(WEIGHT_ONE));
}

/** What the pool pays for an input, no fee: output reserve·(1 - remaining share), whole part. */
export function payoutOf(pool: Pool, side: Side, input: bigint): bigint {
  const reserve = side === 'buy' ? pool.alpha : pool.tao;
  return U64F64.toUnits(multiply(fromInteger(reserve), subtract(one, remainingShare(pool, side, input))));
}

/** Token to sell for a wanted amount of TAO, no fee; undefined when the pool cannot give it or the power leaves 64 bits. */
export function alphaForTao(pool: Pool, taoOut: bigint): bigint | undefined {
  if (taoOut >= pool.tao) return undefined;
  const power = powerOfReserves(pool, 'buy', { numerator: pool.tao, denominator: pool.tao - taoOut });
  return power === undefined ? undefined : U64F64.toUnits(multiply(fromInteger(pool.alpha), subtract(power, one)));
}

/**
 * The most that enters before the price after the trade reaches `to`, no fee: buying tao·((to/from)^w_alpha - 1), selling
 * alpha·((from/to)^w_tao - 1). Zero when the limit lies on the wrong side of the price, or is zero; at most
 * 17.4 reserves, as the power is held in 64 bits of 10^-18.
 */
export function inputToPrice(
  side: Side,
  trade: { readonly reserve: bigint; readonly quoteWeight: bigint; readonly from: bigint; readonly to: bigint },
): bigint {
  const ratio =
    side === 'buy'
      ? { numerator: trade.to, denominator: trade.from }
      : { numerator: trade.from, denominator: trade.to };
  const weight = side === 'buy' ? baseWeightOf(trade) : trade.quoteWeight;
  const scaled = scaledRatioPower(
    ratio,
    { numerator: weight, denominator: WEIGHT_ONE },
    { precisionBits: LIMIT_POWER_BITS, scale: WEIGHT_ONE },
  );
  if (scaled === undefined) return 0n;
  const growth = subtract(divide(fromInteger(toUnits(scaled)), fromInteger(WEIGHT_ONE)), one);
  return U64F64.toUnits(multiply(fromInteger(trade.reserve), growth));
}

/** The fee that an amount contains (rate of 65535, 33 by default): floor(amount·rate/65535). */
export function feeWithin(amount: bigint, rateU16: number): bigint {
  const rate = divide(fromInteger(BigInt(rateU16)), fromInteger(65_535n));
  return U64F64.toUnits(multiply(fromInteger(amount), rate));
}

/** The fee that comes on top of an input that a price limit cut: floor(input·rate/(65535 - rate)). */
export function feeOnTop(input: bigint, rateU16: number): bigint {
  const rate = divide(fromInteger(BigInt(rateU16)), fromInteger(BigInt(65_535 - rateU16)));
  return U64F64.toUnits(multiply(fromInteger(input), rate));
}
