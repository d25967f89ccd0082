import type { EpochInput, EpochOutput } from '@subnetes/consensus/epoch-types';
import { type Fixed, ZERO } from '@subnetes/consensus/fixed';
import type { Matrix } from '@subnetes/consensus/sparse';
import { type Adjustment, adjustmentOf } from './adjustments.ts';
import { completeAssigned, type Judges } from './assigned-weights.ts';
import type { Assignment } from './assignment.ts';
import { boundScores, forfeit } from './bounded-scores.ts';
import type { Countermeasures } from './consensus-policy.ts';
import { findSuspects, type FirewallOutcome, type RowMemory, type Suspect } from './firewall.ts';
import { fromPpm } from './ppm.ts';
import type { NeuronState } from './policy-state.ts';
import { keepOwner, withoutRows, withoutVotes } from './vote.ts';

/** The epoch as its weights came out of the steps before it. */
export interface ShapedVotes {
  readonly input: EpochInput;
  readonly output: EpochOutput;
  /** Of the epoch as it came in. */
  readonly consensus: EpochOutput;
  /** Rows as their validators gave them, after masks and completion, before any score was held. */
  readonly given: Matrix;
  /** The output's, less what held validators forfeit. */
  readonly dividends: readonly Fixed[];
  readonly adjustments: readonly Adjustment[];
  readonly suspects: readonly Suspect[];
  readonly memory: readonly (RowMemory | undefined)[];
}

/**
 * The steps before the epoch. Each sees the epoch as the steps before it left it, masks and stake included, and the epoch is
 * run again when it changed a weight: that is what makes its effect on everybody a figure.
 */
export function shapeVotes(
  {
    epoch,
    registrations,
    assignment,
  }: {
    readonly epoch: EpochInput;
    readonly registrations: readonly (string | null)[];
    readonly assignment?: Assignment;
  },
  context: {
    readonly rules: Countermeasures;
    readonly before: readonly (NeuronState | undefined)[];
    readonly runEpoch: (input: EpochInput) => EpochOutput;
  },
): ShapedVotes {
  const { rules, before, runEpoch } = context;
  let input = epoch;
  const consensus = runEpoch(epoch);
  let output = consensus;
  const adjustments = [adjustmentOf('consensus', output)];
  const rerun = (next: EpochInput): void => {
    if (next !== input) output = keepOwner(runEpoch(next), epoch.ownerUid);
    input = next;
  };

  let found: FirewallOutcome = { suspects: [], memory: [] };
  if (rules.firewall !== undefined) {
    found = findSuspects(input, output, { rules: rules.firewall, memory: before.map((own) => own?.firewall) });
    rerun(abstaining(input, output, { suspects: found.suspects, quorumPpm: rules.firewall.quorumPpm }));
    adjustments.push(adjustmentOf('firewall', output));
  }
  if (rules.assignment !== undefined && assignment !== undefined) {
    rerun(completeAssigned(input, output, judgesOf(assignment, registrations)));
    adjustments.push(adjustmentOf('assignment', output));
  }
  const given = output.weights;
  let { dividends } = output;
  if (rules.boundedScores !== undefined) {
    const { input: held, moved } = boundScores(input, output, rules.boundedScores);
    const unheld = output.dividends;
    rerun(held);
    dividends = forfeit(output.dividends, unheld, moved);
    adjustments.push(adjustmentOf('bounded-scores', { incentive: output.incentive, dividends }));
  }
  return {
    input,
    output,
    consensus,
    given,
    dividends,
    adjustments,
    ...found,
  };
}

/**
 * The epoch without its suspects' weights. They leave the vote while at least a quorum of the stake stays in it; beyond
 * that their stake stays as silence, for a minority must not decide because a majority failed.
 */
function abstaining(
  input: EpochInput,
  { activeStake }: EpochOutput,
  { suspects, quorumPpm }: { readonly suspects: readonly Suspect[]; readonly quorumPpm: number },
): EpochInput {
  if (suspects.length === 0) return input;
  const uids = new Set(suspects.map(({ uid }) => uid));
  const stakeOf = (keep: (uid: number) => boolean): Fixed =>
    activeStake.reduce((sum, share, uid) => (keep(uid) ? sum + share : sum), ZERO);
  const isQuorate = stakeOf((uid) => !uids.has(uid)) >= (stakeOf(() => true) * fromPpm(quorumPpm)) >> 32n;
  return isQuorate ? withoutVotes(input, uids) : withoutRows(input, uids);
}

/** A draw in terms of uids. */
function judgesOf({ judges }: Assignment, registrations: readonly (string | null)[]): Judges {
  const drawn = new Map(Object.entries(judges).map(([miner, ids]) => [miner, new Set(ids)]));
  return (validator, miner) => {
    const chosen = drawn.get(registrations[miner] ?? '');
    return chosen === undefined || chosen.has(registrations[validator] ?? '');
  };
}
