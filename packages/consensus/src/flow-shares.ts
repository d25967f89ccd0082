import { exponentialSeries, type Fixed, FIXED_MAX, logarithm, minimum, multiply, ZERO } from './fixed.ts';
import { U64F64 } from './number-form.ts';

const { divide, fromInteger, one } = U64F64;

/** Largest whole number of I32F32, towards which values are scaled so that a power keeps as many bits as it can. */
const SCALE_MAX = fromInteger((1n << 31n) - 1n);
const SCALE_MIN = divide(SCALE_MAX, fromInteger((1n << 64n) - 1n));
/** How near the square root of the scale has to be. */
const ROOT_TOLERANCE = divide(one, fromInteger(1000n));
const ROOT_ROUNDS_MAX = 129;
/** The smallest count of 2^-32 whose inverse fits in I32F32; what is below has no logarithm. */
const INVERTIBLE_MIN: Fixed = 3n;

/**
 * Shares v^p / Σ v^p of subnets by their flow of TAO, all U64F64, p from 1 to 2. Powers are taken in I32F32, whose logarithm
 * has 23 bits, so shares are good to some thousandths; that is the chain's precision. All zero when all flows are.
 *
 * Where a value is so far below the largest that its power leaves I32F32, its share is zero. The chain answers its largest
 * number there, which would give such a subnet almost everything; it has not called this since June 2026.
 * Source: opentensor/subtensor coinbase/subnet_emissions.rs, inplace_pow_normalize.
 */
export function sharesByPower(flows: readonly bigint[], exponent: bigint): bigint[] {
  const scaled = scaleToOne(flows);
  const largest = maximumOf(scaled);
  const bound = U64F64.multiply(fromInteger(BigInt(flows.length)), U64F64.multiply(largest, largest));
  if (bound < SCALE_MIN) return scaled;
  const factor = squareRoot(divide(SCALE_MAX, bound));
  const powers = scaled.map((flow) => power(U64F64.multiply(factor, flow), exponent));
  const total = powers.reduce(U64F64.add, 0n);
  return powers.map((value) => divide(value, total));
}

function scaleToOne(flows: readonly bigint[]): bigint[] {
  const factor = divide(one, maximumOf(flows));
  return flows.map((flow) => U64F64.multiply(factor, flow));
}

function maximumOf(values: readonly bigint[]): bigint {
  return values.reduce((left, right) => (left > right ? left : right), 0n);
}

/** By bisection, until the root and what it divides the value into are close. */
function squareRoot(value: bigint): bigint {
  let high = value > one ? value : one;
  let low = value > one ? 0n : value;
  let middle = (high + low) / 2n;
  for (let round = 0; round < ROOT_ROUNDS_MAX; round += 1) {
    const other = divide(value, middle);
    const distance = other < middle ? middle - other : other - middle;
    if (distance <= ROOT_TOLERANCE) break;
    if (other < middle) high = middle;
    else low = middle;
    middle = (high + low) / 2n;
  }
  return middle;
}

function power(value: bigint, exponent: bigint): bigint {
  const base = narrow(value);
  if (base < INVERTIBLE_MIN) return 0n;
  const logarithmOfPower = multiply(narrow(exponent), logarithm(base));
  const result = exponentialSeries(logarithmOfPower) ?? (logarithmOfPower < ZERO ? ZERO : FIXED_MAX);
  return result << 32n;
}

function narrow(value: bigint): Fixed {
  return minimum(FIXED_MAX, value >> 32n);
}
