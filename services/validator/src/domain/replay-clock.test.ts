import fc from 'fast-check';
import { expect, test } from 'vitest';
import { challengeStride, firstDayFrom, isChallengeBlock, replayPosition } from './replay-clock.ts';

const terms = { firstBlock: 10, startDay: 4, daysPerBlock: 1, dayCount: 9 };

test.for([
  [10, 4, 0],
  [14, 8, 0],
  [15, 4, 1],
  [20, 4, 2],
] as const)('block %i is day %i of lap %i', ([block, day, lap]) => {
  expect(replayPosition(terms, block)).toEqual({ day, lap });
});

test('several days pass with one block', () => {
  expect(replayPosition({ ...terms, daysPerBlock: 2 }, 12)).toEqual({ day: 8, lap: 0 });
  expect(replayPosition({ ...terms, daysPerBlock: 2 }, 13)).toEqual({ day: 5, lap: 1 });
});

test('a position stays between start day and end, and later blocks are never earlier in the walk', () => {
  const walks = fc.record({
    firstBlock: fc.nat(1000),
    startDay: fc.nat(50),
    daysPerBlock: fc.integer({ min: 1, max: 20 }),
    dayCount: fc.integer({ min: 51, max: 200 }),
  });
  fc.assert(
    fc.property(walks, fc.nat(5000), (walk, offset) => {
      const here = replayPosition(walk, walk.firstBlock + offset);
      const next = replayPosition(walk, walk.firstBlock + offset + 1);
      expect(here.day).toBeGreaterThanOrEqual(walk.startDay);
      expect(here.day).toBeLessThan(walk.dayCount);
      expect(next.lap > here.lap || next.day === here.day + walk.daysPerBlock).toBe(true);
    }),
  );
});

test('refuses what has no day', () => {
  expect(() => replayPosition(terms, 9)).toThrow(/before the subnet/);
  expect(() => replayPosition({ ...terms, startDay: 9 }, 10)).toThrow(/outside/);
  expect(() => replayPosition({ ...terms, daysPerBlock: 0 }, 10)).toThrow(/less than one/);
});

test('a date that was no trading day means the next one', () => {
  const dates = ['2009-12-31', '2010-01-04', '2010-01-05'];
  expect(firstDayFrom(dates, '2010-01-01')).toBe(1);
  expect(firstDayFrom(dates, '2010-01-05')).toBe(2);
  expect(firstDayFrom(dates, '2010-01-06')).toBeUndefined();
});

test('challenges spread over the tempo and never exceed their number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 500 }), (tempo, perEpoch) => {
      const blocks = Array.from({ length: tempo }, (_, i) => 7 + i);
      const asked = blocks.filter((block) => isChallengeBlock({ firstBlock: 7, tempo, perEpoch }, block)).length;
      expect(asked).toBeGreaterThan(0);
      expect(asked).toBeLessThanOrEqual(Math.min(tempo, perEpoch));
    }),
  );
  expect(challengeStride({ tempo: 20, perEpoch: 20 })).toBe(1);
});
