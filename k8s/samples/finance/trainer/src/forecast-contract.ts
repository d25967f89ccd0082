/** What every model of this market takes and gives. */
export const HORIZONS_DAYS: readonly number[] = [1, 5];
export const QUANTILE_COUNT = 19;
/** A challenge shows at most this many closes. */
export const CLOSES_MAX = 512;

/** Levels i/(q+1). */
export const LEVELS: readonly number[] = Array.from(
  { length: QUANTILE_COUNT },
  (_, i) => (i + 1) / (QUANTILE_COUNT + 1),
);

/** A forecast model in two forms that a test holds against each other: as code, and as a graph for ONNX. */
export type TrainedModel = {
  readonly name: string;
  /** `quantiles[horizon][level]` of the log return after the last close. */
  readonly forecast: (closes: readonly number[]) => number[][];
  readonly onnx: Uint8Array;
  /** What training found, for people. */
  readonly parameters: Readonly<Record<string, number>>;
};

/** Daily log returns, one fewer than the closes. */
export function logReturns(closes: readonly number[]): number[] {
  return closes.slice(1).map((close, index) => Math.log(close / (closes[index] ?? close)));
}

/** Parameters are kept with 12 digits, so that another processor's last bit does not change a model's bytes. */
export function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/** Quantile of the standard normal distribution, by bisection on its distribution function; good to 1e-12. */
export function normalQuantile(level: number): number {
  let low = -9;
  let high = 9;
  for (let step = 0; step < 70; step++) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < level) low = middle;
    else high = middle;
  }
  return rounded((low + high) / 2);
}

/** Distribution function of the standard normal by its Taylor series around 0 (Marsaglia 2004); |x| at most 9. */
function normalShare(x: number): number {
  if (x < -8) return 0;
  if (x > 8) return 1;
  let term = x;
  let sum = x;
  for (let i = 3; Math.abs(term) > 1e-17; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** Quantiles of the standard normal at LEVELS. */
export const NORMAL_QUANTILES: readonly number[] = LEVELS.map(normalQuantile);
