import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findCopies, laggedSimilarity } from './copies.ts';
import type { DayForecasts, Registrant } from './copies.ts';

const rules = { similarityPpm: 999_000, daysBetween: 1, pairsMin: 5 };

/** Width of an honest forecast on a day: it moves by some percent a day, as volatility does. */
const width = (day: number): number => 0.01 * (1 + 0.3 * Math.sin(day / 3));
const around = (spread: number): number[][] => [
  [-spread, 0, spread],
  [-2 * spread, 0, 2 * spread],
];

function daysOf(answers: Readonly<Record<string, (day: number) => number | undefined>>, count = 12): DayForecasts[] {
  return Array.from({ length: count }, (_, day) => ({
    day,
    forecasts: new Map(
      Object.entries(answers).flatMap(([id, spreadOn]) => {
        const spread = spreadOn(day);
        return spread === undefined ? [] : [[id, around(spread)] as const];
      }),
    ),
  }));
}

const source: Registrant = { id: 'source', uid: 3, registeredAt: 20 };
const copier: Registrant = { id: 'copier', uid: 1, registeredAt: 10 };

describe('findCopies', () => {
  test('the copier is found although it registered first', () => {
    const days = daysOf({ source: width, copier: (day) => width(day - 1) });
    expect(findCopies(days, [copier, source], rules)).toEqual(
      new Map([['copier', { of: 'source', similarityPpm: 1_000_000 }]]),
    );
  });

  test('the order of the miners does not matter', () => {
    const days = daysOf({ source: width, copier: (day) => width(day - 1) });
    expect(findCopies(days, [source, copier], rules)).toEqual(findCopies(days, [copier, source], rules));
  });

  test('where both lag, the one that registered later is the copy, whoever it is', () => {
    const days = daysOf({ source: () => 0.01, copier: () => 0.01 });
    expect([...findCopies(days, [copier, source], rules).keys()]).toEqual(['source']);
  });

  test('where both lag and registered in the same block, the higher uid is the copy', () => {
    const days = daysOf({ source: () => 0.01, copier: () => 0.01 });
    const twin = { ...copier, registeredAt: source.registeredAt };
    expect([...findCopies(days, [twin, source], rules).keys()]).toEqual(['source']);
  });

  test('different honest answers are no copies', () => {
    const days = daysOf({ source: width, copier: (day) => width(day) * 1.05 });
    expect(findCopies(days, [copier, source], rules).size).toBe(0);
  });

  test('a few days are not enough for a verdict', () => {
    const days = daysOf({ source: width, copier: (day) => width(day - 1) }, 5);
    expect(findCopies(days, [copier, source], rules).size).toBe(0);
  });

  test('days with a gap between them are not compared', () => {
    const days = daysOf({ source: width, copier: (day) => width(day - 1) }).map((one) => ({
      ...one,
      day: one.day * 2,
    }));
    expect(findCopies(days, [copier, source], rules).size).toBe(0);
  });

  test('missing answers are left out of the comparison', () => {
    const days = daysOf({ source: width, copier: (day) => (day % 4 === 0 ? undefined : width(day - 1)) });
    expect([...findCopies(days, [copier, source], rules).keys()]).toEqual(['copier']);
  });

  test('the nearest source is named', () => {
    const days = daysOf({ source: width, copier: (day) => width(day - 1), near: (day) => width(day) * 1.0005 });
    const near: Registrant = { id: 'near', uid: 9, registeredAt: 30 };
    expect(findCopies(days, [copier, near, source], rules).get('copier')?.of).toBe('source');
  });
});

test('similarity is between zero and one, and one for a perfect lag', () => {
  const spreads = fc.array(fc.double({ min: 1e-4, max: 1, noNaN: true }), { minLength: 8, maxLength: 30 });
  fc.assert(
    fc.property(spreads, spreads, (one, other) => {
      const days = daysOf({ a: (day) => one[day], b: (day) => other[day], lag: (day) => one[day - 1] }, 30);
      const similarity = laggedSimilarity(days, { late: 'b', early: 'a', rules }) ?? 0;
      expect(similarity).toBeGreaterThanOrEqual(0);
      expect(similarity).toBeLessThanOrEqual(1);
      expect(laggedSimilarity(days, { late: 'lag', early: 'a', rules })).toBe(1);
    }),
  );
});
