import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MACHINERY, SOME_HASH } from '../test/network.ts';
import { type AssignmentRules, type Candidates, candidatesAfter, drawAssignment } from './assignment.ts';

const RULES: AssignmentRules = { judges: 3, coverageU16: 0 };
const KAPPA = 32_767;
const crowd = (validators: number, miners: number): Candidates => ({
  validators: Array.from({ length: validators }, (_, index) => ({
    registrationId: `v${index}`,
    stake: BigInt(index + 1),
  })),
  miners: Array.from({ length: miners }, (_, index) => `m${index}`),
});
const draw = (candidates: Candidates, rules = RULES, seed = SOME_HASH) =>
  drawAssignment({ seed, kappaU16: KAPPA, candidates }, rules, MACHINERY.sha256);
const seedOf = (index: number): string => index.toString(16).padStart(64, '0');

const candidates = fc
  .tuple(
    fc.array(fc.bigInt({ min: 0n, max: 10n ** 18n }), { minLength: 1, maxLength: 12 }),
    fc.integer({ min: 1, max: 12 }),
  )
  .map(([stakes, miners]) => ({
    validators: stakes.map((stake, index) => ({ registrationId: `v${index}`, stake })),
    miners: [...crowd(0, miners).miners, 'v0'], // a validator that mines as well
  }));
const rules = fc.record({ judges: fc.integer({ min: 1, max: 14 }), coverageU16: fc.integer({ min: 0, max: 65_535 }) });

test('every miner has enough judges and more than the coverage of stake, or all there are', () => {
  fc.assert(
    fc.property(candidates, rules, fc.nat(), (people, own, seed) => {
      const { judges } = draw(people, own, seedOf(seed));
      const stakes = new Map(people.validators.map(({ registrationId, stake }) => [registrationId, stake]));
      const total = people.validators.reduce((sum, { stake }) => sum + stake, 0n);
      for (const miner of people.miners) {
        const chosen = judges[miner]!;
        const others = people.validators.filter(({ registrationId }) => registrationId !== miner);
        expect(chosen).not.toContain(miner);
        expect(new Set(chosen).size).toBe(chosen.length);
        const judged = chosen.reduce((sum, id) => sum + stakes.get(id)!, 0n) * 65_535n;
        const isCovered = judged > total * BigInt(Math.max(KAPPA, own.coverageU16));
        expect(chosen.length === others.length || (isCovered && chosen.length >= own.judges)).toBe(true);
      }
    }),
  );
});

test('exactly the coverage is not more than it', () => {
  const people = {
    validators: [32_767n, 32_768n].map((stake, index) => ({ registrationId: `v${index}`, stake })),
    miners: ['m', 'n', 'o'],
  };
  for (let seed = 0; seed < 20; seed += 1) {
    const { judges } = draw(people, { judges: 1, coverageU16: 0 }, seedOf(seed));
    for (const chosen of Object.values(judges)) expect(chosen).toContain('v1'); // alone more than kappa, the other one is exactly kappa
  }
});

test('every validator judges somebody where there is somebody to judge', () => {
  fc.assert(
    fc.property(candidates, fc.nat(), (people, seed) => {
      const busy = new Set(Object.values(draw(people, { judges: 1, coverageU16: 0 }, seedOf(seed)).judges).flat());
      for (const { registrationId } of people.validators) expect(busy.has(registrationId)).toBe(true);
    }),
  );
});

test('the order in which candidates are named does not matter', () => {
  fc.assert(
    fc.property(candidates, fc.nat(), (people, seed) => {
      const turned = { validators: people.validators.toReversed(), miners: people.miners.toReversed() };
      expect(draw(turned, RULES, seedOf(seed))).toEqual(draw(people, RULES, seedOf(seed)));
    }),
  );
});

test('over seeds every validator judges a given miner equally often: nobody can choose', () => {
  const equal = { ...crowd(10, 1), validators: crowd(10, 1).validators.map((own) => ({ ...own, stake: 1n })) };
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 1000; seed += 1) {
    for (const id of draw(equal, { judges: 6, coverageU16: 0 }, seedOf(seed)).judges['m0']!.slice(0, 6)) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  // Each is among the six in 600 of 1000 draws; four deviations are 62. Those left over judge `m0` as their only miner.
  for (const count of counts.values()) expect(Math.abs(count - 600)).toBeLessThan(62);
});

test('who else is registered does not change who judges a miner', () => {
  const small = draw(crowd(8, 4), { judges: 8, coverageU16: 0 });
  const large = draw(crowd(8, 40), { judges: 8, coverageU16: 0 });
  expect(large.judges['m2']).toEqual(small.judges['m2']);
});

test('a seed that is none is refused', () => {
  expect(() => draw(crowd(2, 2), RULES, 'beef')).toThrow(RangeError);
});

test('candidates are who may judge next, and who can be judged', () => {
  const output = { permits: [true, true, false, false], incentive: [0n, 5n, 9n, 0n] };
  expect(candidatesAfter(output, ['a', 'b', 'c', null], [10n, 20n, 0n, 0n])).toEqual({
    validators: [
      { registrationId: 'a', stake: 10n },
      { registrationId: 'b', stake: 20n },
    ],
    miners: ['b', 'c'],
  });
});
