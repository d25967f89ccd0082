import { type Fixed, ZERO } from '@subnetes/consensus/fixed';
import { splitByLargestRemainder } from '@subnetes/money/split';

/**
 * The same sum in other proportions, to the last unit (largest remainder; of equal remainders the lower uid gets the unit).
 * Unchanged when every weight is zero: a rule that leaves nobody must not make the emission of a subnet disappear.
 * Source: the largest remainder is Hamilton's method, as in `@subnetes/money/split`.
 */
export function reapportion(shares: readonly Fixed[], weights: readonly bigint[]): readonly Fixed[] {
  if (weights.every((weight) => weight === 0n)) return shares;
  return splitByLargestRemainder(totalOf(shares), weights);
}

export function totalOf(shares: readonly Fixed[]): bigint {
  return shares.reduce((left, right) => left + right, ZERO);
}
