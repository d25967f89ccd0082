import { HORIZONS_DAYS, NORMAL_QUANTILES, logReturns, rounded } from './forecast-contract.ts';
import type { TrainedModel } from './forecast-contract.ts';
import { forecastGraph, matrix, windowNodes } from './graph-parts.ts';
import { deviationGraph, meanSquare, weightedVariance } from './variance.ts';
import type { VarianceRule } from './variance.ts';

const LAGS = 10;
const VOLATILITY_DAYS = 504;
const PENALTY = 50;
/** Training begins where two years of returns stands before the day. */
const FIRST_DAY = 520;

/** A ridge regression of the coming return on ten lags, both scaled by the volatility of two years, with normal quantiles around it. */
export function trainRidge(closes: readonly number[]): TrainedModel {
  const returns = logReturns(closes);
  const rule: VarianceRule = {
    weights: Array.from({ length: VOLATILITY_DAYS }, () => 1),
    priorVariance: rounded(meanSquare(returns)),
  };
  // coefficients[horizon][lag]; the scales of both sides cancel, so they apply to plain returns.
  const coefficients = HORIZONS_DAYS.map((days) => fitLags(returns, rule, days));
  const rows = HORIZONS_DAYS.map((days) => NORMAL_QUANTILES.map((quantile) => rounded(Math.sqrt(days) * quantile)));
  const deviation = deviationGraph(rule);
  const lags = windowNodes({ of: 'returns', output: 'lags', length: LAGS });
  return {
    name: 'ridge',
    parameters: { lags: LAGS, penalty: PENALTY, volatilityDays: VOLATILITY_DAYS },
    forecast: (history) => {
      const past = logReturns(history);
      const sigma = Math.sqrt(weightedVariance(rule, past));
      return rows.map((row, horizon) => {
        const mean = (coefficients[horizon] ?? []).reduce(
          (sum, c, lag) => sum + c * (past[past.length - 1 - lag] ?? 0),
          0,
        );
        return row.map((value) => mean + sigma * value);
      });
    },
    onnx: forecastGraph(
      'ridge',
      [
        ...deviation.nodes,
        ...lags.nodes,
        { op: 'MatMul', inputs: ['coefficients', 'lags'], output: 'mean' },
        { op: 'Unsqueeze', inputs: ['mean', 'index_1'], output: 'mean_column' },
        { op: 'Mul', inputs: ['deviation', 'standard'], output: 'spread' },
        { op: 'Add', inputs: ['spread', 'mean_column'], output: 'quantiles' },
      ],
      {
        ...deviation.constants,
        ...lags.constants,
        standard: matrix(rows),
        coefficients: matrix(coefficients.map((row) => row.toReversed())),
      },
    ),
  };
}

/** Coefficients of the newest lags, newest first, for the return over `days`. */
function fitLags(returns: readonly number[], rule: VarianceRule, days: number): number[] {
  const gram = Array.from({ length: LAGS }, (_, i) =>
    Array.from({ length: LAGS }, (__, j) => (i === j ? PENALTY : 0) as number),
  );
  const moment = Array.from({ length: LAGS }, (): number => 0);
  for (let day = FIRST_DAY; day + days < returns.length; day++) {
    const sigma = Math.sqrt(weightedVariance(rule, returns.slice(0, day + 1)));
    const lags = Array.from({ length: LAGS }, (_, lag) => (returns[day - lag] ?? 0) / sigma);
    const target = returns.slice(day + 1, day + 1 + days).reduce((sum, value) => sum + value, 0) / sigma;
    for (const [i, a] of lags.entries()) {
      moment[i] = (moment[i] ?? 0) + a * target;
      const row = gram[i] ?? [];
      for (const [j, b] of lags.entries()) row[j] = (row[j] ?? 0) + a * b;
    }
  }
  return solve(gram, moment).map(rounded);
}

/** Solves a symmetric positive definite system by elimination, which needs no pivots there. Changes its arguments. */
function solve(rows: number[][], right: number[]): number[] {
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 0; i < rows.length; i++) {
    for (let j = i + 1; j < rows.length; j++) {
      const factor = at(j, i) / at(i, i);
      rows[j] = (rows[j] ?? []).map((value, k) => value - factor * at(i, k));
      right[j] = (right[j] ?? 0) - factor * (right[i] ?? 0);
    }
  }
  const solution = right.map(() => 0);
  for (let i = rows.length - 1; i >= 0; i--) {
    const known = solution.reduce((sum, value, k) => (k > i ? sum + at(i, k) * value : sum), 0);
    solution[i] = ((right[i] ?? 0) - known) / at(i, i);
  }
  return solution;
}
