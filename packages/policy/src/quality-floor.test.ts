import { ONE } from '@subnetes/consensus/fixed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyFloor } from './quality-floor.ts';
import { totalOf } from './reapportion.ts';

/** Level: the incentive that holds half of all. Floor: a fifth of it, ten percent of band. */
const RULES = { heldPpm: 500_000, fractionPpm: 200_000, hysteresisPpm: 100_000 };
const NOBODY: readonly boolean[] = [];

test.for([
  // Half of 1000 is held by the first two: level 300, floor 60, out below 54, back in from 66.
  { what: 'below the band a miner earns nothing', last: 53n, wasBelow: false, earns: false },
  { what: 'within the band who was in stays in', last: 55n, wasBelow: false, earns: true },
  { what: 'within the band who was out stays out', last: 65n, wasBelow: true, earns: false },
  { what: 'above the band who was out is back', last: 66n, wasBelow: true, earns: true },
])('$what', ({ last, wasBelow, earns }) => {
  const incentive = [400n, 300n, 300n - last, last];
  const { incentive: paid, below, floor } = applyFloor(incentive, [false, false, false, wasBelow], RULES);
  expect(floor).toBe(60n);
  expect(below[3]).toBe(!earns);
  expect(paid[3]! > 0n).toBe(earns);
  expect(totalOf(paid)).toBe(1000n);
});

test('the level is that of the miner with whom the share is reached, no further', () => {
  expect(applyFloor([500n, 300n, 200n], NOBODY, RULES).floor).toBe(100n);
  expect(applyFloor([499n, 301n, 200n], NOBODY, RULES).floor).toBe(60n);
});

test('what falls away goes to the others in proportion', () => {
  const { incentive } = applyFloor([600n, 360n, 40n], NOBODY, RULES);
  expect(incentive).toEqual([625n, 375n, 0n]);
});

test('who was not rated neither falls nor rises', () => {
  const { below } = applyFloor([600n, 400n, 0n, 0n], [false, false, true, false], RULES);
  expect(below).toEqual([false, false, true, false]);
});

test('while nobody earns there is no floor', () => {
  expect(applyFloor([0n, 0n], [true, false], RULES)).toEqual({ incentive: [0n, 0n], below: [true, false], floor: 0n });
});

test('a swarm of small identities cannot pull the floor down', () => {
  const honest = [400n, 300n, 200n, 100n].map((share) => share * 1000n);
  const swarm = Array.from({ length: 200 }, () => 100n);
  const alone = applyFloor(honest, NOBODY, RULES);
  const beset = applyFloor([...honest, ...swarm], NOBODY, RULES);
  expect(beset.floor).toBe(alone.floor);
  expect(totalOf(beset.incentive.slice(honest.length))).toBe(0n);
});

test('the sum stays, the best is never below, and nobody who stays gets less', () => {
  const rules = fc.record({
    heldPpm: fc.integer({ min: 1, max: 1_000_000 }),
    fractionPpm: fc.integer({ min: 1, max: 500_000 }),
    hysteresisPpm: fc.integer({ min: 0, max: 500_000 }),
  });
  const miners = fc.array(fc.tuple(fc.bigInt({ min: 0n, max: ONE }), fc.boolean()), { maxLength: 30 });
  fc.assert(
    fc.property(miners, rules, (list, own) => {
      const incentive = list.map(([share]) => share);
      const outcome = applyFloor(
        incentive,
        list.map(([, was]) => was),
        own,
      );
      expect(totalOf(outcome.incentive)).toBe(totalOf(incentive));
      const best = incentive.reduce((left, right) => (left > right ? left : right), 0n);
      for (const [uid, share] of incentive.entries()) {
        expect(share === best && outcome.floor > 0n && outcome.below[uid] === true).toBe(false);
        expect(outcome.below[uid] === true || outcome.incentive[uid]! >= share).toBe(true);
      }
    }),
  );
});
