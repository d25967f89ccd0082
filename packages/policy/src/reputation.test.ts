import { ONE } from '@subnetes/consensus/fixed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromPpm } from './ppm.ts';
import { totalOf } from './reapportion.ts';
import { applyReputation, type ReputationRules } from './reputation.ts';

const RULES: ReputationRules = { startPpm: 100_000, upPpm: 100_000, downPpm: 500_000 };
const epochOf = (trustPpm: readonly number[], incentive = trustPpm.map(() => 1000n)) => ({
  incentive,
  trust: trustPpm.map(fromPpm),
  prerank: trustPpm.map(() => ONE),
});

test.for([
  { what: 'up by a tenth of the way', before: 500_000, trust: 1_000_000, after: 549_999 },
  { what: 'down by half of the way', before: 500_000, trust: 0, after: 250_000 },
  { what: 'nowhere at its place', before: 250_000, trust: 250_000, after: 250_000 },
  { what: 'a newcomer from the start', before: undefined, trust: 1_000_000, after: 189_999 },
])('standing moves $what', ({ before, trust, after }) => {
  const { standingPpm } = applyReputation(epochOf([trust]), [before], RULES);
  expect(Math.abs(standingPpm[0]! - after)).toBeLessThanOrEqual(1);
});

test('standing never falls to zero, from where no product finds back', () => {
  const { standingPpm } = applyReputation(epochOf([0]), [900_000], { ...RULES, downPpm: 1_000_000 });
  expect(standingPpm).toEqual([1]);
});

test('who was not asked keeps its standing', () => {
  const unrated = { ...epochOf([0]), prerank: [0n] };
  expect(applyReputation(unrated, [700_000], RULES).standingPpm).toEqual([700_000]);
});

test('a newcomer earns less than one of long standing with the same incentive, and the sum stays', () => {
  const { incentive } = applyReputation(epochOf([1_000_000, 1_000_000]), [900_000, undefined], RULES);
  expect(incentive).toEqual([1800n, 200n]);
});

test('among equals nothing changes', () => {
  const shares = [500n, 300n, 200n];
  const { incentive } = applyReputation(epochOf([1, 1, 1], shares), [undefined, undefined, undefined], RULES);
  expect(incentive).toEqual(shares);
});

test('it takes longer to gain a standing than to lose it', () => {
  const epochsUntil = (from: number, trust: number, reached: (standing: number) => boolean): number => {
    let standing = from;
    let epochs = 0;
    while (!reached(standing)) {
      standing = applyReputation(epochOf([trust]), [standing], RULES).standingPpm[0]!;
      epochs += 1;
    }
    return epochs;
  };
  expect(epochsUntil(100_000, 1_000_000, (standing) => standing >= 900_000)).toBe(21);
  expect(epochsUntil(900_000, 0, (standing) => standing <= 100_000)).toBe(4);
});

test('a share never rises or falls by more than the standings allow, and the sum stays', () => {
  const miner = fc.tuple(
    fc.bigInt({ min: 0n, max: ONE }),
    fc.integer({ min: 0, max: 1_000_000 }),
    fc.option(fc.integer({ min: 1, max: 1_000_000 })),
  );
  fc.assert(
    fc.property(fc.array(miner, { maxLength: 20 }), (miners) => {
      const shares = miners.map(([share]) => share);
      const before = miners.map(([, , standing]) => standing ?? undefined);
      const { incentive, standingPpm } = applyReputation(
        epochOf(
          miners.map(([, trust]) => trust),
          shares,
        ),
        before,
        RULES,
      );
      expect(totalOf(incentive)).toBe(totalOf(shares));
      for (const [uid, [share, trust]] of miners.entries()) {
        expect(share > 0n || incentive[uid] === 0n).toBe(true);
        const [low, high] = [before[uid] ?? RULES.startPpm, trust].toSorted((left, right) => left - right);
        expect(standingPpm[uid]! >= Math.max(1, low! - 1) && standingPpm[uid]! <= Math.max(1, high!)).toBe(true);
      }
    }),
  );
});
