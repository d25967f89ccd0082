import type { AssignmentRules } from '@subnetes/policy/assignment';
import type { Policy } from './policy.ts';
import type { Beacon } from './weights-terms.ts';

/** Seconds that a round lies ahead of the seal at least: what clocks and the way to the validators may differ by. */
const AHEAD_SECONDS = 10;

/**
 * How the judges of the interval that begins with a seal are drawn, told with it: who stands to be drawn is in the same
 * entry, and the round that decides among them comes out later, so nobody who could change the one knows the other.
 */
export interface SealedDraw {
  /** First of the beacon that comes out at least ten seconds after the block. */
  readonly round: number;
  readonly beacon: Beacon;
  readonly rules: AssignmentRules;
  readonly kappaU16: number;
}

/** The draw under the policy that begins with a block; undefined where it has none. `timeMs`: of the block, Unix. */
export function sealedDraw({ countermeasures, hyperparameters }: Policy, timeMs: number): SealedDraw | undefined {
  const rules = countermeasures?.assignment;
  const { timelockBeacon: beacon, kappaU16 } = hyperparameters;
  if (rules === undefined || beacon === undefined) return undefined;
  const sinceSeconds = Math.ceil(timeMs / 1000) + AHEAD_SECONDS - beacon.genesisTime;
  // Round 1 comes out at the genesis time, and each a period after the one before.
  const round = Math.max(1, Math.ceil(sinceSeconds / beacon.periodSeconds) + 1);
  return { round, beacon, rules, kappaU16 };
}

/** Why judges cannot be drawn under a policy; the message begins with the field. Undefined when they can, or are not to be. */
export function drawFinding({ countermeasures, hyperparameters }: Policy): string | undefined {
  if (countermeasures?.assignment === undefined) return undefined;
  const { commitReveal, revealPeriodEpochs } = hyperparameters;
  if (commitReveal !== 'Timelock') {
    return `countermeasures.assignment needs hyperparameters.commitReveal Timelock, not ${commitReveal}: its beacon draws the judges`;
  }
  return revealPeriodEpochs <= REVEAL_EPOCHS_MAX
    ? undefined
    : `countermeasures.assignment needs hyperparameters.revealPeriodEpochs of at most ${REVEAL_EPOCHS_MAX}, not ${revealPeriodEpochs}`;
}

/** Rows have to count while their draw is still carried. */
const REVEAL_EPOCHS_MAX = 3;
