import type { Answer, ForecastTask } from './answer.ts';
import { findCopies, isComparable } from './copies.ts';
import type { CopyVerdict, Registrant } from './copies.ts';
import { logReturn, scaledCrps } from './crps.ts';
import { withSample } from './moving-average.ts';
import type { Average } from './moving-average.ts';
import type { Standing } from './score-to-weight.ts';

/** One challenge with the answers of all miners that were asked. Registration ids are hex. */
export type JudgedDay = {
  readonly day: number;
  /** Daily volatility that the shown history had. */
  readonly volatility: number;
  readonly answers: ReadonlyMap<string, Answer>;
  /** Which horizons were scored already, in the task's order. */
  readonly scored: readonly boolean[];
};

/** All that a validator knows: it fits into one file and is enough to go on after a restart. */
export type Judgement = {
  /** Which walk through the data set these days belong to. */
  readonly lap: number;
  /** Oldest first. */
  readonly days: readonly JudgedDay[];
  /** Average loss by registration id and horizon. */
  readonly averages: ReadonlyMap<string, readonly (Average | undefined)[]>;
};

export type JudgeRules = {
  readonly task: ForecastTask;
  readonly emaPpm: number;
  readonly similarityPpm: number;
  /** Challenges an epoch: as many days are compared for copies and counted for validity. */
  readonly perEpoch: number;
  readonly daysBetween: number;
};

/** A miner's standing with what explains it. */
export type MinerStanding = Standing & {
  readonly id: string;
  readonly judged: number;
  /** Of the invalid answers in the window those that never came, or too late. */
  readonly unanswered: number;
  /** Hashes of what shows that answers in the window were wrong, the oldest first. */
  readonly failedAudits: readonly string[];
  readonly invalidReason: string | undefined;
  readonly copy: CopyVerdict | undefined;
};

export function emptyJudgement(lap: number): Judgement {
  return { lap, days: [], averages: new Map() };
}

/** Adds the answers of a challenge. A day that is known already, or lies before the newest, is a bug of the caller. */
export function withDay(judgement: Judgement, day: Omit<JudgedDay, 'scored'>, rules: JudgeRules): Judgement {
  const newest = judgement.days.at(-1);
  if (newest !== undefined && newest.day >= day.day) throw new RangeError(`day ${day.day} follows day ${newest.day}`);
  return { ...judgement, days: [...judgement.days, { ...day, scored: rules.task.horizonsDays.map(() => false) }] };
}

/**
 * Scores every horizon whose truth is out: horizon h of day t once day t + h is shown. An invalid answer gets the
 * worst loss that a valid one got on that day and horizon; a day without any valid answer judges nobody.
 */
export function scoreDue(
  judgement: Judgement,
  market: { readonly closes: readonly number[]; readonly today: number },
  rules: JudgeRules,
): Judgement {
  const averages = new Map(judgement.averages);
  const days = judgement.days.map((day) => {
    const scored = rules.task.horizonsDays.map((horizonDays, horizon) => {
      if (day.scored[horizon] === true) return true;
      if (day.day + horizonDays > market.today) return false;
      const outcome = logReturn(market.closes[day.day], market.closes[day.day + horizonDays]);
      for (const [id, loss] of lossesOf(day, { horizon, horizonDays, outcome })) {
        const known = averages.get(id) ?? [];
        averages.set(
          id,
          rules.task.horizonsDays.map((_, at) =>
            at === horizon ? withSample(known[at], loss, rules.emaPpm) : known[at],
          ),
        );
      }
      return true;
    });
    return { ...day, scored };
  });
  return { ...judgement, days: withoutOldDays(days, rules), averages };
}

/** Keeps an epoch of days to compare, one more before them, and whatever still waits for its truth. */
function withoutOldDays(days: readonly JudgedDay[], rules: JudgeRules): readonly JudgedDay[] {
  return days.filter((day, index) => days.length - index <= rules.perEpoch + 1 || day.scored.includes(false));
}

function lossesOf(
  day: JudgedDay,
  truth: { readonly horizon: number; readonly horizonDays: number; readonly outcome: number },
): ReadonlyMap<string, number> {
  const losses = new Map<string, number>();
  for (const [id, answer] of day.answers) {
    if (answer.kind === 'invalid') continue;
    const quantiles = answer.forecast[truth.horizon] ?? [];
    const { outcome, horizonDays } = truth;
    losses.set(id, scaledCrps({ quantiles, outcome, volatility: day.volatility, horizonDays }));
  }
  if (losses.size === 0) return losses;
  const worst = Math.max(...losses.values());
  for (const id of day.answers.keys()) if (!losses.has(id)) losses.set(id, worst);
  return losses;
}

/** Where each of the registered miners stands. */
export function standingsOf(
  judgement: Judgement,
  miners: readonly Registrant[],
  rules: JudgeRules,
): readonly MinerStanding[] {
  const { similarityPpm, daysBetween } = rules;
  const copyRules = { similarityPpm, daysBetween, pairsMin: Math.ceil(rules.perEpoch / 2) };
  const forecasts = forecastDays(judgement);
  const copies = findCopies(forecasts, miners, copyRules);
  const days = judgement.days.slice(-rules.perEpoch);
  return miners.map(({ id, uid }) => {
    const window = days.flatMap((day) => day.answers.get(id) ?? []);
    const invalid = window.filter((answer) => answer.kind === 'invalid');
    const averages = judgement.averages.get(id) ?? [];
    return {
      id,
      uid,
      loss: meanLoss(averages, rules.task.horizonsDays.length),
      judged: averages[0]?.count ?? 0,
      asked: window.length,
      valid: window.length - invalid.length,
      unanswered: days.filter(({ answers }) => isUnanswered(answers.get(id)) && wasReached(answers)).length,
      failedAudits: window.flatMap((answer) => (answer.kind === 'forecast' ? (answer.failedAudit ?? []) : [])),
      invalidReason: invalid.at(-1)?.reason,
      isComparable: isComparable(forecasts, id, copyRules),
      isCopy: copies.has(id),
      copy: copies.get(id),
    };
  });
}

/** Who cannot reach anybody cannot tell whose fault it is: a challenge that nobody answered speaks against nobody. */
function wasReached(answers: JudgedDay['answers']): boolean {
  return [...answers.values()].some((answer) => !isUnanswered(answer));
}

function isUnanswered(answer: Answer | undefined): boolean {
  return answer?.kind === 'invalid' && answer.unanswered === true;
}

/** Forgets registrations that ended: a uid that is used again inherits nothing. */
export function withoutEnded(judgement: Judgement, registered: ReadonlySet<string>): Judgement {
  const averages = new Map([...judgement.averages].filter(([id]) => registered.has(id)));
  return averages.size === judgement.averages.size ? judgement : { ...judgement, averages };
}

function meanLoss(averages: readonly (Average | undefined)[], horizons: number): number | undefined {
  const known = averages.filter((average) => average !== undefined);
  return known.length < horizons ? undefined : known.reduce((sum, { value }) => sum + value, 0) / horizons;
}

function forecastDays(judgement: Judgement) {
  return judgement.days.map(({ day, answers }) => ({
    day,
    forecasts: new Map(
      [...answers].flatMap(([id, answer]) => (answer.kind === 'forecast' ? [[id, answer.forecast] as const] : [])),
    ),
  }));
}
