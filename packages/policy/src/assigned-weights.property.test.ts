import { runEpoch } from '@subnetes/consensus/epoch';
import { ONE } from '@subnetes/consensus/fixed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { network } from '../test/network.ts';
import { epochInputs } from '../test/random-policy.ts';
import { completeAssigned, type Judges } from './assigned-weights.ts';
import { vectorDistance } from './distance.ts';
import { toPpm } from './ppm.ts';

const VALIDATORS = 8;
const MINERS = 12;
const quality = fc.array(fc.integer({ min: 1000, max: 10_000 }), { minLength: MINERS, maxLength: MINERS });
const stakes = fc.array(fc.bigInt({ min: 10n ** 9n, max: 3n * 10n ** 9n }), {
  minLength: VALIDATORS,
  maxLength: VALIDATORS,
});
const scales = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: VALIDATORS, maxLength: VALIDATORS });

/** Each validator leaves out some miners, each miner keeps at least five of eight judges. */
const gaps = fc.array(fc.uniqueArray(fc.nat(VALIDATORS - 1), { maxLength: 3 }), {
  minLength: MINERS,
  maxLength: MINERS,
});
const judgesOf =
  (left: readonly (readonly number[])[]): Judges =>
  (validator, miner) =>
    !(left[miner - VALIDATORS] ?? []).includes(validator);

/** Everybody sees the same quality, on a scale of its own. */
const honest = (seen: readonly number[], weights: readonly bigint[], factors: readonly number[]) =>
  network(weights.map((stake, uid) => ({ stake, scores: seen.map((score) => score * factors[uid]!) })));

test('if everybody judges everybody, nothing changes', () => {
  fc.assert(
    fc.property(epochInputs, (input) => {
      expect(completeAssigned(input, runEpoch(input), () => true)).toBe(input);
    }),
  );
});

test('whoever judged honestly what was its own earns by stake, whatever the draw and whatever its scale', () => {
  fc.assert(
    fc.property(quality, stakes, scales, gaps, (seen, weights, factors, left) => {
      const input = honest(seen, weights, factors);
      const output = runEpoch(completeAssigned(input, runEpoch(input), judgesOf(left)));
      // Dividends are the stake shares and incentives the qualities, to what u16 can hold of them.
      expect(toPpm(vectorDistance(output.dividends, output.activeStake))).toBeLessThan(200);
      const total = BigInt(seen.reduce((sum, score) => sum + score, 0));
      const deserved = [...weights.map(() => 0n), ...seen.map((score) => (BigInt(score) * ONE) / total)];
      expect(toPpm(vectorDistance(output.incentive, deserved))).toBeLessThan(200);
      for (let uid = 0; uid < VALIDATORS; uid += 1) expect(toPpm(output.validatorTrust[uid]!)).toBeGreaterThan(999_000);
    }),
  );
});

test('what stands outside an assignment does not count', () => {
  fc.assert(
    fc.property(quality, stakes, gaps, fc.nat(VALIDATORS - 1), (seen, weights, left, liar) => {
      const mayJudge = judgesOf(left);
      const input = honest(
        seen,
        weights,
        weights.map(() => 1),
      );
      const lie = input.neurons.with(liar, {
        ...input.neurons[liar]!,
        weights: input.neurons[liar]!.weights.map(
          ([miner, value]) => [miner, mayJudge(liar, miner) ? value : 65_535 - value] as const,
        ),
      });
      const told = completeAssigned(input, runEpoch(input), mayJudge);
      const lied = completeAssigned({ ...input, neurons: lie }, runEpoch({ ...input, neurons: lie }), mayJudge);
      // The liar's own row is read as shares of its sum, so the last bit of its fixed point may fall otherwise.
      expect(toPpm(vectorDistance(runEpoch(lied).incentive, runEpoch(told).incentive))).toBeLessThan(100);
    }),
  );
});

test('a coalition below kappa times the coverage cannot raise its miner, whatever the draw', () => {
  fc.assert(
    fc.property(
      quality,
      gaps,
      fc.uniqueArray(fc.nat(VALIDATORS - 1), { minLength: 1, maxLength: 2 }),
      (seen, left, coalition) => {
        // Five of eight equal validators judge: 62 % of stake, of which half is 31 %. Two are 25 %.
        const sham = VALIDATORS + MINERS;
        const votes = Array.from({ length: VALIDATORS }, (_, uid) => ({
          stake: 100n,
          scores: coalition.includes(uid) ? [...seen.map(() => 0), 10_000] : [...seen, 1],
        }));
        const input = network(votes);
        const output = runEpoch(completeAssigned(input, runEpoch(input), judgesOf([...left, left[0]!])));
        expect(toPpm(output.incentive[sham]!)).toBeLessThan(1500);
      },
    ),
  );
});

test('silence is not completed: who judged none of its miners has no row', () => {
  const votes = Array.from({ length: 4 }, (_, uid) => ({ stake: 25n, scores: uid === 0 ? [0, 0, 9] : [6, 3, 9] }));
  const input = network(votes);
  const completed = completeAssigned(input, runEpoch(input), (validator, miner) => validator !== 0 || miner !== 6);
  expect(completed.neurons[0]?.weights).toEqual([]);
  expect(completed.neurons[1]?.weights).not.toEqual([]);
});
