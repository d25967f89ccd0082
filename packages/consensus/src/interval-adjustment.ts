import { U110F18, UNITS_MAX } from './number-form.ts';

/** What one interval says: registrations that came and that were wanted (u16), and how much the old value weighs. */
export interface IntervalTerms {
  readonly actual: number;
  readonly target: number;
  /** Weight of the old value, of 2^64 - 1. */
  readonly alpha: bigint;
  readonly min: bigint;
  readonly max: bigint;
}

const U16_MAX = 65_535;

/**
 * Price or difficulty of a registration after one interval, the rule until 2026: alpha·x + (1 - alpha)·x·(actual + target) /
 * (2·target), in U110F18, held between the bounds. A target of 0 leaves alpha·x.
 * Source: opentensor/subtensor b1067d49a, coinbase/block_step.rs, upgraded_burn.
 */
export function adjustByInterval(value: bigint, terms: IntervalTerms): bigint {
  const { add, divide, fromInteger, multiply, one, subtract, toUnits } = U110F18;
  const old = fromInteger(value);
  const moved = divide(
    multiply(old, saturatedSum(terms.actual, terms.target)),
    saturatedSum(terms.target, terms.target),
  );
  const alpha = divide(fromInteger(terms.alpha), fromInteger(UNITS_MAX));
  const next = add(multiply(alpha, old), multiply(subtract(one, alpha), moved));
  // In this order: where the bounds cross, the upper one wins.
  if (next >= fromInteger(terms.max)) return terms.max;
  return next <= fromInteger(terms.min) ? terms.min : toUnits(next);
}

/** The chain counts registrations in u16. */
function saturatedSum(left: number, right: number): bigint {
  return U110F18.fromInteger(BigInt(Math.min(U16_MAX, left + right)));
}
