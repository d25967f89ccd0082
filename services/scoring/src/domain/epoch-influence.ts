import { runKernelEpoch, runKernelIncentives } from '@subnetes/consensus/kernel';
import { CAPTURE_LIMITS, captureIndexSteps } from '@subnetes/policy/capture-index';
import { influenceSteps, type ValidatorInfluence } from '@subnetes/policy/influence';
import type { Steps } from '@subnetes/policy/steps';
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
 * Of the mechanism with the most emission, on the votes that counted under the policy: for 64 validators and 192 miners some
 * six hundred steps of a quarter of a millisecond. Undefined for a subnet without mechanisms.
 */
export function* epochInfluence(inputs: ScorableInputs, inputsSha256: string): Steps<EpochInfluence | undefined> {
  const [main] = inputs.mechanisms.toSorted((left, right) => right.emissionWeight - left.emissionWeight);
  if (main === undefined) return undefined;
  // Which votes count is decided before an incentive function is asked.
  const machinery = { inputsSha256, run: runKernelEpoch, runFunction: leaveUnchanged };
  const { counted } = runMechanism(inputs, main, machinery);
  const runs = { run: runKernelEpoch, incentivesOf: runKernelIncentives };
  const { validators, concentrationPpm } = yield* influenceSteps(counted, runs);
  const limits = { ...CAPTURE_LIMITS, runsMax: CAPTURE_RUNS_MAX };
  const { coalition } = yield* captureIndexSteps(counted, limits, runs);
  return { validators, concentrationPpm, captureIndexPpm: coalition?.stakePpm ?? NONE_BELOW_HALF_PPM };
}
