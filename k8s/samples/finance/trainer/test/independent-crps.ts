import { readSp500 } from '@subnetes/validator/adapters/sp500-dataset';
import { CLOSES_MAX, HORIZONS_DAYS } from '../src/forecast-contract.ts';
import type { TrainedModel } from '../src/forecast-contract.ts';
import { trainModels } from '../src/train.ts';

/**
 * The mean loss of models over a range of days, without any of the validator's code: the energy form of the CRPS
 * instead of pinball losses, plain means instead of moving averages. `npx node test/independent-crps.ts FROM DAYS`
 * prints the ranking.
 */
export function independentLosses(
  models: readonly TrainedModel[],
  range: { readonly closes: readonly number[]; readonly firstDay: number; readonly days: number },
): ReadonlyMap<string, number> {
  const { closes, firstDay, days } = range;
  const price = (day: number): number => closes[day] ?? Number.NaN;
  const losses = new Map<string, number>();
  for (const model of models) {
    let sum = 0;
    for (const [index, horizon] of HORIZONS_DAYS.entries()) {
      let horizonSum = 0;
      for (let day = firstDay; day + horizon < firstDay + days; day++) {
        const quantiles = model.forecast(closes.slice(Math.max(0, day + 1 - CLOSES_MAX), day + 1))[index] ?? [];
        const truth = Math.log(price(day + horizon)) - Math.log(price(day));
        let squares = 0;
        for (let back = 0; back < 63; back++) squares += Math.log(price(day - back) / price(day - back - 1)) ** 2;
        const scale = Math.sqrt((squares / 63) * horizon);
        horizonSum += (0.01 * energyScore(quantiles, truth)) / scale;
      }
      sum += horizonSum / (days - horizon);
    }
    losses.set(model.name, sum / HORIZONS_DAYS.length);
  }
  return losses;
}

/** Mean distance to the truth less half the spread among the quantiles, corrected for levels i/(q+1). */
function energyScore(quantiles: readonly number[], truth: number): number {
  const q = quantiles.length;
  let distance = 0;
  let spread = 0;
  for (const a of quantiles) {
    distance += Math.abs(a - truth);
    for (const b of quantiles) spread += Math.abs(a - b);
  }
  return distance / q - spread / (2 * q * (q + 1));
}

if (import.meta.main) {
  const [from = '2016-11-04', days = '60'] = process.argv.slice(2);
  const { dates, closes } = readSp500();
  const firstDay = dates.findIndex((date) => date >= from);
  const losses = independentLosses(trainModels(), { closes, firstDay, days: Number(days) });
  for (const [name, loss] of [...losses].toSorted((a, b) => a[1] - b[1])) console.log(name, loss.toFixed(6));
}
