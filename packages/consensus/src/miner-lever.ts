import type { EpochInput, EpochOutput } from './epoch-types.ts';
import { nextBetter } from './explain.ts';
import { type Fixed, fromU16Share, HALF, subtract, sum, U16_MAX, ZERO } from './fixed.ts';
import { type IncentiveProbe, openProbe } from './incentive-probe.ts';
import { placeOf } from './miner-account.ts';
import { cheapestRaise, type WeightRaise } from './weight-raise.ts';
import { firstPosition, positionOfShare, shareAt } from './weight-row.ts';

/** What a miner has, or would have. */
export interface Standing {
  readonly incentive: Fixed;
  /** 1 + how many have more. */
  readonly place: number;
}

/** The same increase of its share of the row by every validator of a group. */
export interface CommonRaise extends Standing {
  readonly validatorUids: readonly number[];
  /** Active stake of all of them. */
  readonly stakeShare: Fixed;
  /** How much more each would have to give, in steps of 1/65535 of its row; undefined when all of it would not do. */
  readonly more: Fixed | undefined;
}

/** What lifts a miner over the next better one, and where it would stand then. */
export interface MinerLever {
  readonly passUid: number;
  /** Incentive between the two. */
  readonly distance: Fixed;
  /** One a validator whose stake counts, largest stake first. */
  readonly raises: readonly WeightRaise[];
  /** The cheapest change of a single validator; undefined when none alone would do. */
  readonly cheapest: (WeightRaise & Standing) | undefined;
  /** The group: validators of whose weight at least half counts, and whose weight on this miner does. */
  readonly together: CommonRaise;
  /** False when there were more validators than runs to find the cheapest. */
  readonly complete: boolean;
  /** Runs of the kernel that this took. */
  readonly runs: number;
}

/** Finds the smallest changes of weights that lift a miner over the next better one; undefined for the best. */
export function minerLever(input: EpochInput, output: EpochOutput, minerUid: number): MinerLever | undefined {
  const better = nextBetter(minerUid, output.incentive);
  if (better === undefined) return undefined;
  const probe = openProbe(input, output, minerUid);
  const found = cheapestRaise({ probe, output, minerUid, passUid: better.uid });
  const { cheapest } = found;
  const standing =
    cheapest === undefined
      ? undefined
      : standingAt(probe, minerUid, new Map([[cheapest.validatorUid, positionOf(cheapest)]]));
  const together = commonRaise(probe, output, { minerUid, passUid: better.uid });
  return {
    passUid: better.uid,
    distance: better.distance,
    raises: found.raises,
    cheapest: cheapest === undefined || standing === undefined ? undefined : { ...cheapest, ...standing },
    together,
    complete: found.complete,
    runs: probe.runs,
  };
}

/** The increase of `MinerLever.together` alone, which takes 23 runs at most; undefined for the best miner. */
export function commonLever(
  input: EpochInput,
  output: EpochOutput,
  minerUid: number,
): (CommonRaise & { readonly passUid: number; readonly runs: number }) | undefined {
  const better = nextBetter(minerUid, output.incentive);
  if (better === undefined) return undefined;
  const probe = openProbe(input, output, minerUid);
  const raise = commonRaise(probe, output, { minerUid, passUid: better.uid });
  return { ...raise, passUid: better.uid, runs: probe.runs };
}

function positionOf({ toU16, othersU16 }: WeightRaise): number {
  return toU16 + (U16_MAX - othersU16);
}

function standingAt(probe: IncentiveProbe, minerUid: number, positions: ReadonlyMap<number, number>): Standing {
  const incentives = probe.incentivesAt(positions);
  const incentive = incentives[minerUid] ?? ZERO;
  return { incentive, place: placeOf(incentive, incentives) };
}

function commonRaise(
  probe: IncentiveProbe,
  output: EpochOutput,
  { minerUid, passUid }: { readonly minerUid: number; readonly passUid: number },
): CommonRaise {
  const group = [...probe.rows].filter(([uid]) => (output.validatorTrust[uid] ?? ZERO) >= HALF);
  const positionsFor = (stepsU16: number): ReadonlyMap<number, number> =>
    new Map(
      group.map(([uid, row]) => {
        const target = shareAt(row, row.position) + fromU16Share(stepsU16);
        return [uid, Math.max(row.position, positionOfShare(row, target))] as const;
      }),
    );
  const passes = (stepsU16: number): boolean => {
    const incentives = probe.incentivesAt(positionsFor(stepsU16));
    return (incentives[minerUid] ?? ZERO) > (incentives[passUid] ?? ZERO);
  };
  const steps = fewestSteps(passes);
  return {
    validatorUids: group.map(([uid]) => uid),
    stakeShare: sum(group.map(([uid]) => output.activeStake[uid] ?? ZERO)),
    more: steps === undefined ? undefined : fromU16Share(steps),
    ...standingAt(probe, minerUid, steps === undefined ? new Map() : positionsFor(steps)),
  };
}

/** Most changes that matter are small, so the search begins there; undefined when not even all of every row would do. */
function fewestSteps(passes: (stepsU16: number) => boolean): number | undefined {
  let failed = 0;
  for (let steps = 1; failed < U16_MAX; steps = Math.min(8 * steps, U16_MAX)) {
    if (passes(steps)) return firstPosition(failed + 1, steps, passes);
    failed = steps;
  }
  return undefined;
}

/** How far a miner is ahead of the next worse one by incentive, the nearest; undefined when nobody with incentive is behind. */
export function nextWorse(uid: number, incentive: readonly Fixed[]): { uid: number; distance: Fixed } | undefined {
  const own = incentive[uid] ?? ZERO;
  return incentive
    .map((value, other) => ({ uid: other, value, distance: subtract(own, value) }))
    .filter(({ value, distance }) => value > ZERO && distance > ZERO)
    .toSorted((left, right) => (left.distance < right.distance ? -1 : left.distance > right.distance ? 1 : 0))
    .map(({ uid: other, distance }) => ({ uid: other, distance }))
    .at(0);
}
