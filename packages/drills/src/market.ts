import type { Row } from '@subnetes/consensus/sparse';
import { U16_MAX } from '@subnetes/consensus/fixed';
import { driftingScores, scoreOf, type TrueScores } from './quality-drift.ts';
import { SeededNumbers, UNIT } from './seeded-numbers.ts';

/** A market without its attackers: who is there, how good, how well that is seen. */
export interface MarketSpec {
  readonly seed: number;
  readonly epochs: number;
  readonly honestMiners: number;
  /** Stake of each honest validator, any scale. */
  readonly honestStakes: readonly number[];
  readonly halfLifeEpochs: number | null;
  /** Spread of true scores, 16.16; see `DriftSpec`. */
  readonly spread: number;
  /** Standard deviation of an observation relative to the true score, 16.16. */
  readonly noise: number;
}

/** Twelve honest validators and 32 miners; scores differ by e^0.75 a standard deviation, seen with 8 % noise. */
export const STANDARD_MARKET: MarketSpec = {
  seed: 1,
  epochs: 60,
  honestMiners: 32,
  honestStakes: [14, 12, 11, 10, 9, 8, 8, 7, 7, 6, 5, 3],
  halfLifeEpochs: 10,
  spread: 49_152,
  noise: 5243,
};

/** What attackers bring in. */
export interface Intruders {
  readonly validators: number;
  readonly miners: number;
  /** Their miners' latent quality in 16.16 of a standard deviation, the same in every epoch; null: next to nothing. */
  readonly minerQuality: number | null;
}

/** A market with its attackers, uids laid out: honest validators, attacking validators, honest miners, attacking miners. */
export interface Market {
  readonly spec: MarketSpec;
  readonly intruders: Intruders;
  readonly neurons: number;
  readonly attackingValidators: readonly number[];
  readonly attackingMiners: readonly number[];
  readonly honestMiners: readonly number[];
  /** True scores in 16.16, by epoch and then by place among all miners. */
  readonly scores: TrueScores;
  /** What validator `uid` honestly sees in an interval, as a wire row. */
  readonly observed: (uid: number, interval: number) => Row<number>;
}

/** A sham miner answers something, now and then rightly: one percent of the middle. */
const SHAM_SCORE = Math.trunc(UNIT / 100);
const SEEN_MIN = UNIT / 16;

export function openMarket(spec: MarketSpec, intruders: Intruders): Market {
  const { honestStakes, honestMiners, epochs } = spec;
  const validators = honestStakes.length + intruders.validators;
  const firstMiner = validators;
  const miners = honestMiners + intruders.miners;
  const intruderScore = intruders.minerQuality === null ? SHAM_SCORE : scoreOf(intruders.minerQuality, spec.spread);
  const scores = driftingScores({ ...spec, miners: honestMiners }).map((own) => [
    ...own,
    ...Array.from({ length: intruders.miners }, () => intruderScore),
  ]);
  const rows = Array.from({ length: validators }, (_, uid) => {
    const numbers = new SeededNumbers(spec.seed, `observer ${uid}`);
    return scores.slice(0, epochs).map((own) => observedRow(own, { numbers, noise: spec.noise, firstMiner }));
  });
  const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);
  return {
    spec,
    intruders,
    neurons: validators + miners,
    attackingValidators: range(honestStakes.length, intruders.validators),
    honestMiners: range(firstMiner, honestMiners),
    attackingMiners: range(firstMiner + honestMiners, intruders.miners),
    scores,
    observed: (uid, interval) => rows[uid]?.[interval] ?? [],
  };
}

/** True scores with noise, the largest at 65535. */
function observedRow(
  scores: readonly number[],
  {
    numbers,
    noise,
    firstMiner,
  }: { readonly numbers: SeededNumbers; readonly noise: number; readonly firstMiner: number },
): Row<number> {
  const seen = scores.map((score) => {
    const factor = Math.max(SEEN_MIN, UNIT + Math.trunc((noise * numbers.normal()) / UNIT));
    return Math.trunc((score * factor) / UNIT);
  });
  return scaledRow(seen.map((value, place) => [firstMiner + place, value] as const));
}

/** Values of any scale as a wire row: the largest at 65535, zeros left out. */
export function scaledRow(values: Row<number>): Row<number> {
  const largest = values.reduce((left, [, value]) => Math.max(left, value), 0);
  if (largest === 0) return [];
  return values
    .map(([uid, value]) => [uid, Math.trunc((value * U16_MAX) / largest)] as const)
    .filter(([, value]) => value > 0);
}
