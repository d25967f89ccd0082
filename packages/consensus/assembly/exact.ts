/**
 * The exact operations of the kernel. A share is a raw count of 2^-32 in [0, ONE], held in a u64; nearly every value of an
 * epoch is one, so a product of two fits in 64 bits and no 128-bit arithmetic is needed. Each function states the range
 * that makes it exact; `src/fixed.ts` is what they are compared with.
 */
export const ONE: u64 = 1 << 32;
const HALF: i64 = 1 << 31;
const LOW: u64 = 0xffff_ffff;
const MAGNITUDE_MAX: u64 = i64.MAX_VALUE;
/** exp(1) as the chain has it. */
const E_23_BITS: u64 = 0x15bf0a8 << 9;
const EXPONENT_MAX: i64 = 20 << 32;

/** floor(a * b). Both are shares: only ONE * ONE needs 65 bits, wraps to zero and gets its bit from the mask. */
export function product(a: u64, b: u64): u64 {
  return ((a * b) >> 32) | (a & b & ONE);
}

/** The product of many numbers with one share, without the mask: (factor * b) >> shift, with ONE as a factor of 1. */
export function factorOf(share: u64): u64 {
  return share == ONE ? 1 : share;
}

export function shiftOf(share: u64): u64 {
  return share == ONE ? 0 : 32;
}

/** a / b, floored. `a` is a share, `a <= b`, `b` is above zero and below 2^63. */
export function quotient(a: u64, b: u64): u64 {
  return a < ONE ? (a << 32) / b : reciprocal(b);
}

/** 2^64 / b, floored, in 64 bits: `b` is above one. */
function reciprocal(b: u64): u64 {
  const most = ~(<u64>0);
  const floor = most / b;
  return floor + u64(most - floor * b + 1 == b);
}

/** v / 65535, floored: 2^32 = 65535 * 65537 + 1. */
export function fromU16(v: u64): u64 {
  return v * 65_537 + u64(v == 65_535);
}

/** floor(a * 65535) of a share: at most 65535. */
export function toU16(a: u64): u64 {
  return (a * 65_535) >> 32;
}

/** floor(a * amount) of a share and a whole amount of up to 64 bits. */
export function portion(a: u64, amount: u64): u64 {
  return a == ONE ? amount : a * (amount >> 32) + ((a * (amount & LOW)) >> 32);
}

/**
 * floor(a * 2^32 / b) for any a and any b above zero; what needs 64 bits or more comes out as 2^63, which callers saturate.
 * The remainder's 96 by 64 bits are one step of long division with 32-bit digits (Knuth, 4.3.1 D).
 */
export function wideQuotient(a: u64, b: u64): u64 {
  const whole = a / b;
  if (whole >= <u64>HALF) return MAGNITUDE_MAX + 1;
  const rest = a - whole * b;
  if (rest < ONE) return (whole << 32) + (rest << 32) / b;
  const shift = clz(b);
  const divisor = b << shift;
  const high = divisor >> 32;
  const low = divisor & LOW;
  let digit = (rest << shift) / high;
  let left = (rest << shift) - digit * high;
  while (digit >= ONE || digit * low > left << 32) {
    digit -= 1;
    left += high;
    if (left >= ONE) break;
  }
  return (whole << 32) + digit;
}

function magnitude(value: i64): u64 {
  return value < 0 ? <u64>-value : <u64>value;
}

function signed(value: u64, isNegative: bool): i64 {
  if (value > MAGNITUDE_MAX) return isNegative ? i64.MIN_VALUE : i64.MAX_VALUE;
  return isNegative ? -(<i64>value) : <i64>value;
}

