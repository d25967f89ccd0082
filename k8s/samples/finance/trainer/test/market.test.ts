import { readSp500 } from '@subnetes/validator/adapters/sp500-dataset';
import type { Answer } from '@subnetes/validator/domain/answer';
import { findCopies, laggedSimilarity } from '@subnetes/validator/domain/copies';
import { dailyVolatility, logReturn, scaledCrps } from '@subnetes/validator/domain/crps';
import type { JudgeRules, MinerStanding } from '@subnetes/validator/domain/judge';
import { firstDayFrom } from '@subnetes/validator/domain/replay-clock';
import { scoresToWeights } from '@subnetes/validator/domain/score-to-weight';
import { describe, expect, test } from 'vitest';
import { HORIZONS_DAYS, QUANTILE_COUNT } from '../src/forecast-contract.ts';
import { CHALLENGES_PER_EPOCH, EMA_PPM, HONEST_RANKING, SIMILARITY_PPM, START_DAY } from '../src/market-terms.ts';
import { TRAINED_BEFORE, trainModels } from '../src/train.ts';
import { independentLosses } from './independent-crps.ts';
import { forecastsOf, walkMarket } from './market-walk.ts';

const { dates, closes } = readSp500();
const models = trainModels();
const judgedFrom = firstDayFrom(dates, TRAINED_BEFORE) ?? 0;
const forecasts = forecastsOf(models, closes, judgedFrom);
const rules: JudgeRules = {
  task: { horizonsDays: HORIZONS_DAYS, quantileCount: QUANTILE_COUNT },
  emaPpm: EMA_PPM,
  similarityPpm: SIMILARITY_PPM,
  perEpoch: CHALLENGES_PER_EPOCH,
  daysBetween: 1,
};
const nan: Answer = { kind: 'invalid', reason: 'quantiles[0] is NaN' };
/** The copier and the broken miner come first: registering early protects neither. */
const MINERS = ['copycat', 'broken', 'gaussian', 'ridge', 'garch', 'ewma'];

function answerOf(name: string, day: number): Answer {
  if (name === 'broken') return nan;
  const [model, at] = name === 'copycat' ? ['ewma', day - 1] : [name, day];
  return forecasts.get(model)?.[at] ?? nan;
}

const answers = (names: readonly string[]) => (day: number) =>
  new Map(names.map((name) => [name, answerOf(name, day)]));

function walk(firstDay: number, options: { days: number; from: number; miners?: readonly string[] }) {
  const miners = options.miners ?? MINERS;
  return walkMarket({ closes, firstDay, rules, miners, answers: answers(miners), ...options });
}

function ranking(standings: readonly MinerStanding[]): readonly string[] {
  const honest = standings.filter(({ id }) => HONEST_RANKING.includes(id));
  return honest.toSorted((a, b) => (a.loss ?? 1) - (b.loss ?? 1)).map(({ id }) => id);
}

function lossesInOrder(standings: readonly MinerStanding[]): readonly number[] {
  return HONEST_RANKING.map((id) => standings.find((one) => one.id === id)?.loss ?? Number.NaN);
}

/** By how much the closest neighbours differ; negative where the order is another. */
function smallestGap(standings: readonly MinerStanding[]): number {
  const losses = lossesInOrder(standings);
  return Math.min(...losses.slice(1).map((loss, at) => loss / (losses[at] ?? loss) - 1));
}

describe('from the sample’s start day', () => {
  const startDay = firstDayFrom(dates, START_DAY) ?? 0;

  test.for([0, 10, 20, 30, 40])('neighbours differ by 3 % and more when the first answer is %i days late', (late) => {
    const gaps = walk(startDay + late, { days: 181, from: 30 }).map(smallestGap);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.03);
  });

  test.for([40, 60, 100, 200])(
    'after %i days an independent script finds the same losses and the same order',
    (days) => {
      const standings = walk(startDay, { days, from: days - 1 }).at(-1) ?? [];
      const independent = independentLosses(models, { closes, firstDay: startDay, days });
      for (const [at, name] of HONEST_RANKING.entries()) {
        expect(lossesInOrder(standings)[at]).toBeCloseTo(independent.get(name) ?? 0, 8);
      }
      expect(ranking(standings)).toEqual([...independent].toSorted((a, b) => a[1] - b[1]).map(([name]) => name));
    },
  );

  test('weights order the honest miners, and copier and broken miner earn nothing', () => {
    for (const standings of walk(startDay, { days: 200, from: 30 })) {
      const weights = new Map(scoresToWeights(standings).map(({ uid, value }) => [MINERS[uid], value]));
      const values = HONEST_RANKING.map((name) => weights.get(name) ?? 0);
      expect(values).toEqual(values.toSorted((a, b) => b - a));
      expect(Math.min(...values)).toBeGreaterThan(0);
      expect([weights.get('copycat'), weights.get('broken')]).toEqual([undefined, undefined]);
    }
  });
});

