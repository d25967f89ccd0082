import { I96F32, toUnits, U64F64 } from './number-form.ts';

/** How fast a subnet's moving price follows its spot price at a block. */
export interface PricePace {
  /** Weight of the spot price once the subnet is old (I96F32). */
  readonly alpha: bigint;
  readonly block: bigint;
  /** First block with emission, one after the owner's start; null while there was none. */
  readonly firstEmissionBlock: bigint | null;
  /** Age in blocks at which that weight is half reached. */
  readonly halvingBlocks: bigint;
}

/**
 * The next moving price (I96F32) from the last one (I96F32) and the spot price (U64F64): the spot price, 1 at most, weighs
 * alpha·age/(age + halving), so a young subnet's price cannot be talked up at once. Computed in U64F64; a moving price below
 * zero counts as zero. Source: opentensor/subtensor staking/stake_utils.rs, update_moving_price.
 */
export function nextMovingPrice(moving: bigint, spot: bigint, pace: PricePace): bigint {
  const { add, divide, from, fromInteger, multiply, one, subtract } = U64F64;
  const start = toUnits((pace.firstEmissionBlock ?? 0n) - 1n);
  const age = fromInteger(toUnits(pace.block - start));
  const alpha = multiply(from(pace.alpha, I96F32), divide(age, add(age, fromInteger(pace.halvingBlocks))));
  const seen = multiply(alpha, spot < one ? spot : one);
  const kept = multiply(subtract(one, alpha), from(moving, I96F32));
  return I96F32.from(add(seen, kept), U64F64);
}
