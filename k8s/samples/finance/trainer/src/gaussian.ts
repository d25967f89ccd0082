import { HORIZONS_DAYS, NORMAL_QUANTILES, logReturns, rounded } from './forecast-contract.ts';
import type { TrainedModel } from './forecast-contract.ts';
import { forecastGraph, matrix } from './graph-parts.ts';
import { meanSquare } from './variance.ts';

/** The naive model: the mean and the deviation of the training years, whatever happened since. */
export function trainGaussian(closes: readonly number[]): TrainedModel {
  const returns = logReturns(closes);
  const mean = rounded(returns.reduce((sum, value) => sum + value, 0) / returns.length);
  const deviation = rounded(Math.sqrt(meanSquare(returns)));
  const rows = HORIZONS_DAYS.map((days) =>
    NORMAL_QUANTILES.map((quantile) => rounded(mean * days + deviation * Math.sqrt(days) * quantile)),
  );
  return {
    name: 'gaussian',
    parameters: { mean, deviation },
    forecast: () => rows.map((row) => [...row]),
    onnx: forecastGraph('gaussian', [{ op: 'Identity', inputs: ['constant'], output: 'quantiles' }], {
      constant: matrix(rows),
    }),
  };
}
