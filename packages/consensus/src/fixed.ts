import { nearestCount } from './number-form.ts';

/**
 * The chain's signed 32.32 fixed point (`I32F32`): a bigint that counts 2^-32, held in 64 bits.
 * Multiplication floors, division truncates towards zero, x/0 is 0, everything saturates instead of wrapping.
 * Every rounding here decides payouts, so nothing in this package goes around these functions.
 */
export type Fixed = bigint;

const FRACTION_BITS = 32n;
export const ZERO: Fixed = 0n;
export const ONE: Fixed = 1n << FRACTION_BITS;
export const HALF: Fixed = ONE / 2n;
/** Largest and smallest value of 64 bits. */
export const FIXED_MAX: Fixed = (1n << 63n) - 1n;
export const FIXED_MIN: Fixed = -(1n << 63n);
/** The largest value of a u16, to which shares are scaled on the wire. */
export const U16_MAX = 65_535;

/** exp(1) as the chain has it: a constant with 23 fractional bits, not the series. */
const E_23_BITS: Fixed = 0x15bf0a8n << 9n;
/** log2(e), likewise with 23 fractional bits. */
const LOG2_E_23_BITS: Fixed = 0xb8aa3bn << 9n;
const EXPONENT_MAX: Fixed = 20n * ONE;
const TWO: Fixed = 2n * ONE;

function saturate(value: bigint): Fixed {
  if (value > FIXED_MAX) return FIXED_MAX;
  return value < FIXED_MIN ? FIXED_MIN : value;
}

/** A whole number, saturated. */
export function fromInteger(value: number | bigint): Fixed {
  return saturate(BigInt(value) << FRACTION_BITS);
}

/** The nearest count of 2^-32 to a float64, halves to even. For tests and for reading decimals, never inside an epoch. */
export function fromDecimal(value: number): Fixed {
  return saturate(nearestCount(value, Number(FRACTION_BITS)));
}

/** For reading only: what the count is as a float64. */
export function toDecimal(value: Fixed): number {
  return Number(value) / 2 ** 32;
}

export function add(left: Fixed, right: Fixed): Fixed {
  return saturate(left + right);
}

export function subtract(left: Fixed, right: Fixed): Fixed {
  return saturate(left - right);
}

/** Product, floored (towards minus infinity). */
export function multiply(left: Fixed, right: Fixed): Fixed {
  return saturate((left * right) >> FRACTION_BITS);
}

/** Quotient, truncated (towards zero); zero when the divisor is zero. */
export function divide(left: Fixed, right: Fixed): Fixed {
  return right === ZERO ? ZERO : saturate((left << FRACTION_BITS) / right);
}

/**
 * a/b of two whole numbers as the chain computes stake shares: in 64 fractional bits first, then floored to 32.
 * Zero when b is zero. Both must not be negative.
 */
export function narrowQuotient(numerator: bigint, denominator: bigint): Fixed {
  return denominator === 0n ? ZERO : saturate(((numerator << 64n) / denominator) >> 32n);
}

/** 1 - ppm/10^6: the weight of the new observation in a moving average whose old value weighs `ppm`. */
export function oneMinusPpm(ppm: number): Fixed {
  return subtract(ONE, narrowQuotient(BigInt(ppm), 1_000_000n));
}

/** v/65535. */
export function fromU16Share(value: number): Fixed {
  return divide(fromInteger(value), fromInteger(U16_MAX));
}

/** floor(x * 65535), held in 0..65535: one half is 32767. */
export function toU16Share(value: Fixed): number {
  const scaled = multiply(value, fromInteger(U16_MAX)) >> FRACTION_BITS;
  if (scaled <= 0n) return 0;
  return scaled > BigInt(U16_MAX) ? U16_MAX : Number(scaled);
}

/** floor(share * amount) for a share that is not negative: what the share of a pot is in whole units. */
export function shareOf(share: Fixed, amount: bigint): bigint {
  return (share * amount) >> FRACTION_BITS;
}

export function minimum(left: Fixed, right: Fixed): Fixed {
  return left < right ? left : right;
}

export function maximum(left: Fixed, right: Fixed): Fixed {
  return left > right ? left : right;
}

export function clamp(value: Fixed, low: Fixed, high: Fixed): Fixed {
  return maximum(low, minimum(high, value));
}

/** Order for sorting upwards: below, at or above zero. */
export function compare(left: Fixed, right: Fixed): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/**
 * e^x with the exponent held in [-20, 20], where the series does not overflow.
 * exp(20) comes out 0.8 % low; the chain lives with it, so do we.
 */
export function exponential(exponent: Fixed): Fixed {
  return exponentialSeries(clamp(exponent, -EXPONENT_MAX, EXPONENT_MAX)) ?? FIXED_MAX;
}

/**
 * e^x by a Taylor sum of 32 terms whose every product floors and every quotient truncates; undefined where a product leaves
 * 64 bits, from 20.8885 on, long before the sum does. Source: substrate-fixed v0.6.0, transcendental exp.
 */
export function exponentialSeries(exponent: Fixed): Fixed | undefined {
  if (exponent === ONE) return E_23_BITS;
  const magnitude = exponent < ZERO ? -exponent : exponent;
  let term = magnitude;
  let sum = ONE + magnitude;
  for (let index = 2n; index < FRACTION_BITS; index += 1n) {
    const product = (term * magnitude) >> FRACTION_BITS;
    if (product > FIXED_MAX) return undefined;
    term = product / index;
    sum += term;
  }
  return exponent < ZERO ? divide(ONE, sum) : sum;
}

/** Natural logarithm by repeated squaring; zero for what has none. Source: substrate-fixed v0.6.0, transcendental ln. */
export function logarithm(value: Fixed): Fixed {
  if (value <= ZERO) return ZERO;
  const log2 = value < ONE ? -log2AboveOne(divide(ONE, value)) : log2AboveOne(value);
  return divide(log2, LOG2_E_23_BITS);
}

function log2AboveOne(value: Fixed): Fixed {
  let rest = value;
  let result = 0n;
  while (rest >= TWO) {
    result += 1n;
    rest = halveUp(rest);
  }
  for (let bit = 0n; bit < FRACTION_BITS; bit += 1n) {
    rest = multiply(rest, rest);
    result <<= 1n;
    if (rest >= TWO) {
      result |= 1n;
      rest = halveUp(rest);
    }
  }
  return result;
}

function halveUp(value: Fixed): Fixed {
  return (value >> 1n) + (value & 1n);
}

/** 1/(1+e^x). */
export function logistic(exponent: Fixed): Fixed {
  return divide(ONE, add(ONE, exponential(exponent)));
}

/** Sum, saturated at each step as the chain's is. */
export function sum(values: readonly Fixed[]): Fixed {
  return values.reduce(add, ZERO);
}
