import { describe, expect, test } from 'vitest';
import type { Answer } from './answer.ts';
import { emptyJudgement, scoreDue, standingsOf, withDay, withoutEnded } from './judge.ts';
import type { Judgement, JudgeRules } from './judge.ts';

const rules: JudgeRules = {
  task: { horizonsDays: [1, 5], quantileCount: 3 },
  emaPpm: 100_000,
  similarityPpm: 999_000,
  perEpoch: 4,
  daysBetween: 1,
};
const closes = Array.from({ length: 60 }, (_, day) => 100 * Math.exp(0.01 * Math.sin(day)));
const miners = [
  { id: 'good', uid: 1, registeredAt: 1 },
  { id: 'wide', uid: 2, registeredAt: 1 },
  { id: 'broken', uid: 3, registeredAt: 1 },
];

const forecast = (spread: number): Answer => ({
  kind: 'forecast',
  forecast: [
    [-spread, 0, spread],
    [-spread, 0, spread],
  ],
});
const nan: Answer = { kind: 'invalid', reason: 'quantiles[0] is NaN' };

function walk(days: number, answers: (day: number) => Record<string, Answer>): Judgement {
  let judgement = emptyJudgement(0);
  for (let day = 10; day < 10 + days; day++) {
    judgement = scoreDue(judgement, { closes, today: day }, rules);
    judgement = withDay(judgement, { day, volatility: 0.01, answers: new Map(Object.entries(answers(day))) }, rules);
  }
  return judgement;
}

const all = (day: number) => ({ good: forecast(0.01 + day * 1e-4), wide: forecast(0.2 + day * 1e-3), broken: nan });

describe('scoreDue', () => {
  test('a horizon is scored on the day its truth is out, and once', () => {
    const before = walk(1, all);
    expect(scoreDue(before, { closes, today: 10 }, rules).averages.size).toBe(0);
    const next = scoreDue(before, { closes, today: 11 }, rules);
    expect(next.averages.get('good')?.map((average) => average?.count)).toEqual([1, undefined]);
    expect(scoreDue(next, { closes, today: 11 }, rules).averages).toEqual(next.averages);
    expect(
      scoreDue(next, { closes, today: 15 }, rules)
        .averages.get('good')
        ?.map((one) => one?.count),
    ).toEqual([1, 1]);
  });

  test('an invalid answer counts as the worst of the day', () => {
    const judgement = walk(12, all);
    expect(judgement.averages.get('broken')).toEqual(judgement.averages.get('wide'));
  });

  test('a day without a valid answer judges nobody', () => {
    expect(walk(9, () => ({ broken: nan })).averages.size).toBe(0);
  });

  test('memory is an epoch of days and those that wait for their truth', () => {
    expect(walk(40, all).days.length).toBeLessThanOrEqual(rules.perEpoch + 1 + 5);
  });

  test('a day out of order is a bug', () => {
    const judgement = walk(2, all);
    expect(() => withDay(judgement, { day: 11, volatility: 1, answers: new Map() }, rules)).toThrow(/follows/);
  });
});

describe('standingsOf', () => {
  test('ranks by loss and counts what was invalid', () => {
    const [good, wide, broken] = standingsOf(walk(20, all), miners, rules);
    expect(good?.loss).toBeLessThan(wide?.loss ?? 0);
    expect([good?.asked, good?.valid, good?.judged]).toEqual([4, 4, 19]);
    expect([broken?.asked, broken?.valid, broken?.invalidReason]).toEqual([4, 0, 'quantiles[0] is NaN']);
  });

  test('who did not answer is counted, unless nobody did', () => {
    const late: Answer = { kind: 'invalid', reason: 'late', unanswered: true };
    const unansweredOf = (answers: (day: number) => Record<string, Answer>) =>
      standingsOf(walk(20, answers), miners, rules).map(({ unanswered }) => unanswered);
    expect(unansweredOf((day) => ({ good: forecast(0.01 * day), wide: late, broken: nan }))).toEqual([0, 4, 0]);
    expect(unansweredOf((day) => ({ good: day % 2 === 0 ? late : nan, wide: late, broken: late }))).toEqual([0, 2, 2]);
    expect(unansweredOf(() => ({ good: late, wide: late, broken: late }))).toEqual([0, 0, 0]);
    expect(unansweredOf(() => ({ good: nan }))).toEqual([0, 0, 0]);
  });

  test('nobody stands before every horizon was judged', () => {
    expect(standingsOf(walk(5, all), miners, rules).map(({ loss }) => loss)).toEqual([undefined, undefined, undefined]);
  });

  test('names a copy with its source', () => {
    const moving = (day: number) => forecast(0.01 * (1 + 0.3 * Math.sin(day)));
    const [good, wide] = standingsOf(
      walk(20, (day) => ({ good: moving(day - 1), wide: moving(day) })),
      miners,
      rules,
    );
    expect(good?.copy).toEqual({ of: 'wide', similarityPpm: 1_000_000 });
    expect(wide?.isCopy).toBe(false);
  });

  test('whoever answered on less than half an epoch of days cannot be told from a copy', () => {
    const comparable = (judgement: Judgement) => standingsOf(judgement, miners, rules).map((one) => one.isComparable);
    expect(comparable(walk(2, all))).toEqual([false, false, false]);
    expect(comparable(walk(3, all))).toEqual([true, true, false]);
    const late = walk(8, (day) => (day < 17 ? { good: forecast(0.01 + day * 1e-4) } : all(day)));
    expect(comparable(late)).toEqual([true, false, false]);
  });

  test('a new registration of the same uid inherits nothing', () => {
    const judgement = withoutEnded(walk(20, all), new Set(['good']));
    const [again] = standingsOf(judgement, [{ id: 'other', uid: 2, registeredAt: 30 }], rules);
    expect([again?.loss, again?.asked]).toEqual([undefined, 0]);
    expect([...judgement.averages.keys()]).toEqual(['good']);
  });
});
