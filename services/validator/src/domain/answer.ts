import type { Forecast } from './crps.ts';

/** What a mechanism asks for. */
export type ForecastTask = { readonly horizonsDays: readonly number[]; readonly quantileCount: number };

/** A miner's answer to one challenge: a forecast, or why it counts as invalid, in words that the miner's owner can act on. */
export type Answer =
  | {
      readonly kind: 'forecast';
      readonly forecast: Forecast;
      /** It answered the same question otherwise: hash of what is kept to show that, hexadecimal. */
      readonly failedAudit?: string;
    }
  | {
      readonly kind: 'invalid';
      readonly reason: string;
      /** It was asked and nothing came, or too late. Absent: something came, or it could not be asked. */
      readonly unanswered?: true;
    };

/** To the last bit: a model answers a question in one way. */
export function isSameForecast(left: Forecast, right: Forecast): boolean {
  return (
    left.length === right.length &&
    left.every((row, horizon) => {
      const other = right[horizon];
      return other?.length === row.length && row.every((value, level) => Object.is(value, other[level]));
    })
  );
}

/** Log returns beyond this are no forecast of prices: a factor of 22,000. */
const LOG_RETURN_MAX = 10;

/**
 * Reads the numbers of output `quantiles` as a forecast. Non-finite numbers arrive as null, since JSON has none.
 * The first fault is named with its index, as in "quantiles[4] is NaN".
 */
export function readAnswer(task: ForecastTask, shape: readonly number[], values: readonly (number | null)[]): Answer {
  const horizons = task.horizonsDays.length;
  const { quantileCount } = task;
  if (shape.length !== 2 || shape[0] !== horizons || shape[1] !== quantileCount) {
    return invalid(`quantiles has the shape [${shape.slice(0, 4).join(',')}], not [${horizons},${quantileCount}]`);
  }
  if (values.length !== horizons * quantileCount) {
    return invalid(`quantiles holds ${values.length} numbers, not ${horizons * quantileCount}`);
  }
  const forecast: number[][] = [];
  for (let horizon = 0; horizon < horizons; horizon++) {
    const row: number[] = [];
    for (let level = 0; level < quantileCount; level++) {
      const index = horizon * quantileCount + level;
      const value = values[index];
      if (typeof value !== 'number' || !Number.isFinite(value)) return invalid(`quantiles[${index}] is NaN`);
      if (Math.abs(value) > LOG_RETURN_MAX) return invalid(`quantiles[${index}] is beyond ±${LOG_RETURN_MAX}`);
      const before = row.at(-1);
      if (before !== undefined && value < before) return invalid(`quantiles[${index}] is below the quantile before it`);
      row.push(value);
    }
    forecast.push(row);
  }
  return { kind: 'forecast', forecast };
}

function invalid(reason: string): Answer {
  return { kind: 'invalid', reason };
}
