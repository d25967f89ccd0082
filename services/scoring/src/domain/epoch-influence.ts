import { runKernelEpoch } from '@subnetes/consensus/kernel';
import { CAPTURE_LIMITS, captureIndex } from '@subnetes/policy/capture-index';
import { influence, type ValidatorInfluence } from '@subnetes/policy/influence';
import { runMechanism } from './around-epoch.ts';
import { leaveUnchanged } from './function-calls.ts';
import type { ScorableInputs } from './epoch-inputs.ts';

/** Most runs of the epoch for a capture index; influence takes one a validator that votes, 256 at most. */
export const CAPTURE_RUNS_MAX = 512;

/** Whose votes decided an epoch. Millionths. */
export interface EpochInfluence {
  readonly validators: readonly ValidatorInfluence[];
  readonly concentrationPpm: number;
  /** Half of the stake where no smaller coalition was found. */
  readonly captureIndexPpm: number;
}

const NONE_BELOW_HALF_PPM = 500_000;

/**
 * Of the mechanism with the most emission, on the votes that counted under the policy: about a second for 64 validators and
 * 192 miners, so not on the thread that serves. Undefined for a subnet without mechanisms.
 */
export function epochInfluence(inputs: ScorableInputs, inputsSha256: string): EpochInfluence | undefined {
  const [main] = inputs.mechanisms.toSorted((left, right) => right.emissionWeight - left.emissionWeight);
  if (main === undefined) return undefined;
  // Which votes count is decided before an incentive function is asked.
  const machinery = { inputsSha256, run: runKernelEpoch, runFunction: leaveUnchanged };
  const { counted } = runMechanism(inputs, main, machinery);
  const { validators, concentrationPpm } = influence(counted, runKernelEpoch);
  const { coalition } = captureIndex(counted, { ...CAPTURE_LIMITS, runsMax: CAPTURE_RUNS_MAX }, runKernelEpoch);
  return { validators, concentrationPpm, captureIndexPpm: coalition?.stakePpm ?? NONE_BELOW_HALF_PPM };
}