/** The chain's product of any two numbers: floored, saturated. */
export function multiply(left: i64, right: i64): i64 {
  const a = magnitude(left);
  const b = magnitude(right);
  const middle = (a & LOW) * (b >> 32);
  const cross = (a >> 32) * (b & LOW);
  const bottom = (a & LOW) * (b & LOW);
  const carry = (bottom >> 32) + (middle & LOW) + (cross & LOW);
  const top = (a >> 32) * (b >> 32) + (middle >> 32) + (cross >> 32) + (carry >> 32);
  const isNegative = left < 0 != right < 0;
  if (top >= <u64>HALF) return isNegative ? i64.MIN_VALUE : i64.MAX_VALUE;
  const floor = (top << 32) | (carry & LOW);
  return signed(floor + u64(isNegative && (bottom & LOW) != 0), isNegative);
}

/** The chain's quotient of any two numbers: truncated, saturated, zero when the divisor is zero. */
export function divide(left: i64, right: i64): i64 {
  if (right == 0) return 0;
  return signed(wideQuotient(magnitude(left), magnitude(right)), left < 0 != right < 0);
}

/** Next Taylor term: floor(floor(term * x) / index). `x` is at most 20, so the term stays below 2^58 and nothing saturates. */
function nextTerm(term: u64, x: u64, index: u64): u64 {
  const whole = x >> 32;
  const part = x & LOW;
  return (term * whole + (term >> 32) * part + (((term & LOW) * part) >> 32)) / index;
}

/** e^x with x held in [-20, 20]: 30 terms after the first two, each floored as the chain does; a zero term ends the rest. */
export function exponential(exponent: i64): i64 {
  const held = min(max(exponent, -EXPONENT_MAX), EXPONENT_MAX);
  if (held == 0) return <i64>ONE;
  if (held == <i64>ONE) return <i64>E_23_BITS;
  const x = magnitude(held);
  const sum = ONE + x + taylorTail(x);
  return <i64>(held < 0 ? reciprocal(sum) : sum);
}

/** Literal divisors, because a division by a constant is a multiplication. */
function taylorTail(x: u64): u64 {
  let term = nextTerm(x, x, 2);
  let sum = term;
  if (term != 0) sum += term = nextTerm(term, x, 3);
  if (term != 0) sum += term = nextTerm(term, x, 4);
  if (term != 0) sum += term = nextTerm(term, x, 5);
  if (term != 0) sum += term = nextTerm(term, x, 6);
  if (term != 0) sum += term = nextTerm(term, x, 7);
  if (term != 0) sum += term = nextTerm(term, x, 8);
  if (term != 0) sum += term = nextTerm(term, x, 9);
  if (term != 0) sum += term = nextTerm(term, x, 10);
  if (term != 0) sum += term = nextTerm(term, x, 11);
  if (term != 0) sum += term = nextTerm(term, x, 12);
  if (term != 0) sum += term = nextTerm(term, x, 13);
  if (term != 0) sum += term = nextTerm(term, x, 14);
  if (term != 0) sum += term = nextTerm(term, x, 15);
  if (term != 0) sum += term = nextTerm(term, x, 16);
  if (term != 0) sum += term = nextTerm(term, x, 17);
  if (term != 0) sum += term = nextTerm(term, x, 18);
  if (term != 0) sum += term = nextTerm(term, x, 19);
  if (term != 0) sum += term = nextTerm(term, x, 20);
  if (term != 0) sum += term = nextTerm(term, x, 21);
  if (term != 0) sum += term = nextTerm(term, x, 22);
  if (term != 0) sum += term = nextTerm(term, x, 23);
  if (term != 0) sum += term = nextTerm(term, x, 24);
  if (term != 0) sum += term = nextTerm(term, x, 25);
  if (term != 0) sum += term = nextTerm(term, x, 26);
  if (term != 0) sum += term = nextTerm(term, x, 27);
  if (term != 0) sum += term = nextTerm(term, x, 28);
  if (term != 0) sum += term = nextTerm(term, x, 29);
  if (term != 0) sum += term = nextTerm(term, x, 30);
  if (term != 0) sum += term = nextTerm(term, x, 31);
  return sum;
}

/** 1/(1+e^x), a share. */
export function logistic(exponent: i64): u64 {
  return reciprocal(ONE + <u64>exponential(exponent));
}
