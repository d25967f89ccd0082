import type { Formula } from '@subnetes/consensus/epoch-types';
import type { CopierCurve } from './copier-curve.ts';
import type { DrillLine } from './drill-plan.ts';

/** What a policy has to reach. */
export const GOALS = {
  /** A coalition below kappa: its part of validators' emission over its part of stake, at most. */
  coalitionValidatorRatioMax: 1.05,
  /** … and what its sham miners get of miners' emission, at most. */
  coalitionMinerShareMax: 0.05,
  /** A weight copier's dividends per stake over an honest validator's, at most, … */
  copierRatioMax: 0.9,
  /** … where half of the correlation of miners' quality is gone after so many epochs. */
  copierHalfLifeEpochs: 5,
} as const;

const KAPPA = 0.5;

export interface CoalitionGoal {
  readonly goal: 'coalition-below-kappa';
  readonly policy: Formula;
  readonly countermeasures: readonly string[];
  /** The worst over all coalitions and stake shares below kappa. */
  readonly validatorRatio: number;
  readonly minerShare: number;
  readonly isReached: boolean;
}

export interface CopierGoal {
  readonly goal: 'copier';
  readonly policy: Formula;
  readonly countermeasures: readonly string[];
  readonly revealPeriod: number;
  readonly spread: number;
  readonly ratio: number;
  readonly isReached: boolean;
}

/** One line a policy and set of countermeasures, whether reached or not. */
export function coalitionGoals(lines: readonly DrillLine[]): CoalitionGoal[] {
  const below = lines.filter(
    ({ attack, stakeShare }) => (attack === 'cabal' || attack === 'careful-cabal') && stakeShare < KAPPA,
  );
  const groups = Map.groupBy(below, ({ policy, countermeasures }) => `${policy} ${countermeasures.join()}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const validatorRatio = Math.max(...group.map((line) => line.validatorEmissionShare / line.stakeShare));
    const minerShare = Math.max(...group.map((line) => line.minerEmissionShare));
    const isReached = validatorRatio <= GOALS.coalitionValidatorRatioMax && minerShare <= GOALS.coalitionMinerShareMax;
    const { policy, countermeasures } = first;
    return [{ goal: 'coalition-below-kappa', policy, countermeasures, validatorRatio, minerShare, isReached }];
  });
}

/** One line a curve. */
export function copierGoals(curves: readonly CopierCurve[]): CopierGoal[] {
  return curves.flatMap(({ policy, countermeasures, revealPeriod, spread, points }) => {
    const point = points.find(({ halfLifeEpochs }) => halfLifeEpochs === GOALS.copierHalfLifeEpochs);
    if (point === undefined) return [];
    const ratio = point.dividendRatio;
    const isReached = revealPeriod > 0 && ratio <= GOALS.copierRatioMax;
    return [{ goal: 'copier', policy, countermeasures, revealPeriod, spread, ratio, isReached }];
  });
}
