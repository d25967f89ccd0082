import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterFailure, afterSuccess, isEjected, UNTRIED, type MinerHealth } from './health.ts';
import { choose, eligible, EXPLORATION_SHARE, sharesOf, type Candidate } from './route.ts';

const candidate = (id: string, changes: Partial<Candidate> = {}): Candidate => ({
  id,
  incentive: 0.25,
  health: UNTRIED,
  inFlight: 0,
  isReady: true,
  ...changes,
});

const anyCandidate = fc.record({
  id: fc.uuid(),
  incentive: fc.double({ min: 0, max: 1, noNaN: true }),
  inFlight: fc.nat(100),
  isReady: fc.boolean(),
  health: fc.record({
    latencyMs: fc.double({ min: 0.01, max: 10_000, noNaN: true }),
    failureRatio: fc.double({ min: 0, max: 1, noNaN: true }),
    consecutiveFailures: fc.nat(10),
    ejections: fc.nat(5),
    ejectedUntilMs: fc.nat(1000),
  }),
});

test('shares sum to one, and everybody keeps a part of the exploration', () => {
  fc.assert(
    fc.property(fc.array(anyCandidate, { minLength: 1, maxLength: 30 }), (candidates) => {
      const shares = sharesOf(candidates);
      expect(shares.reduce((left, share) => left + share, 0)).toBeCloseTo(1, 9);
      for (const share of shares) {
        expect(share).toBeGreaterThanOrEqual((EXPLORATION_SHARE / candidates.length) * 0.999);
      }
    }),
  );
});

test('a choice is always one of the eligible, and the next another one', () => {
  const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.array(anyCandidate, { maxLength: 10 }), draw, draw, (candidates, one, other) => {
      const pool = eligible(candidates, 500);
      const choice = choose(pool, [one, other]);
      expect(choice === undefined).toBe(pool.length === 0);
      const ids = pool.map(({ id }) => id);
      expect(choice === undefined || ids.includes(choice.chosen)).toBe(true);
      expect(choice?.next === undefined || (ids.includes(choice.next) && choice.next !== choice.chosen)).toBe(true);
    }),
  );
});

test('more incentive, less latency and fewer failures each raise a share', () => {
  const slow: MinerHealth = { ...UNTRIED, latencyMs: 40 };
  const fast: MinerHealth = { ...UNTRIED, latencyMs: 10 };
  for (const [better, worse] of [
    [candidate('a', { incentive: 0.5 }), candidate('b', { incentive: 0.1 })],
    [candidate('a', { health: fast }), candidate('b', { health: slow })],
    [candidate('a'), candidate('b', { health: { ...UNTRIED, failureRatio: 0.3 } })],
  ] as const) {
    const [first = 0, second = 0] = sharesOf([better, worse]);
    expect(first).toBeGreaterThan(second);
  }
});

test('while nobody has earned anything all count the same', () => {
  expect(sharesOf([candidate('a', { incentive: 0 }), candidate('b', { incentive: 0 })])).toEqual([0.5, 0.5]);
});

test('of the two drawn the one with less in flight answers', () => {
  const busy = candidate('busy', { inFlight: 9 });
  const idle = candidate('idle', { inFlight: 1 });
  expect(choose([busy, idle], [0.1, 0.9])).toEqual({ chosen: 'idle', next: 'busy' });
  expect(choose([busy, idle], [0.1, 0.2])).toEqual({ chosen: 'busy', next: 'idle' });
});

test('three failures in a row eject for ten seconds, the next time for twenty; a success forgives', () => {
  let health: MinerHealth = UNTRIED;
  for (let failures = 0; failures < 3; failures += 1) health = afterFailure(health, 0);
  expect([isEjected(health, 9_999), isEjected(health, 10_000)]).toEqual([true, false]);
  health = afterFailure(health, 10_000);
  expect([isEjected(health, 29_999), isEjected(health, 30_000)]).toEqual([true, false]);
  health = afterSuccess(health, 5);
  expect(health).toMatchObject({ consecutiveFailures: 0, ejections: 0, ejectedUntilMs: 0 });
});

test('latency jumps up at once and comes down slowly', () => {
  const first = afterSuccess(UNTRIED, 10);
  expect(afterSuccess(first, 100).latencyMs).toBe(100);
  expect(afterSuccess(afterSuccess(first, 100), 10).latencyMs).toBe(82);
});

test('ejected miners are asked only when there is nobody else', () => {
  const ejected = candidate('ejected', { health: { ...UNTRIED, ejectedUntilMs: 1000 } });
  expect(eligible([ejected, candidate('sound')], 0).map(({ id }) => id)).toEqual(['sound']);
  expect(eligible([ejected, candidate('away', { isReady: false })], 0).map(({ id }) => id)).toEqual(['ejected']);
});
