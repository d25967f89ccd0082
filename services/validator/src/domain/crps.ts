/** A day's forecast of every horizon: `quantiles[horizon][i]` is the quantile at level (i+1)/(q+1) of a log return. */
export type Forecast = readonly (readonly number[])[];

/** Trading days whose returns say how volatile the market is when a forecast is made: a quarter. */
export const VOLATILITY_DAYS = 63;

/** Losses are stated for this volatility, one percent a day, so that they read like a CRPS of log returns. */
export const REFERENCE_VOLATILITY = 0.01;

/** Keeps a flat price window from dividing by zero: a hundredth of a percent a day. */
const VOLATILITY_MIN = 0.0001;

/**
 * Continuous ranked probability score of q quantiles at levels i/(q+1) against what happened: twice the mean pinball
 * loss over the levels (Gneiting and Ranjan 2011). In the unit of the outcome; zero is perfect, lower is better.
 */
export function crpsFromQuantiles(quantiles: readonly number[], outcome: number): number {
  const count = quantiles.length;
  if (count === 0) throw new RangeError('a forecast needs at least one quantile');
  let pinball = 0;
  for (const [index, quantile] of quantiles.entries()) {
    const level = (index + 1) / (count + 1);
    const error = outcome - quantile;
    pinball += error >= 0 ? level * error : (level - 1) * error;
  }
  return (2 * pinball) / count;
}

/** Root mean square of the newest daily log returns of a price history; at most a quarter of them. */
export function dailyVolatility(closes: readonly number[]): number {
  const newest = closes.slice(-(VOLATILITY_DAYS + 1));
  let squares = 0;
  for (let index = 1; index < newest.length; index++) squares += logReturn(newest[index - 1], newest[index]) ** 2;
  return Math.max(VOLATILITY_MIN, Math.sqrt(squares / Math.max(1, newest.length - 1)));
}

/** Log return between two prices. Throws where one of them is no positive number, since the data set is then broken. */
export function logReturn(before: number | undefined, after: number | undefined): number {
  if (before === undefined || after === undefined || !(before > 0) || !(after > 0)) {
    throw new RangeError(`no log return between the prices ${before} and ${after}`);
  }
  return Math.log(after / before);
}

/**
 * The CRPS of one horizon, scaled to a volatility of one percent a day. Without the scaling the few wild weeks of a
 * decade would decide about all miners.
 */
export function scaledCrps(forecast: {
  readonly quantiles: readonly number[];
  readonly outcome: number;
  /** Daily volatility when the forecast was asked for. */
  readonly volatility: number;
  readonly horizonDays: number;
}): number {
  const scale = forecast.volatility * Math.sqrt(forecast.horizonDays);
  return (crpsFromQuantiles(forecast.quantiles, forecast.outcome) * REFERENCE_VOLATILITY) / scale;
}
