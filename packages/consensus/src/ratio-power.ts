/** A ratio of two whole numbers, neither negative. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Exponents whose reduced parts are no larger are taken exactly, as a root of a power. */
const EXACT_EXPONENT_MAX = 1024n;
/** Bits that the series carry below the asked precision. */
const GUARD_BITS = 24n;
const SERIES_TERMS_MAX = 4096n;

/**
 * floor(base^exponent * scale), as the chain's pools compute it: exactly for small exponents, else by logarithm and exponential
 * with `precisionBits` bits behind the point and guard bits below, whose series stop once the rounded sum stands still: at the
 * first term that does not reach above the guard bits, since a larger one always moves the sum.
 * Undefined when a denominator is zero; zero for a base of zero.
 * Source: sam0x17/safe-bigmath 013c4998, pow_ratio_scaled.
 */
export function scaledRatioPower(
  base: Ratio,
  exponent: Ratio,
  options: { readonly precisionBits: number; readonly scale: bigint },
): bigint | undefined {
  if (base.denominator === 0n || exponent.denominator === 0n) return undefined;
  if (base.numerator === 0n) return 0n;
  if (exponent.numerator === 0n) return options.scale;
  const divisor = greatestCommonDivisor(exponent.numerator, exponent.denominator);
  const reduced = { numerator: exponent.numerator / divisor, denominator: exponent.denominator / divisor };
  if (reduced.numerator <= EXACT_EXPONENT_MAX && reduced.denominator <= EXACT_EXPONENT_MAX) {
    const target =
      (base.numerator ** reduced.numerator * options.scale ** reduced.denominator) /
      base.denominator ** reduced.numerator;
    return rootFloor(target, Number(reduced.denominator));
  }
  return powerBySeries(base, reduced, options);
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  return right === 0n ? left : greatestCommonDivisor(right, left % right);
}

/** The largest whole number whose power is at most `target`. */
function rootFloor(target: bigint, degree: number): bigint {
  const power = BigInt(degree);
  let low = 0n;
  let high = (1n << BigInt(Math.ceil(bitLength(target) / degree))) - 1n;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** power <= target) low = middle;
    else high = middle - 1n;
  }
  return low;
}

function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - (4 - Number.parseInt(hex.charAt(0), 16).toString(2).length);
}

/** ln 2 by precision in bits: a pool asks for the same two all the time, and it takes as long as a whole logarithm. */
const LN_TWO = new Map<bigint, bigint>();

/** Fixed point with as many bits as a power asks for, and how long its series may get. */
interface Precision {
  readonly bits: bigint;
  readonly one: bigint;
  readonly termsMax: bigint;
}

function powerBySeries(
  base: Ratio,
  exponent: Ratio,
  { precisionBits, scale }: { readonly precisionBits: number; readonly scale: bigint },
): bigint {
  const asked = BigInt(Math.max(precisionBits, 32, bitLength(scale) + 8));
  const bits = asked + GUARD_BITS;
  const termsMax = bits + 128n < SERIES_TERMS_MAX ? bits + 128n : SERIES_TERMS_MAX;
  const precision: Precision = { bits, one: 1n << bits, termsMax };
  const lnTwo = LN_TWO.get(bits) ?? -logarithmNearOne(-(precision.one >> 1n), precision);
  LN_TWO.set(bits, lnTwo);
  const lnBase = logarithmOf(base.numerator, lnTwo, precision) - logarithmOf(base.denominator, lnTwo, precision);
  const lnPower = divideFloor(lnBase * exponent.numerator, exponent.denominator);
  return (roundGuard(exponentialOf(lnPower, precision)) * scale) >> asked;
}

/** ln of a whole number above zero: of its mantissa in [3/4, 3/2), plus as many ln 2 as it was shifted by. */
function logarithmOf(value: bigint, lnTwo: bigint, precision: Precision): bigint {
  let shift = BigInt(bitLength(value) - 1);
  let mantissa = (value << precision.bits) >> shift;
  if (mantissa >= precision.one + (precision.one >> 1n)) {
    mantissa >>= 1n;
    shift += 1n;
  }
  return logarithmNearOne(mantissa - precision.one, precision) + lnTwo * shift;
}

/** ln(1 + x) by its series, every term floored. */
function logarithmNearOne(x: bigint, { bits, termsMax }: Precision): bigint {
  let term = x;
  let sum = x;
  for (let index = 2n; index <= termsMax; index += 1n) {
    term = (term * x) >> bits;
    const next = divideFloor(term, index);
    sum += index % 2n === 0n ? -next : next;
    if (isBelowGuard(next)) break;
  }
  return sum;
}

/** e^x by its series, every term floored. */
function exponentialOf(x: bigint, { bits, one, termsMax }: Precision): bigint {
  let term = one;
  let sum = one;
  for (let index = 1n; index <= termsMax; index += 1n) {
    term = divideFloor((term * x) >> bits, index);
    sum += term;
    if (isBelowGuard(term)) break;
  }
  return sum;
}

function isBelowGuard(term: bigint): boolean {
  const guard = 1n << GUARD_BITS;
  return term < guard && term > -guard;
}

/** Without its guard bits, halves away from zero. */
function roundGuard(value: bigint): bigint {
  const half = 1n << (GUARD_BITS - 1n);
  return value < 0n ? -((-value + half) >> GUARD_BITS) : (value + half) >> GUARD_BITS;
}

function divideFloor(left: bigint, right: bigint): bigint {
  const quotient = left / right;
  return left % right !== 0n && left < 0n !== right < 0n ? quotient - 1n : quotient;
}
