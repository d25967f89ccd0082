/**
 * The chain's other fixed-point forms beside `I32F32` (`fixed.ts`): a bigint that counts 2^-fraction, held within the form's
 * bits. As there, products floor, quotients truncate towards zero, x/0 is 0, and everything saturates instead of wrapping.
 * Which form a formula uses decides its last digits, so each formula says which one it takes and gives.
 * Source: encointer/substrate-fixed v0.6.0.
 */
export interface NumberForm {
  readonly fractionBits: bigint;
  readonly one: bigint;
  readonly min: bigint;
  readonly max: bigint;
  /** A whole number. */
  readonly fromInteger: (value: bigint) => bigint;
  /** The count nearest to a float64, halves to even. For tests and settings, never for money. */
  readonly fromDecimal: (value: number) => bigint;
  /** A count of another form; bits that do not fit behind the point are dropped. */
  readonly from: (value: bigint, form: NumberForm) => bigint;
  readonly add: (left: bigint, right: bigint) => bigint;
  readonly subtract: (left: bigint, right: bigint) => bigint;
  readonly multiply: (left: bigint, right: bigint) => bigint;
  readonly divide: (left: bigint, right: bigint) => bigint;
  /** The whole part, held in 0..2^64 - 1: how every amount leaves a formula. */
  readonly toUnits: (value: bigint) => bigint;
}

/** The largest amount that an account or a pool of the chain holds. */
export const UNITS_MAX = (1n << 64n) - 1n;

function numberForm(bits: { readonly whole: bigint; readonly fraction: bigint; readonly signed: boolean }): NumberForm {
  const fractionBits = bits.fraction;
  const one = 1n << fractionBits;
  const max = (1n << (bits.whole + fractionBits - (bits.signed ? 1n : 0n))) - 1n;
  const min = bits.signed ? -max - 1n : 0n;
  const saturate = (value: bigint): bigint => (value > max ? max : value < min ? min : value);
  return {
    fractionBits,
    one,
    min,
    max,
    fromInteger: (value) => saturate(value << fractionBits),
    fromDecimal: (value) => saturate(nearestCount(value, Number(fractionBits))),
    from: (value, form) => saturate((value << fractionBits) >> form.fractionBits),
    add: (left, right) => saturate(left + right),
    subtract: (left, right) => saturate(left - right),
    multiply: (left, right) => saturate((left * right) >> fractionBits),
    divide: (left, right) => (right === 0n ? 0n : saturate((left << fractionBits) / right)),
    toUnits: (value) => toUnits(value >> fractionBits),
  };
}

/** A whole number held in 0..2^64 - 1. */
export function toUnits(value: bigint): bigint {
  if (value < 0n) return 0n;
  return value > UNITS_MAX ? UNITS_MAX : value;
}

/** The nearest count of 2^-bits to a float64, halves to even. Throws RangeError on what is no number. */
export function nearestCount(value: number, fractionBits: number): bigint {
  if (!Number.isFinite(value)) throw new RangeError(`not a decimal: ${value}`);
  const scaled = value * 2 ** fractionBits; // exact: only the exponent of the float changes
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  return BigInt(floor) + (up ? 1n : 0n);
}

/** Stake shares, prices, pools. */
export const U64F64: NumberForm = numberForm({ whole: 64n, fraction: 64n, signed: false });
/** Emission amounts. */
export const U96F32: NumberForm = numberForm({ whole: 96n, fraction: 32n, signed: false });
/** Stored moving prices and their rate. */
export const I96F32: NumberForm = numberForm({ whole: 96n, fraction: 32n, signed: true });
/** Pools and registration prices until 2026. */
export const U110F18: NumberForm = numberForm({ whole: 110n, fraction: 18n, signed: false });
