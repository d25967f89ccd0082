import type { Formula } from '@subnetes/consensus/epoch-types';
import { type Countermeasures, POLICY_FORMAT } from '@subnetes/policy/consensus-policy';
import type { PolicyMachinery } from '@subnetes/policy/policy-epoch';
import { RECOMMENDED } from '@subnetes/policy/recommended';
import { runDrill } from './drill.ts';
import { type MarketSpec, STANDARD_MARKET } from './market.ts';

/** Epochs in which half of the correlation of miners' quality is gone; null: it never moves. */
export const HALF_LIVES: readonly (number | null)[] = [1, 2, 5, 10, 20, 50, null];

/** What a weight copier earns under one rule, over half-lives. */
export interface CopierCurve {
  readonly policy: Formula;
  readonly revealPeriod: number;
  readonly countermeasures: readonly string[];
  /** e^(spread/65536) is the ratio of scores one standard deviation apart. */
  readonly spread: number;
  readonly points: readonly CopierPoint[];
}

export interface CopierPoint {
  /** Null: quality never moves. */
  readonly halfLifeEpochs: number | null;
  /** The copier's dividends per stake over the honest validators', the mean of the seeds. */
  readonly dividendRatio: number;
}

export interface CurveSpec {
  readonly formula: Formula;
  readonly revealPeriod: number;
  readonly withDeviation: boolean;
  readonly spread: number;
}

/** A copier of eight percent: in the standard market as large as an honest validator of the middle. */
const STAKE_SHARE_PPM = 80_000;
const SEEDS = 3;

/** The standard market, and one whose miners are more alike: scores differ by e^0.4 a standard deviation. */
export const SPREADS = { standard: STANDARD_MARKET.spread, narrow: 26_214 };

/** Both formulas and liquid alpha, without commit-reveal and with reveals one to three epochs later; then what penalties add. */
export const CURVES: readonly CurveSpec[] = [
  ...(['yuma2', 'yuma3', 'yuma3-liquid'] as const).flatMap((formula) =>
    [0, 1, 2, 3].map((revealPeriod) => ({ formula, revealPeriod, withDeviation: false, spread: SPREADS.standard })),
  ),
  ...[1, 2, 3].map((revealPeriod) => ({
    formula: 'yuma3' as const,
    revealPeriod,
    withDeviation: false,
    spread: SPREADS.narrow,
  })),
  ...(['yuma2', 'yuma3'] as const).map((formula) => ({
    formula,
    revealPeriod: 1,
    withDeviation: true,
    spread: SPREADS.standard,
  })),
];

export function copierCurve(
  { formula, revealPeriod, withDeviation, spread }: CurveSpec,
  base: { readonly market: MarketSpec; readonly attackFrom: number; readonly halfLives: readonly (number | null)[] },
  machinery: PolicyMachinery,
): CopierCurve {
  const countermeasures: Countermeasures = withDeviation ? { deviation: RECOMMENDED.deviation } : {};
  const points = base.halfLives.map((halfLifeEpochs) => {
    const ratios = Array.from({ length: SEEDS }, (_, index) => {
      const market = { ...base.market, halfLifeEpochs, spread, seed: base.market.seed + index };
      const policy = { format: POLICY_FORMAT, countermeasures } as const;
      const { attackFrom } = base;
      const common = { attack: 'weight-copier', stakeSharePpm: STAKE_SHARE_PPM, attackFrom } as const;
      return runDrill({ ...common, market, formula, policy, revealPeriod }, machinery).dividendRatioPpm;
    });
    const mean = Math.trunc(ratios.reduce((left, right) => left + right, 0) / SEEDS);
    return { halfLifeEpochs, dividendRatio: mean / 1_000_000 };
  });
  const names = [...(revealPeriod > 0 ? ['commit-reveal'] : []), ...Object.keys(countermeasures)];
  return { policy: formula, revealPeriod, countermeasures: names, spread, points };
}
