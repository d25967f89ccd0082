import { U96F32, UNITS_MAX } from './number-form.ts';

/** How much TAO on root weighs against a subnet's token (U96F32), from its stored form, of 2^64 - 1. */
export function taoWeightOf(stored: bigint): bigint {
  return U96F32.divide(U96F32.fromInteger(stored), U96F32.fromInteger(UNITS_MAX));
}

/**
 * Root's part in a subnet (U96F32): weighted TAO on root against that and all of the subnet's token, in its pool and outside.
 * Zero when there is neither. Source: opentensor/subtensor coinbase/block_step.rs, root_proportion.
 */
export function rootProportion(root: {
  /** TAO staked on root, in rao. */
  readonly rootTao: bigint;
  /** U96F32. */
  readonly taoWeight: bigint;
  readonly alphaIssuance: bigint;
}): bigint {
  const { add, divide, fromInteger, multiply } = U96F32;
  const weighted = multiply(fromInteger(root.rootTao), root.taoWeight);
  return divide(weighted, add(weighted, fromInteger(root.alphaIssuance)));
}
