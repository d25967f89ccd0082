import { HORIZONS_DAYS, NORMAL_QUANTILES, logReturns, rounded } from './forecast-contract.ts';
import type { TrainedModel } from './forecast-contract.ts';
import { forecastGraph, matrix } from './graph-parts.ts';
import { deviationGraph, meanSquare, weightedVariance } from './variance.ts';
import type { VarianceRule } from './variance.ts';

/** Half of the weight lies on the newest 69 days. */
const DECAY = 0.99;
const WINDOW_DAYS = 511;

/** Volatility as an exponentially weighted mean of squared returns; normal quantiles around zero. */
export function trainEwma(closes: readonly number[]): TrainedModel {
  const rule: VarianceRule = {
    weights: Array.from({ length: WINDOW_DAYS }, (_, age) => rounded(DECAY ** age)),
    priorVariance: rounded(meanSquare(logReturns(closes))),
  };
  const rows = HORIZONS_DAYS.map((days) => NORMAL_QUANTILES.map((quantile) => rounded(Math.sqrt(days) * quantile)));
  const deviation = deviationGraph(rule);
  return {
    name: 'ewma',
    parameters: { decay: DECAY },
    forecast: (history) => {
      const sigma = Math.sqrt(weightedVariance(rule, logReturns(history)));
      return rows.map((row) => row.map((value) => sigma * value));
    },
    onnx: forecastGraph(
      'ewma',
      [...deviation.nodes, { op: 'Mul', inputs: ['deviation', 'standard'], output: 'quantiles' }],
      { ...deviation.constants, standard: matrix(rows) },
    ),
  };
}
