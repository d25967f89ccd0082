import { type Fixed, ZERO } from '@subnetes/consensus/fixed';
import { PPM, timesPpm, toPpm } from './ppm.ts';
import type { Ranges } from './ranges.ts';
import { reapportion } from './reapportion.ts';

/** Slow up, fast down: how far a miner's standing follows the trust it gets. */
export interface ReputationRules {
  /** Standing of a registration in its first epoch, millionths. */
  readonly startPpm: number;
  /** Part of the way up to the epoch's trust that standing goes in one epoch, millionths. */
  readonly upPpm: number;
  /** Part of the way down, millionths; at least as fast as up. */
  readonly downPpm: number;
}

export const REPUTATION_RANGES: Ranges<ReputationRules> = {
  startPpm: { min: 1, max: PPM },
  upPpm: { min: 1, max: PPM },
  downPpm: { min: 1, max: PPM },
};

export interface ReputationOutcome {
  readonly incentive: readonly Fixed[];
  /** Standing after this epoch in millionths, by uid. */
  readonly standingPpm: readonly number[];
}

/**
 * Incentives are weighed with standing, the sum unchanged. Standing moves a part of the way to this epoch's trust (what
 * consensus left of the weights that a miner got, in [0, 1]): s' = s + up*(t-s) if t > s, else s - down*(s-t), rounded
 * towards where it was. A miner that nobody rated keeps its standing: not having been asked is no fault. The weight is the
 * standing from before this epoch, so a first epoch counts as `startPpm` whatever came out of it.
 *
 * Reason: new identities are cheap, standing is not; whoever sheds a bad name starts below those who kept theirs. Among
 * equals it changes nothing. Source: Friedman & Resnick, The social cost of cheap pseudonyms (2001).
 */
export function applyReputation(
  epoch: { readonly incentive: readonly Fixed[]; readonly trust: readonly Fixed[]; readonly prerank: readonly Fixed[] },
  before: readonly (number | undefined)[],
  rules: ReputationRules,
): ReputationOutcome {
  const standing = epoch.incentive.map((_, uid) => before[uid] ?? rules.startPpm);
  return {
    incentive: reapportion(
      epoch.incentive,
      epoch.incentive.map((share, uid) => share * BigInt(standing[uid] ?? 0)),
    ),
    standingPpm: standing.map((own, uid) =>
      (epoch.prerank[uid] ?? ZERO) === ZERO ? own : moved(own, toPpm(epoch.trust[uid] ?? ZERO), rules),
    ),
  };
}

function moved(standing: number, trust: number, { upPpm, downPpm }: ReputationRules): number {
  const way = (distance: number, ratePpm: number): number => Number(timesPpm(BigInt(distance), ratePpm));
  const target = Math.min(trust, PPM);
  if (target >= standing) return standing + way(target - standing, upPpm);
  return Math.max(1, standing - way(standing - target, downPpm)); // never zero: from zero no product finds back
}
