import { type Fixed, ZERO } from '@subnetes/consensus/fixed';
import { splitByLargestRemainder } from '@subnetes/money/split';
import { PPM, timesPpm } from './ppm.ts';
import {
  contradiction,
  isRecord,
  type PolicyFault,
  type Range,
  rangeFaults,
  shapeFault,
  unknownFaults,
} from './ranges.ts';
import { totalOf } from './reapportion.ts';

/** Emission by place instead of by amount. */
export interface IncentiveCurveRules {
  /** Weight of the first, second, … place, integers of any scale that do not rise. Later places earn nothing. */
  readonly weightsByPlace: readonly number[];
}

/** Most places that have a weight. */
export const PLACES_MAX = 256;
export const PLACE_WEIGHT_RANGE: Range = { min: 0, max: PPM };

export function incentiveCurveFaults(member: string, value: unknown): PolicyFault[] {
  if (!isRecord(value)) return [shapeFault(member, 'an object')];
  const path = `${member}.weightsByPlace`;
  const weights = value['weightsByPlace'];
  if (!Array.isArray(weights) || weights.length === 0 || weights.length > PLACES_MAX) {
    return [shapeFault(path, `a list of 1 to ${PLACES_MAX} weights`)];
  }
  const list: readonly unknown[] = weights;
  const faults = [
    ...unknownFaults(member, value, ['weightsByPlace']),
    ...list.flatMap((weight, place) => rangeFaults(`${path}[${place}]`, weight, PLACE_WEIGHT_RANGE)),
  ];
  if (faults.length > 0) return faults;
  const numbers = list.map(Number);
  if (numbers[0] === 0) return [contradiction(path, 'the first place has to earn something')];
  const rises = numbers.findIndex((weight, place) => place > 0 && weight > (numbers[place - 1] ?? 0));
  return rises === -1
    ? []
    : [contradiction(`${path}[${rises}]`, 'a later place must not earn more than the one before')];
}

/**
 * Divides the sum of all incentives by place. Miners with an incentive are ranked by it; a place's part of the sum is its
 * weight over the weights of all places that are taken. Equal incentives share the parts of their places. The sum stays to
 * the last unit: largest remainder between groups of equals and within them (lower uid first).
 *
 * Reason: where only the best models are of use, paying in proportion to scores pays mediocrity. Source: rank weights
 * 0.8^rank and winner-takes-95 % are what forecasting subnets of the live network use.
 */
export function applyCurve(incentive: readonly Fixed[], rules: IncentiveCurveRules): readonly Fixed[] {
  const groups = groupsOfEquals(incentive);
  let place = 0;
  const weights = groups.map((group) => {
    const places = rules.weightsByPlace.slice(place, place + group.length);
    place += group.length;
    return BigInt(places.reduce((left, right) => left + right, 0));
  });
  if (groups.length === 0) return incentive;
  const result = incentive.map(() => ZERO);
  for (const [index, part] of splitByLargestRemainder(totalOf(incentive), weights).entries()) {
    const group = groups[index] ?? [];
    const shares = splitByLargestRemainder(
      part,
      group.map(() => 1n),
    );
    for (const [position, uid] of group.entries()) result[uid] = shares[position] ?? ZERO;
  }
  return result;
}

/** Uids with an incentive, the best first, those of equal incentive together and ascending. */
function groupsOfEquals(incentive: readonly Fixed[]): readonly (readonly number[])[] {
  const uids = incentive.flatMap((share, uid) => (share > ZERO ? [uid] : []));
  const byShare = Map.groupBy(uids, (uid) => incentive[uid] ?? ZERO);
  return [...byShare]
    .toSorted(([left], [right]) => (left > right ? -1 : left < right ? 1 : 0))
    .map(([, group]) => group);
}

/** Weights of `places` places that fall by `ratioPpm` a place: 800000 is the rank curve 0.8^rank. */
export function geometricPlaces(ratioPpm: number, places: number): number[] {
  const weights = [PPM];
  while (weights.length < places) weights.push(Number(timesPpm(BigInt(weights.at(-1) ?? 0), ratioPpm)));
  return weights;
}

/** The first place gets `sharePpm` of everything, the others up to `places` the rest in equal parts. */
export function winnerTakesMost(sharePpm: number, places: number): number[] {
  const others = Array.from({ length: places - 1 }, () => Math.floor((PPM - sharePpm) / Math.max(1, places - 1)));
  return [sharePpm, ...others];
}
