import { compare, type Fixed, ZERO } from './fixed.ts';

/** `nonzero` is the rule of today: nobody without stake gets a permit. `plain` is the older one. */
export type PermitRule = 'nonzero' | 'plain';

/**
 * Who holds a permit in the next epoch: the `count` largest stakes. In stable ascending order the first n - count lose,
 * so of equal stakes the lower uid loses. Under `nonzero` a stake of zero never wins.
 */
export function topStakes(stake: readonly Fixed[], count: number, rule: PermitRule): boolean[] {
  const permits = stake.map((value) => rule === 'plain' || value !== ZERO);
  const losers = stake
    .map((value, uid) => ({ value, uid }))
    .toSorted((left, right) => compare(left.value, right.value))
    .slice(0, Math.max(0, stake.length - count));
  for (const { uid } of losers) permits[uid] = false;
  return permits;
}

/** Blocks after its last update for which a neuron counts as active: max(1, floor(factor * tempo / 1000)). */
export function activityCutoffBlocks(factorMilli: number, tempo: number): number {
  return Math.max(1, Math.floor((factorMilli * tempo) / 1000));
}
