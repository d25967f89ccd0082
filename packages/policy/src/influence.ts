import type { EpochInput, EpochOutput } from '@subnetes/consensus/epoch-types';
import { runEpoch } from '@subnetes/consensus/epoch';
import { type Fixed, ZERO } from '@subnetes/consensus/fixed';
import { vectorDistance } from './distance.ts';
import { ratioPpm, toPpm } from './ppm.ts';
import { finished, type Steps } from './steps.ts';
import { withoutVotes } from './vote.ts';

/** What one validator's vote did to everybody's incentive. */
export interface ValidatorInfluence {
  readonly uid: number;
  /** Share of active stake, millionths. */
  readonly stakePpm: number;
  /** Sum of absolute differences of all incentives with and without its vote, millionths: 0 to 2 * 10^6. */
  readonly influencePpm: number;
  /** Part of all validators' influence, millionths. */
  readonly partPpm: number;
}

export interface Influence {
  /** Every validator whose stake was active, ascending by uid. */
  readonly validators: readonly ValidatorInfluence[];
  /**
   * Herfindahl index of the parts, millionths: 10^6 / n when n validators have the same influence, 10^6 when one has all of
   * it, 0 when nobody's vote alone changes anything.
   */
  readonly concentrationPpm: number;
}

/** What runs the epoch; the readable implementation where nothing else is given. */
export interface Runs {
  readonly run?: (input: EpochInput) => EpochOutput;
  /** The incentives alone, of which nothing else is asked where somebody's vote is left out. */
  readonly incentivesOf?: IncentivesOf;
}

type IncentivesOf = (input: EpochInput) => readonly Fixed[];

/**
 * Leave one out: the epoch without each validator's vote (its row empty, its stake not counted), against the epoch with it.
 * One run of the epoch a validator. What it cannot see is a coalition whose members are each dispensable: that is what
 * `captureIndex` looks for.
 *
 * Source: leave-one-out influence, Cook, Technometrics 19 (1977); concentration as Hirschman's and Herfindahl's index.
 */
export function* influenceSteps(
  input: EpochInput,
  { run = runEpoch, incentivesOf = (changed) => run(changed).incentive }: Runs = {},
): Steps<Influence> {
  const output = run(input);
  const moved: { readonly uid: number; readonly stake: Fixed; readonly distance: Fixed }[] = [];
  for (const [uid, stake] of output.activeStake.entries()) {
    if (stake === ZERO) continue;
    const incentive = incentivesOf(withoutVotes(input, new Set([uid])));
    moved.push({ uid, stake, distance: 2n * vectorDistance(output.incentive, incentive) });
    yield;
  }
  const total = moved.reduce((sum, { distance }) => sum + distance, ZERO);
  const squares = moved.reduce((sum, { distance }) => sum + distance * distance, 0n);
  return {
    validators: moved.map(({ uid, stake, distance }) => ({
      uid,
      stakePpm: toPpm(stake),
      influencePpm: toPpm(distance),
      partPpm: ratioPpm(distance, total),
    })),
    concentrationPpm: ratioPpm(squares, total * total),
  };
}

export function influence(input: EpochInput, runs?: Runs): Influence {
  return finished(influenceSteps(input, runs));
}

/** The incentives' distance and whether another miner is first, when a coalition has no vote. */
export function withoutCoalition(
  input: EpochInput,
  output: EpochOutput,
  coalition: { readonly uids: ReadonlySet<number>; readonly incentivesOf: IncentivesOf },
): { readonly movedPpm: number; readonly isOtherFirst: boolean } {
  const incentive = coalition.incentivesOf(withoutVotes(input, coalition.uids));
  return {
    movedPpm: toPpm(vectorDistance(output.incentive, incentive)),
    isOtherFirst: firstOf(incentive) !== firstOf(output.incentive),
  };
}

/** The lowest uid of the highest incentive; undefined when nobody has one. */
function firstOf(incentive: readonly Fixed[]): number | undefined {
  let first: number | undefined;
  for (const [uid, share] of incentive.entries()) {
    if (share > (first === undefined ? ZERO : (incentive[first] ?? ZERO))) first = uid;
  }
  return first;
}
