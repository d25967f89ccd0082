import { U96F32 } from './number-form.ts';

/** What goes into a subnet's pool in one block, U96F32. */
export interface Injection {
  readonly tao: bigint;
  readonly alpha: bigint;
  /** TAO that no token may match; it buys the token from the pool instead. */
  readonly excessTao: bigint;
}

/** The most of its token that a block may put into a subnet's pool: root's proportion of the block's emission. All U96F32. */
export function injectionCap(rootProportion: bigint, alphaEmission: bigint): bigint {
  return U96F32.multiply(rootProportion, alphaEmission);
}

/**
 * A subnet's TAO of a block and as much of its token as the price says, up to the cap; above it TAO is cut with it. All U96F32.
 * Nothing of the token at a price of zero. Source: opentensor/subtensor coinbase/run_coinbase.rs, get_subnet_terms.
 */
export function injectionOf(terms: {
  readonly taoEmission: bigint;
  readonly price: bigint;
  readonly alphaCap: bigint;
}): Injection {
  const { divide, multiply, subtract } = U96F32;
  const { taoEmission, price, alphaCap } = terms;
  const wanted = divide(taoEmission, price);
  if (wanted <= alphaCap) return { tao: taoEmission, alpha: wanted, excessTao: 0n };
  const tao = multiply(alphaCap, price);
  return { tao, alpha: alphaCap, excessTao: subtract(taoEmission, tao) };
}
