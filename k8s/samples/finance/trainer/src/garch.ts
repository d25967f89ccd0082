import { VOLATILITY_DAYS, dailyVolatility, scaledCrps } from '@subnetes/validator/domain/crps';
import { HORIZONS_DAYS, LEVELS, logReturns, rounded } from './forecast-contract.ts';
import type { TrainedModel } from './forecast-contract.ts';
import { SLICE_CONSTANTS, forecastGraph, matrix, returnNodes, scalar, vector, windowNodes } from './graph-parts.ts';

/** Days that the recursion is unrolled for; what came before weighs less than a billionth. */
const WINDOW_DAYS = 255;
const FIRST_DAY = 300;

/**
 * GARCH(1,1) where only falls raise the variance (Glosten, Jagannathan and Runkle 1993, without the symmetric term):
 * v(t+1) = (1 − persistence) × level + leverage × min(r, 0)² + decay × v(t), persistence = leverage/2 + decay.
 */
type Garch = { readonly leverage: number; readonly decay: number; readonly level: number };

const GRID = {
  leverage: [0.1, 0.15, 0.2, 0.25],
  persistence: [0.97, 0.98, 0.99],
  deviation: [0.01, 0.012, 0.014],
} as const;

/** Chooses the parameters by the market's own score over the training years and takes quantiles as the standardised returns had them. */
export function trainGarch(closes: readonly number[]): TrainedModel {
  const returns = logReturns(closes);
  const candidates = GRID.leverage.flatMap((leverage) =>
    GRID.persistence.flatMap((persistence) =>
      GRID.deviation.map((deviation) => {
        const garch = { leverage, decay: rounded(persistence - leverage / 2), level: rounded(deviation ** 2) };
        return fit(garch, { closes, returns });
      }),
    ),
  );
  const best = candidates.reduce((a, b) => (b.loss < a.loss ? b : a));
  return {
    name: 'garch',
    parameters: { ...best.garch },
    forecast: (history) => {
      const next = nextVariance(best.garch, logReturns(history));
      return best.rows.map((row, horizon) => {
        const sigma = Math.sqrt(horizonVariance(best.garch, next, HORIZONS_DAYS[horizon] ?? 1));
        return row.map((value) => sigma * value);
      });
    },
    onnx: garchGraph(best.garch, best.rows),
  };
}

function persistence(garch: Garch): number {
  return garch.leverage / 2 + garch.decay;
}

/** Variance of the next day, by the recursion over the window; it starts at the long-run level. */
function nextVariance(garch: Garch, returns: readonly number[]): number {
  let variance = garch.level;
  for (const value of returns.slice(-WINDOW_DAYS)) variance = step(garch, variance, value);
  return variance;
}

function step(garch: Garch, variance: number, value: number): number {
  const fall = Math.min(value, 0);
  return (1 - persistence(garch)) * garch.level + garch.leverage * fall * fall + garch.decay * variance;
}

/** Sum of the expected variances of the next `days`: each day the distance to the long-run level shrinks. */
function horizonVariance(garch: Garch, next: number, days: number): number {
  return days * garch.level + (next - garch.level) * decaySum(garch, days);
}

function decaySum(garch: Garch, days: number): number {
  return (1 - persistence(garch) ** days) / (1 - persistence(garch));
}

function fit(
  garch: Garch,
  history: { readonly closes: readonly number[]; readonly returns: readonly number[] },
): { garch: Garch; rows: number[][]; loss: number } {
  const { closes, returns } = history;
  const variances: number[] = [];
  let variance = garch.level;
  for (const value of returns) variances.push((variance = step(garch, variance, value)));
  let loss = 0;
  const rows = HORIZONS_DAYS.map((horizonDays) => {
    const days = Array.from({ length: returns.length - horizonDays - FIRST_DAY }, (_, index) => {
      const day = FIRST_DAY + index;
      const outcome = returns.slice(day + 1, day + 1 + horizonDays).reduce((a, b) => a + b, 0);
      const sigma = Math.sqrt(horizonVariance(garch, variances[day] ?? garch.level, horizonDays));
      // Return `day` ends with close day + 1, the newest that a forecast made then knows.
      const volatility = dailyVolatility(closes.slice(day + 1 - VOLATILITY_DAYS, day + 2));
      return { outcome, sigma, volatility };
    });
    const sorted = days.map(({ outcome, sigma }) => outcome / sigma).toSorted((a, b) => a - b);
    const row = LEVELS.map((level) => rounded(sorted[Math.floor(level * sorted.length)] ?? 0));
    for (const { outcome, sigma, volatility } of days) {
      const quantiles = row.map((value) => sigma * value);
      loss += scaledCrps({ quantiles, outcome, volatility, horizonDays }) / days.length;
    }
    return row;
  });
  return { garch, rows, loss };
}

/**
 * The recursion as one product with fixed weights: unrolled, the variance is linear in the squared falls. Days that
 * the history does not have count as average ones, so a short history forecasts the long-run level: started there,
 * v = level + Σ weight(age) × (fall² − level/2), each weight being leverage × decay^age.
 */
function garchGraph(garch: Garch, rows: readonly (readonly number[])[]): Uint8Array {
  const weights = Array.from({ length: WINDOW_DAYS }, (_, age) => rounded(garch.leverage * garch.decay ** age));
  const falls = windowNodes({ of: 'squared_falls', output: 'fall_window', length: WINDOW_DAYS });
  const present = windowNodes({ of: 'present', output: 'present_window', length: WINDOW_DAYS });
  return forecastGraph(
    'garch',
    [
      ...returnNodes(),
      { op: 'Min', inputs: ['returns', 'zero'], output: 'falls' },
      { op: 'Mul', inputs: ['falls', 'falls'], output: 'squared_falls' },
      ...falls.nodes,
      ...present.nodes,
      { op: 'MatMul', inputs: ['fall_window', 'weights'], output: 'fall_sum' },
      { op: 'MatMul', inputs: ['present_window', 'average_weights'], output: 'average_sum' },
      { op: 'Sub', inputs: ['fall_sum', 'average_sum'], output: 'surprise' },
      { op: 'Add', inputs: ['surprise', 'level'], output: 'next_variance' },
      { op: 'Mul', inputs: ['next_variance', 'horizon_slopes'], output: 'sloped' },
      { op: 'Add', inputs: ['sloped', 'horizon_bases'], output: 'horizon_variances' },
      { op: 'Sqrt', inputs: ['horizon_variances'], output: 'deviations' },
      { op: 'Mul', inputs: ['deviations', 'standard'], output: 'quantiles' },
    ],
    {
      ...SLICE_CONSTANTS,
      ...falls.constants,
      ...present.constants,
      weights: vector(weights.toReversed()),
      average_weights: vector(weights.map((weight) => (weight * garch.level) / 2).toReversed()),
      level: scalar(garch.level),
      horizon_slopes: matrix(HORIZONS_DAYS.map((days) => [rounded(decaySum(garch, days))])),
      horizon_bases: matrix(HORIZONS_DAYS.map((days) => [rounded(garch.level * (days - decaySum(garch, days)))])),
      standard: matrix(rows),
    },
  );
}
