import { type Fixed, ZERO } from '@subnetes/consensus/fixed';
import { PPM, timesPpm } from './ppm.ts';
import type { Ranges } from './ranges.ts';
import { reapportion, totalOf } from './reapportion.ts';

/** A floor under incentives that follows the network's own level. */
export interface QualityFloorRules {
  /** Which level it follows: the incentive at or above which this share of all incentive is held, in millionths. */
  readonly heldPpm: number;
  /** The floor as a part of that level, in millionths. */
  readonly fractionPpm: number;
  /** Half the width of the band around the floor, in millionths of it: out below floor*(1-h), back in from floor*(1+h). */
  readonly hysteresisPpm: number;
}

export const QUALITY_FLOOR_RANGES: Ranges<QualityFloorRules> = {
  heldPpm: { min: 1, max: PPM },
  fractionPpm: { min: 1, max: PPM / 2 },
  hysteresisPpm: { min: 0, max: PPM / 2 },
};

export interface FloorOutcome {
  readonly incentive: readonly Fixed[];
  /** Who is below, by uid; carried to the next epoch per registration. */
  readonly below: readonly boolean[];
  /** 0 when nobody earned anything. */
  readonly floor: Fixed;
}

/**
 * A miner below the floor earns nothing; what it would have earned goes to the others in proportion, the sum unchanged.
 *
 * The level is weighed by incentive, not by heads: sort miners by incentive, add up from the best until `heldPpm` of all is
 * held, take the incentive of the miner reached. A swarm of small identities therefore cannot pull the floor down, which a
 * quantile over heads would allow. Source: the N50 statistic of genome assemblies (Lander et al., Nature 409, 2001).
 *
 * The best miner is always above: the level is at most its incentive, and floor*(1+h) at most 3/4 of the level.
 */
export function applyFloor(
  incentive: readonly Fixed[],
  wasBelow: readonly boolean[],
  rules: QualityFloorRules,
): FloorOutcome {
  const floor = timesPpm(levelOf(incentive, rules.heldPpm), rules.fractionPpm);
  if (floor === ZERO) return { incentive, below: incentive.map((_, uid) => wasBelow[uid] === true), floor };
  const out = floor - timesPpm(floor, rules.hysteresisPpm);
  const back = floor + timesPpm(floor, rules.hysteresisPpm);
  const below = incentive.map((share, uid) => {
    const was = wasBelow[uid] === true;
    return share === ZERO ? was : share < (was ? back : out); // who was not rated has shown nothing
  });
  const kept = incentive.map((share, uid) => (below[uid] === true ? ZERO : share));
  return { incentive: reapportion(incentive, kept), below, floor };
}

/** The incentive of the last miner needed to hold `heldPpm` of the sum, the best counted first. */
function levelOf(incentive: readonly Fixed[], heldPpm: number): Fixed {
  const needed = timesPpm(totalOf(incentive), heldPpm);
  let held = ZERO;
  for (const share of incentive.toSorted((left, right) => (left > right ? -1 : left < right ? 1 : 0))) {
    held += share;
    if (held >= needed) return share;
  }
  return ZERO;
}
