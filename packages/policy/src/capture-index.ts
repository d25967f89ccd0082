import type { EpochInput } from '@subnetes/consensus/epoch-types';
import { runEpoch } from '@subnetes/consensus/epoch';
import { HALF, ZERO } from '@subnetes/consensus/fixed';
import type { Row } from '@subnetes/consensus/sparse';
import { type Runs, withoutCoalition } from './influence.ts';
import { PPM, toPpm } from './ppm.ts';
import { finished, type Steps } from './steps.ts';

/** What counts as capture, and how long to look for it. */
export interface CaptureLimits {
  /** Part of all incentive that has to move, millionths. */
  readonly movedPpm: number;
  /** Most runs of the epoch. */
  readonly runsMax: number;
}

export const CAPTURE_LIMITS: CaptureLimits = { movedPpm: PPM / 10, runsMax: 4096 };

export interface Coalition {
  /** Ascending. */
  readonly uids: readonly number[];
  /** Its share of active stake, millionths: the capture index. */
  readonly stakePpm: number;
  /** Part of all incentive that moves without it. */
  readonly movedPpm: number;
  /** Whether another miner would be first. Told, not decisive: two equal miners change places by noise. */
  readonly isOtherFirst: boolean;
}

export interface CaptureIndex {
  /** The smallest coalition found, null when none below half of the stake was. */
  readonly coalition: Coalition | null;
  /** Whether `runsMax` ended the search: then a smaller coalition may exist among those not tried. */
  readonly isCutShort: boolean;
}

/**
 * How little stake stands between today's payouts and others: the stake of the smallest coalition without whose votes more
 * than `movedPpm` of all incentive would go elsewhere. It is the margin of whoever decides, and cannot say who is right:
 * 60 % of stake that agrees on sham miners shows as 20 %, for without so much it would be even; so does an honest 60 %
 * against a cabal of 40. Where everybody says the same, and where the dissenters are few, no coalition below half of the
 * stake is found. So a small index means that payouts are contested, and the coalition names whose stake they rest on.
 *
 * The smallest such set is a hard problem, so the search is over coalitions of like-minded validators: from each validator
 * its neighbours by distance of rows, nearest first, until their stake reaches the best found so far or half. The result is
 * an upper bound of the true minimum; a coalition hides from it only by scoring unlike each other, which clipping punishes.
 * At most V^2/2 runs of the epoch for V validators.
 *
 * Why not the concentration of `influence`: a majority of equal members shows no influence at all, each being dispensable.
 * Why not the change of the first miner: two miners of equal quality change places by noise. Source: the least that has to
 * fail together, as in Srinivasan & Lee's Nakamoto coefficient (2017), in stake instead of heads, on payouts, not blocks.
 */
export function* captureIndexSteps(
  input: EpochInput,
  limits: CaptureLimits = CAPTURE_LIMITS,
  { run = runEpoch, incentivesOf = (changed) => run(changed).incentive }: Runs = {},
): Steps<CaptureIndex> {
  const output = run(input);
  const voters = output.activeStake.flatMap((stake, uid) => (stake > ZERO ? [uid] : []));
  const { weights } = output;
  const rows = new Map(voters.map((uid) => [uid, denseRow(weights[uid] ?? [], weights.length)]));
  const tried = new Set<string>();
  let best: Coalition | null = null;
  let bound = HALF;
  for (const seed of voters) {
    let stake = ZERO;
    const uids = new Set<number>();
    for (const uid of byLikeness(seed, voters, rows)) {
      stake += output.activeStake[uid] ?? ZERO;
      if (stake >= bound) break;
      uids.add(uid);
      const members = [...uids].toSorted((left, right) => left - right);
      const name = members.join();
      if (tried.has(name)) continue;
      if (tried.size >= limits.runsMax) return { coalition: best, isCutShort: true };
      tried.add(name);
      const effect = withoutCoalition(input, output, { uids, incentivesOf });
      yield;
      if (effect.movedPpm <= limits.movedPpm) continue;
      best = { uids: members, stakePpm: toPpm(stake), ...effect };
      bound = stake;
    }
  }
  return { coalition: best, isCutShort: false };
}

export function captureIndex(input: EpochInput, limits?: CaptureLimits, runs?: Runs): CaptureIndex {
  return finished(captureIndexSteps(input, limits, runs));
}

/** All voters, the seed first, then by distance of their rows from its row; lower uids first among equals. */
function byLikeness(seed: number, voters: readonly number[], rows: ReadonlyMap<number, Float64Array>): number[] {
  const distance = new Map(voters.map((uid) => [uid, uid === seed ? -1 : distanceOf(rows.get(seed), rows.get(uid))]));
  const of = (uid: number): number => distance.get(uid) ?? 0;
  return voters.toSorted((left, right) => of(left) - of(right) || left - right);
}

/** `totalVariation` of two rows: their shares count at most 2^32 of 2^-32 together, so doubles add the differences up exactly. */
function distanceOf(left: Float64Array = EMPTY, right: Float64Array = EMPTY): number {
  let sum = 0;
  for (let at = 0; at < left.length; at += 1) sum += Math.abs((left[at] ?? 0) - (right[at] ?? 0));
  return Math.floor(sum / 2);
}

const EMPTY = new Float64Array();

function denseRow(row: Row, columns: number): Float64Array {
  const result = new Float64Array(columns);
  for (const [uid, share] of row) result[uid] = Number(share);
  return result;
}
