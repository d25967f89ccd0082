import { I96F32, U64F64, U96F32 } from './number-form.ts';

/**
 * Shares of a block's TAO by moving price (I96F32 in, U64F64 out): price over the sum of prices; all zero when that is zero.
 * Source: opentensor/subtensor coinbase/subnet_emissions.rs, get_shares_price_ema.
 */
export function sharesByPrice(movingPrices: readonly bigint[]): bigint[] {
  return divideBySum(movingPrices.map((price) => U64F64.from(price, I96F32)));
}

/**
 * Shares times what of its miners' pay a subnet did not withhold (U96F32 share, 1 at most), brought back to a sum of one.
 * When nothing is left of any, the shares stay as they were. The chain's rule from June 2026 on, until it was dropped again.
 */
export function withoutWithheld(shares: readonly bigint[], withheld: readonly bigint[]): bigint[] {
  const { from, multiply, one, subtract } = U64F64;
  const weighted = shares.map((share, subnet) => {
    const held = from(withheld[subnet] ?? 0n, U96F32);
    return multiply(share, subtract(one, held < one ? held : one));
  });
  return weighted.every((weight) => weight === 0n) ? [...shares] : divideBySum(weighted);
}

/**
 * Shares of the subnets that take part; the others' go to them in proportion. Unchanged when all take part, all zero when none
 * that has a share does.
 */
export function amongEnabled(shares: readonly bigint[], enabled: readonly boolean[]): bigint[] {
  if (shares.every((_, subnet) => enabled[subnet] === true)) return [...shares];
  return divideBySum(shares.map((share, subnet) => (enabled[subnet] === true ? share : 0n)));
}

/** What a share is of a block's TAO: U96F32 of each, floored only once it is spent. */
export function emissionByShare(shares: readonly bigint[], blockEmission: bigint): bigint[] {
  return shares.map((share) => U96F32.from(U64F64.multiply(U64F64.fromInteger(blockEmission), share), U64F64));
}

function divideBySum(values: readonly bigint[]): bigint[] {
  const total = values.reduce(U64F64.add, 0n);
  return values.map((value) => U64F64.divide(value, total));
}
