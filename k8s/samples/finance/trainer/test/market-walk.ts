import { dailyVolatility } from '@subnetes/validator/domain/crps';
import { emptyJudgement, scoreDue, standingsOf, withDay } from '@subnetes/validator/domain/judge';
import type { JudgeRules, MinerStanding } from '@subnetes/validator/domain/judge';
import type { Answer } from '@subnetes/validator/domain/answer';
import { CLOSES_MAX } from '../src/forecast-contract.ts';
import type { TrainedModel } from '../src/forecast-contract.ts';

/** Forecasts of every model for every day, made once. */
export type Forecasts = ReadonlyMap<string, readonly Answer[]>;

export function forecastsOf(models: readonly TrainedModel[], closes: readonly number[], firstDay: number): Forecasts {
  return new Map(
    models.map((model) => [
      model.name,
      closes.map((_, day): Answer => {
        if (day < firstDay) return { kind: 'invalid', reason: 'before the market' };
        return { kind: 'forecast', forecast: model.forecast(closes.slice(Math.max(0, day + 1 - CLOSES_MAX), day + 1)) };
      }),
    ]),
  );
}

/** What the validator's own code makes of a walk of `days` days; standings after each day from `from` on. */
export function walkMarket(market: {
  readonly closes: readonly number[];
  readonly firstDay: number;
  readonly days: number;
  readonly answers: (day: number) => ReadonlyMap<string, Answer>;
  /** In the order of registration. */
  readonly miners: readonly string[];
  readonly rules: JudgeRules;
  readonly from: number;
}): readonly (readonly MinerStanding[])[] {
  const { closes, rules } = market;
  const registrants = market.miners.map((id, uid) => ({ id, uid, registeredAt: 10 + uid }));
  const history: (readonly MinerStanding[])[] = [];
  let judgement = emptyJudgement(0);
  for (let today = market.firstDay; today < market.firstDay + market.days; today++) {
    judgement = scoreDue(judgement, { closes, today }, rules);
    const volatility = dailyVolatility(closes.slice(0, today + 1));
    judgement = withDay(judgement, { day: today, volatility, answers: market.answers(today) }, rules);
    if (today - market.firstDay >= market.from) history.push(standingsOf(judgement, registrants, rules));
  }
  return history;
}
