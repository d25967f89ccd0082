import { payPots, potsThatPay, type Pots } from './emission.ts';
import { mayRate } from './epoch.ts';
import type { EpochInput, EpochOutput } from './epoch-types.ts';
import { type Fixed, shareOf, U16_MAX, ZERO } from './fixed.ts';
import { runKernelEpoch } from './kernel.ts';
import { type Switch, SWITCHES, withoutPart } from './counterfactual.ts';
import type { ScoredMechanism } from './miner-account.ts';
import { entryOf, type Row } from './sparse.ts';
import { movableRow, ownAt, positionOfShare, rowAt, scaleAt, shareAt } from './weight-row.ts';

/** Miners that are tried one at a time: those on whom the validator is furthest from the consensus. */
export const MINERS_TRIED_MAX = 32;

/** What a validator would have without one part of the formula. Parts act on one another: the lines do not add up. */
export interface SwitchedOff {
  readonly part: Switch;
  readonly dividends: Fixed;
  /** Smallest units, of the same pots. */
  readonly rao: bigint;
  /** rao - what was paid: above zero where the part took something. */
  readonly difference: bigint;
}

/** One weight moved to the miner's consensus, the others kept in proportion, and what that would be worth. */
export interface WeightMove {
  readonly minerUid: number;
  readonly gave: Fixed;
  readonly consensus: Fixed;
  /** Its share of the row after the move: the consensus, within the rounding of u16. */
  readonly to: Fixed;
  readonly fromU16: number;
  readonly toU16: number;
  /** What the other weights are multiplied by, of 65535, floored. */
  readonly othersU16: number;
  /** Of the next epoch's dividends, smallest units; below zero where the move would cost. */
  readonly gain: bigint;
}

/** What other weights would bring a validator in the next epoch, if everybody else gives the same again. */
export interface ValidatorLever {
  /** The next epoch's dividends if it gives the same again, smallest units. */
  readonly baseline: bigint;
  /** What it would gain if it gave every miner its consensus. */
  readonly agreeing: { readonly row: Row<number>; readonly gain: bigint };
  /** Tried one at a time, the most worth first. */
  readonly moves: readonly WeightMove[];
  /** On how many miners it differs from the consensus. */
  readonly differing: number;
  readonly runs: number;
}

/** Switches each part of the formula off alone and pays the same pots by what comes out. */
export function switchedOff(uid: number, { input, output, pots }: ScoredMechanism): SwitchedOff[] {
  const paid = payPots(output, pots).dividends[uid] ?? 0n;
  return SWITCHES.map((part) => {
    const changed = runKernelEpoch({ ...input, parameters: withoutPart(input.parameters, part) });
    const rao = dividendsPaid(changed, pots, uid);
    return { part, dividends: changed.dividends[uid] ?? ZERO, rao, difference: rao - paid };
  });
}

/**
 * The epoch after this one if everybody gives the same again, nobody comes or goes and stakes stay: bonds and permits are
 * carried, and who was active still is.
 */
export function nextEpoch(input: EpochInput, output: EpochOutput): EpochInput {
  const { parameters } = input;
  const activityCutoffBlocks = Math.min(parameters.activityCutoffBlocks + parameters.tempo, Number.MAX_SAFE_INTEGER);
  return {
    ...input,
    block: input.block + parameters.tempo,
    lastEpochBlock: input.block,
    parameters: { ...parameters, activityCutoffBlocks },
    neurons: input.neurons.map((neuron, uid) => ({
      ...neuron,
      permit: output.permits[uid] === true,
      bonds: output.bonds[uid] ?? [],
    })),
  };
}

/**
 * Runs the next epoch with one weight after the other moved to its consensus, and once with all of them. Undefined for who
 * will have no permit or no stake that counts, and where nobody has a consensus to agree with.
 */
export function validatorLever(uid: number, { input, output, pots }: ScoredMechanism): ValidatorLever | undefined {
  const next = nextEpoch(input, output);
  const row = next.neurons[uid]?.weights ?? [];
  const consensus = agreeingRow(input, output, uid);
  if (output.permits[uid] !== true || (output.activeStake[uid] ?? ZERO) === ZERO || consensus.length === 0) {
    return undefined;
  }
  let runs = 0;
  const paidWith = (weights: Row<number>): bigint => {
    const neuron = next.neurons[uid];
    if (neuron === undefined) throw new RangeError(`uid ${uid} is not registered`);
    runs += 1;
    const neurons = next.neurons.with(uid, { ...neuron, weights });
    return dividendsPaid(runKernelEpoch({ ...next, neurons }), pots, uid);
  };
  const baseline = paidWith(row);
  const differing = differences(input, output, uid);
  const moves = differing.slice(0, MINERS_TRIED_MAX).map(({ minerUid, gave, target }): WeightMove => {
    const movable = movableRow(row, minerUid, (to) => mayRate(input, uid, to));
    const position = nearestPosition(movable, { gave, target });
    return {
      minerUid,
      gave,
      consensus: target,
      to: shareAt(movable, position),
      fromU16: movable.position,
      toU16: ownAt(position),
      othersU16: scaleAt(position),
      gain: paidWith(rowAt(movable, position)) - baseline,
    };
  });
  return {
    baseline,
    agreeing: { row: consensus, gain: paidWith(consensus) - baseline },
    moves: moves.toSorted((left, right) => (left.gain > right.gain ? -1 : left.gain < right.gain ? 1 : 0)),
    differing: differing.length,
    runs,
  };
}

function dividendsPaid(output: EpochOutput, pots: Pots, uid: number): bigint {
  const { validators, dividendShares } = potsThatPay(output, pots);
  return shareOf(dividendShares[uid] ?? ZERO, validators);
}

interface Difference {
  readonly minerUid: number;
  readonly gave: Fixed;
  readonly target: Fixed;
}

/** Miners that it may rate and on whom it is not at the consensus, the furthest first. */
function differences(input: EpochInput, output: EpochOutput, uid: number): Difference[] {
  return input.neurons
    .flatMap((_, minerUid): Difference[] => {
      const gave = entryOf(output.weights, uid, minerUid);
      const target = output.consensus[minerUid] ?? ZERO;
      return gave === target || !mayRate(input, uid, minerUid) ? [] : [{ minerUid, gave, target }];
    })
    .toSorted((left, right) => (gapOf(left) > gapOf(right) ? -1 : gapOf(left) < gapOf(right) ? 1 : 0));
}

function gapOf({ gave, target }: Difference): Fixed {
  return gave > target ? gave - target : target - gave;
}

/** From below the first position at the consensus; from above the last that is not over it. */
function nearestPosition(
  movable: ReturnType<typeof movableRow>,
  { gave, target }: { readonly gave: Fixed; readonly target: Fixed },
): number {
  if (gave < target) return positionOfShare(movable, target);
  return Math.max(0, positionOfShare(movable, target + 1n) - 1);
}

/** The consensus of every miner that it may rate as a row: the highest at 65535, the others in proportion. */
function agreeingRow(input: EpochInput, output: EpochOutput, uid: number): Row<number> {
  const rated = output.consensus.flatMap((value, minerUid) =>
    value > ZERO && mayRate(input, uid, minerUid) ? [[minerUid, value] as const] : [],
  );
  const highest = rated.reduce((most, [, value]) => (value > most ? value : most), ZERO);
  return rated.map(([minerUid, value]) => [minerUid, Number((value * BigInt(U16_MAX) + highest / 2n) / highest)]);
}