describe('copies, over all days from 2010 to 2020', () => {
  const days = closes.flatMap((_, day) => {
    if (day < judgedFrom + 1) return [];
    const valid = ['copycat', ...HONEST_RANKING].flatMap((name) => {
      const answer = answerOf(name, day);
      return answer.kind === 'forecast' ? [[name, answer.forecast] as const] : [];
    });
    return [{ day, forecasts: new Map(valid) }];
  });
  const copyRules = { similarityPpm: SIMILARITY_PPM, daysBetween: 1, pairsMin: CHALLENGES_PER_EPOCH / 2 };
  // The shortest window that may give a verdict is the one in which chance is strongest.
  const windows = [copyRules.pairsMin + 1, CHALLENGES_PER_EPOCH + 1].flatMap((length) =>
    days.slice(0, 1 - length).map((_, at) => days.slice(at, at + length)),
  );

  test('no honest pair is ever taken for copies', () => {
    let nearest = { similarity: 0, pair: '', day: 0 };
    for (const window of windows) {
      for (const late of HONEST_RANKING) {
        for (const early of HONEST_RANKING.filter((name) => name !== late)) {
          const similarity = laggedSimilarity(window, { late, early, rules: copyRules }) ?? 0;
          if (similarity > nearest.similarity)
            nearest = { similarity, pair: `${late} like ${early}`, day: window[0]?.day ?? 0 };
        }
      }
    }
    console.log(
      `nearest honest pair over ${windows.length} windows: ${nearest.pair}, ${nearest.similarity.toFixed(4)}, ${dates[nearest.day]}`,
    );
    expect(nearest.similarity * 1_000_000).toBeLessThan(SIMILARITY_PPM);
  });

  test('the copier is found in every window, and nobody else, whoever registered first', () => {
    const names = ['copycat', ...HONEST_RANKING];
    for (const order of [names, names.toReversed()]) {
      const miners = order.map((id, uid) => ({ id, uid, registeredAt: 10 + uid }));
      for (const window of windows) {
        const verdicts = findCopies(window, miners, copyRules);
        expect([...verdicts.keys()]).toEqual(['copycat']);
        expect(verdicts.get('copycat')?.of).toBe('ewma');
      }
    }
  });
});

test('how often the order holds over all start days from 2010 to 2018', () => {
  const end = firstDayFrom(dates, '2019-01-01') ?? closes.length;
  const total = end - judgedFrom;
  const sums = new Map(HONEST_RANKING.map((name) => [name, runningLosses(name)]));
  for (const days of [40, 60, 100, 200]) {
    let inOrder = 0;
    let garchFirst = 0;
    for (let firstDay = judgedFrom; firstDay < end; firstDay++) {
      const losses = HONEST_RANKING.map((name) => meanLoss(sums.get(name) ?? [], firstDay, days));
      if (losses.every((loss, at) => at === 0 || loss > (losses[at - 1] ?? 0))) inOrder++;
      if (losses[0] === Math.min(...losses)) garchFirst++;
    }
    const share = (count: number) => `${count} of ${total} start days (${((100 * count) / total).toFixed(0)} %)`;
    console.log(
      `after ${days} days: ${HONEST_RANKING.join(' > ')} for ${share(inOrder)}, garch first for ${share(garchFirst)}`,
    );
    // By chance one order of four would hold in 4 %, and one of four would lead in 25 %.
    expect(inOrder / total).toBeGreaterThan(0.15);
    expect(garchFirst / total).toBeGreaterThan(0.5);
  }
});

/** Running sums of a model's daily losses, one list a horizon. Full walks from 2,264 start days would take minutes. */
function runningLosses(name: string): readonly number[][] {
  return HORIZONS_DAYS.map((horizonDays, horizon) => {
    const sums = [0];
    for (let day = 0; day + horizonDays < closes.length; day++) {
      const answer = answerOf(name, day);
      const quantiles = day >= judgedFrom && answer.kind === 'forecast' ? (answer.forecast[horizon] ?? []) : undefined;
      const outcome = logReturn(closes[day], closes[day + horizonDays]);
      const volatility = dailyVolatility(closes.slice(Math.max(0, day - 63), day + 1));
      const loss = quantiles === undefined ? 0 : scaledCrps({ quantiles, outcome, volatility, horizonDays });
      sums.push((sums.at(-1) ?? 0) + loss);
    }
    return sums;
  });
}

/** The plain mean, which the moving average is for as many days as this test looks at. */
function meanLoss(sums: readonly number[][], firstDay: number, days: number): number {
  const means = HORIZONS_DAYS.map((horizonDays, horizon) => {
    const until = firstDay + days - horizonDays;
    return ((sums[horizon]?.[until] ?? Number.NaN) - (sums[horizon]?.[firstDay] ?? 0)) / (days - horizonDays);
  });
  return means.reduce((sum, mean) => sum + mean, 0) / means.length;
}
