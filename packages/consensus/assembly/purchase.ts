import { ONE } from './exact';

const LOW: u64 = 0xffff_ffff;

/** How far purchases follow the clipped weights, of ONE. */
export let penalty: u64 = 0;

export function setPenalty(share: u64): void {
  penalty = share;
}

/**
 * Weight that buys bonds: raw + penalty * (clipped - raw). The difference is negative and its product floors, so what is
 * taken away here is rounded up; below full penalty the product and that fit in 64 bits.
 */
export function targetOf(weight: u64, ceiling: u64): u64 {
  const clipped = min(weight, ceiling);
  return penalty == ONE ? clipped : weight - ((penalty * (weight - clipped) + LOW) >> 32);
}
