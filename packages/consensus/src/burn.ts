import { toUnits, U64F64 } from './number-form.ts';

/** Between what a registration costs, in smallest units. */
export interface BurnBounds {
  readonly min: bigint;
  readonly max: bigint;
}

/** One half and one as counts of 2^-32. */
const HALF_Q32 = 1n << 31n;
const ONE_Q32 = 1n << 32n;

/**
 * What the price of a registration is multiplied by each block so that it halves in `halfLifeBlocks` (u16): a count of 2^-32,
 * the largest whose power, squared and floored step by step, is at most one half. One when the half-life is 0.
 * Source: opentensor/subtensor utils/misc.rs, decay_factor_q32.
 */
export function decayFactorQ32(halfLifeBlocks: number): bigint {
  if (halfLifeBlocks === 0) return ONE_Q32;
  let low = 0n;
  let high = ONE_Q32;
  while (low + 1n < high) {
    const middle = low + ((high - low) >> 1n);
    if (powerQ32(middle, halfLifeBlocks) > HALF_Q32) high = middle;
    else low = middle;
  }
  return low;
}

function powerQ32(base: bigint, exponent: number): bigint {
  let result = ONE_Q32;
  let factor = base;
  for (let left = exponent; left > 0; left >>= 1) {
    if ((left & 1) === 1) result = (result * factor) >> 32n;
    factor = (factor * factor) >> 32n;
  }
  return result;
}

/**
 * The price at the beginning of a block, from the price before. Floors each block, so a longer time is that many steps and no
 * power; nothing decays in block 1. The bounds hold whether it decayed or not.
 */
export function decayBurn(
  burn: bigint,
  decay: { readonly block: number; readonly factorQ32: bigint; readonly bounds: BurnBounds },
): bigint {
  const decayed = decay.block > 1 ? toUnits((burn * decay.factorQ32) >> 32n) : burn;
  return hold(decayed, decay.bounds);
}

/** The price after one registration, at once and compounding within a block: times `increase` (U64F64), which counts as 1 when less. */
export function bumpBurn(burn: bigint, increase: bigint, bounds: BurnBounds): bigint {
  const factor = increase > U64F64.one ? increase : U64F64.one;
  return hold(U64F64.toUnits(U64F64.multiply(U64F64.fromInteger(burn), factor)), bounds);
}

/** The lower bound first, as on the chain: where they cross, the upper one wins. */
function hold(burn: bigint, { min, max }: BurnBounds): bigint {
  const raised = burn < min ? min : burn;
  return raised > max ? max : raised;
}
