import type { EpochOutput } from '@subnetes/consensus/epoch-types';
import { type Fixed, ZERO } from '@subnetes/consensus/fixed';

/** The steps of a policy in the order in which they act. */
export type PolicyStep =
  | 'consensus'
  | 'firewall'
  | 'assignment'
  | 'bounded-scores'
  | 'quality-floor'
  | 'incentive-curve'
  | 'reputation'
  | 'incentive-function'
  | 'deviation';

/** Shares of everybody after a step, by uid. The first is what the consensus alone would have given. */
export interface Adjustment {
  readonly step: PolicyStep;
  readonly incentive: readonly Fixed[];
  readonly dividends: readonly Fixed[];
}

/** What one step changed for one neuron. */
export interface NeuronChange {
  readonly step: PolicyStep;
  readonly incentive: Fixed;
  readonly dividends: Fixed;
}

export function adjustmentOf(
  step: PolicyStep,
  { incentive, dividends }: Pick<EpochOutput, 'incentive' | 'dividends'>,
): Adjustment {
  return { step, incentive, dividends };
}

/**
 * Why a neuron got what it got, additively: the consensus's own figure first, then what each step added or took. The sum
 * over all is exactly what it got. Steps before the epoch are measured by running it with and without them, in their order.
 */
export function changesOf(uid: number, adjustments: readonly Adjustment[]): NeuronChange[] {
  const at = (list: readonly Fixed[] | undefined): Fixed => list?.[uid] ?? ZERO;
  return adjustments.map(({ step, incentive, dividends }, position) => {
    const before = adjustments[position - 1];
    return {
      step,
      incentive: at(incentive) - at(before?.incentive),
      dividends: at(dividends) - at(before?.dividends),
    };
  });
}
