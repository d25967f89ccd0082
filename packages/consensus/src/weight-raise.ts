import type { EpochOutput } from './epoch-types.ts';
import { type Fixed, subtract, U16_MAX, ZERO } from './fixed.ts';
import type { IncentiveProbe } from './incentive-probe.ts';
import { entryOf } from './sparse.ts';
import {
  firstPosition,
  type MovableRow,
  ownAt,
  POSITION_MAX,
  positionOfShare,
  scaleAt,
  shareAt,
} from './weight-row.ts';

/** Kernel runs that the search may take. With 64 validators about 150 are needed; the rest tells more about the others. */
export const RUNS_MAX = 400;
/** One run to see that a search is worth it, and 17 halvings of the line. */
const RUNS_A_SEARCH = 18;

/**
 * What a single validator could do for a miner: it `passes` with so much more; it would `not-pass` with all of its weight;
 * it is `not-cheaper` than the cheapest and was not looked at further; or its weight is `not-counted`: it gave nobody any,
 * or set its weights before the miner registered.
 */
export type RaiseOutcome = 'passes' | 'not-pass' | 'not-cheaper' | 'not-counted';

/** One validator's weight on a miner, and how much more of it would lift the miner over the next better one. */
export interface WeightRaise {
  readonly validatorUid: number;
  readonly stakeShare: Fixed;
  readonly gave: Fixed;
  /** It gives more than the consensus: what it gives on top counts for nothing. */
  readonly clipped: boolean;
  readonly outcome: RaiseOutcome;
  /** How much more of its row it would have to give; zero unless it passes. */
  readonly more: Fixed;
  /** Its u16 weight on the miner now, and the one that passes, with the others times `othersU16`/65535, floored. */
  readonly fromU16: number;
  readonly toU16: number;
  readonly othersU16: number;
}

/** Who is to pass whom, and where to ask. */
export interface RaiseGoal {
  readonly probe: IncentiveProbe;
  readonly output: EpochOutput;
  readonly minerUid: number;
  readonly passUid: number;
}

export interface CheapestRaise {
  readonly cheapest: WeightRaise | undefined;
  readonly raises: readonly WeightRaise[];
  readonly complete: boolean;
}

/** What was found out about the validators so far. */
interface Findings {
  /** Position at which a validator alone passes. */
  readonly passing: Map<number, number>;
  readonly failing: Set<number>;
}

/**
 * The smallest increase of a single validator's weight that lifts the miner over the other, found by running the epoch with
 * it. While a validator's weight on the miner rises and its others stay, the miner's rank never falls and the other's never
 * rises, so that halving finds the very first weight that passes. Where its weight stands at 65535 already the others are
 * scaled down and floored one by one: there it is a weight that passes while one step less does not.
 */
export function cheapestRaise(goal: RaiseGoal): CheapestRaise {
  const voters = votersOf(goal.output);
  const movable = voters.filter((uid) => goal.probe.rows.has(uid));
  const findings: Findings = { passing: new Map(), failing: new Set() };
  let cheapest: number | undefined;
  let complete = true;
  for (const uid of movable) {
    complete = goal.probe.runs + RUNS_A_SEARCH <= RUNS_MAX;
    if (!complete) break;
    if (isCheaper(goal, findings, { uid, than: cheapest })) cheapest = uid;
  }
  for (const uid of movable) {
    if (findings.passing.has(uid) || findings.failing.has(uid)) continue;
    if (goal.probe.runs + RUNS_A_SEARCH > RUNS_MAX) break;
    solve(goal, findings, { uid, high: POSITION_MAX });
  }
  const raises = voters.map((uid) => raiseOf(goal, findings, uid));
  return { cheapest: cheapestOf(raises), raises, complete };
}

/**
 * The least of those that pass, the larger stake where two are equal. Nearly always it is the last that the search took; but a
 * row that is scaled down is floored weight by weight, and one that did not pass at one position may pass a little below it.
 */
function cheapestOf(raises: readonly WeightRaise[]): WeightRaise | undefined {
  return raises
    .filter(({ outcome }) => outcome === 'passes')
    .reduce<WeightRaise | undefined>(
      (least, raise) => (least !== undefined && least.more <= raise.more ? least : raise),
      undefined,
    );
}

/** Largest stake first, as that needs the least as a rule; equal stakes by uid. */
function votersOf({ activeStake }: EpochOutput): number[] {
  return activeStake
    .flatMap((stake, uid) => (stake > ZERO ? [{ stake, uid }] : []))
    .toSorted((left, right) => (left.stake > right.stake ? -1 : left.stake < right.stake ? 1 : 0))
    .map(({ uid }) => uid);
}

/** One run tells whether a validator passes with less than the cheapest so far; only then its own first weight is found. */
function isCheaper(
  goal: RaiseGoal,
  findings: Findings,
  { uid, than }: { readonly uid: number; readonly than: number | undefined },
): boolean {
  if (than === undefined) return solve(goal, findings, { uid, high: POSITION_MAX });
  const row = rowOf(goal, uid);
  const gain = gainAt(rowOf(goal, than), findings.passing.get(than) ?? POSITION_MAX);
  const high = positionOfShare(row, shareAt(row, row.position) + gain) - 1;
  return high > row.position && solve(goal, findings, { uid, high });
}

/** Finds the first passing position up to `high`; false when that does not pass. */
function solve(
  goal: RaiseGoal,
  { passing, failing }: Findings,
  { uid, high }: { readonly uid: number; readonly high: number },
): boolean {
  if (!passesAt(goal, uid, high)) {
    if (high === POSITION_MAX) failing.add(uid);
    return false;
  }
  const low = rowOf(goal, uid).position + 1;
  passing.set(
    uid,
    firstPosition(low, high, (position) => passesAt(goal, uid, position)),
  );
  return true;
}

function passesAt({ probe, minerUid, passUid }: RaiseGoal, uid: number, position: number): boolean {
  const incentives = probe.incentivesAt(new Map([[uid, position]]));
  return (incentives[minerUid] ?? ZERO) > (incentives[passUid] ?? ZERO);
}

function gainAt(row: MovableRow, position: number): Fixed {
  return subtract(shareAt(row, position), shareAt(row, row.position));
}

function rowOf({ probe }: RaiseGoal, uid: number): MovableRow {
  const row = probe.rows.get(uid);
  if (row === undefined) throw new RangeError(`the weights of uid ${uid} cannot be moved`);
  return row;
}

function raiseOf({ probe, output, minerUid }: RaiseGoal, { passing, failing }: Findings, uid: number): WeightRaise {
  const row = probe.rows.get(uid);
  const gave = entryOf(output.weights, uid, minerUid);
  const position = passing.get(uid);
  const fromU16 = row?.position ?? 0;
  const common = {
    validatorUid: uid,
    stakeShare: output.activeStake[uid] ?? ZERO,
    gave,
    clipped: gave > (output.consensus[minerUid] ?? ZERO),
    fromU16,
  };
  if (row === undefined || position === undefined) {
    const outcome = row === undefined ? 'not-counted' : failing.has(uid) ? 'not-pass' : 'not-cheaper';
    return { ...common, outcome, more: ZERO, toU16: fromU16, othersU16: U16_MAX };
  }
  return {
    ...common,
    outcome: 'passes',
    more: gainAt(row, position),
    toU16: ownAt(position),
    othersU16: scaleAt(position),
  };
}
