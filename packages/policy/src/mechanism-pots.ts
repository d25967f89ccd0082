import { splitByMechanism } from '@subnetes/consensus/mechanism-split';
import { U16_MAX } from '@subnetes/consensus/fixed';
import { splitByLargestRemainder } from '@subnetes/money/split';

/** By which rule an epoch's pots were split between its mechanisms: `U16` is the chain's. */
export type MechanismSplit = 'U16';

/**
 * What mechanisms pay of and what their shares are averaged by: `weights` stand in the order of the policy's mechanisms.
 */
export interface MechanismParts {
  readonly weights: readonly bigint[];
  readonly split: (pot: bigint) => bigint[];
}

/**
 * Emission weights as the chain keeps them: u16 shares that sum to 65535, by largest remainder. Undefined for mechanisms that
 * weigh the same, which the chain, too, keeps without a list: their parts are even to the unit. A weight below 1/131070 of
 * all may come to a share of 0.
 *
 * Throws RangeError where no weight is above zero: policies are refused then.
 */
export function mechanismShares(emissionWeights: readonly number[]): readonly number[] | undefined {
  if (emissionWeights.every((weight) => weight === emissionWeights[0] && weight > 0)) return undefined;
  return splitByLargestRemainder(BigInt(U16_MAX), emissionWeights.map(BigInt)).map(Number);
}

/**
 * How the pots of an epoch are split between its mechanisms. Epochs that do not name the rule were written before it was the
 * chain's, or have one mechanism: by largest remainder of the weights themselves.
 */
export function mechanismParts(emissionWeights: readonly number[], rule: MechanismSplit | undefined): MechanismParts {
  const weights = emissionWeights.map(BigInt);
  if (rule === undefined) return { weights, split: (pot) => splitByLargestRemainder(pot, weights) };
  const shares = mechanismShares(emissionWeights);
  return {
    weights: shares?.map(BigInt) ?? weights,
    split: (pot) => splitByMechanism(pot, weights.length, shares),
  };
}

/** The rule that an epoch which is scored now names in its inputs: nothing where there is nothing to split. */
export function splitRule(mechanisms: readonly unknown[]): { readonly mechanismSplit?: MechanismSplit } {
  return mechanisms.length > 1 ? { mechanismSplit: 'U16' } : {};
}
