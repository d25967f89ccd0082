import { ONE } from '@subnetes/consensus/fixed';
import type { Row } from '@subnetes/consensus/sparse';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DeviationRules, type DeviationRun, punishDeviation } from './deviation.ts';
import { fromPpm } from './ppm.ts';

const RULES: DeviationRules = {
  limitPpm: 200_000,
  timesMedianPpm: 2_000_000,
  reduceAfterEpochs: 2,
  reductionPpm: 250_000,
  evidenceAfterEpochs: 3,
};
const HASH = (index: number): string => index.toString(16).padStart(64, '0');

/** Two miners (uids 3 and 4) between whom consensus is even; each validator puts `ppm` of its weight too much on the first. */
const votes = (...tooMuchPpm: readonly (number | undefined)[]) => ({
  given: tooMuchPpm.map((ppm): Row =>
    ppm === undefined
      ? []
      : [
          [3, fromPpm(500_000 + ppm)],
          [4, fromPpm(500_000 - ppm)],
        ],
  ),
  activeStake: tooMuchPpm.map(() => ONE / 3n),
  consensus: [0n, 0n, 0n, ONE / 2n, ONE / 2n],
  dividends: tooMuchPpm.map(() => 1000n),
});

/** Runs epochs one after the other; each gives the third validator's deviation, undefined for no vote. */
function runs(deviations: readonly (number | undefined)[], rules = RULES) {
  let before: readonly (DeviationRun | undefined)[] = [];
  return deviations.map((own, index) => {
    const outcome = punishDeviation(votes(10_000, 10_000, own), before, { rules, index, inputsSha256: HASH(index) });
    before = outcome.runs;
    return outcome;
  });
}

test('past the limit for so many epochs dividends shrink, and then there is evidence', () => {
  const outcomes = runs([300_000, 300_000, 300_000, 300_000]);
  expect(outcomes.map(({ dividends }) => dividends[2])).toEqual([1000n, 750n, 750n, 750n]);
  expect(outcomes.every(({ dividends }) => dividends[0] === 1000n)).toBe(true);
  expect(outcomes.map(({ proven }) => proven.length)).toEqual([0, 0, 1, 0]);
  expect(outcomes[2]?.proven).toEqual([
    { uid: 2, epochs: [0, 1, 2].map((index) => ({ index, inputsSha256: HASH(index), deviationPpm: 299_999 })) },
  ]);
});

test('evidence comes again after as many epochs more, and what is carried stays short', () => {
  const outcomes = runs(Array.from({ length: 20 }, () => 300_000));
  expect(outcomes.map(({ proven }) => proven.length).join('')).toBe('00100100100100100100');
  for (const { runs: carried } of outcomes) expect(carried[2]?.epochs.length ?? 0).toBeLessThan(3);
});

test.for<[string, readonly (number | undefined)[], readonly number[]]>([
  ['one epoch within the limit ends it', [300_000, 100_000, 300_000], [1, 0, 1]],
  ['an epoch without a vote neither ends nor lengthens it', [300_000, undefined, 300_000], [1, 1, 2]],
])('a run: %s', ([, deviations, lengths]) => {
  expect(runs(deviations).map(({ runs: carried }) => carried[2]?.length ?? 0)).toEqual(lengths);
});

test('at the limit is within it', () => {
  const exact = { ...RULES, limitPpm: 250_000 };
  expect(runs([250_000], exact)[0]).toMatchObject({
    runs: [undefined, undefined, undefined],
    deviationPpm: [9999, 9999, 250_000],
  });
  expect(runs([250_010], exact)[0]?.runs[2]?.length).toBe(1);
});

test('where everybody is noisy the limit is the network’s', () => {
  const context = { rules: RULES, index: 1, inputsSha256: HASH(1) };
  const { runs: carried } = punishDeviation(votes(250_000, 250_000, 450_000), [], context);
  expect(carried).toEqual([undefined, undefined, undefined]); // twice the median is 500000
});

test('without a consensus nobody deviates', () => {
  const context = { rules: RULES, index: 1, inputsSha256: HASH(1) };
  const { deviationPpm } = punishDeviation({ ...votes(1, 2, 3), consensus: [0n, 0n, 0n, 0n, 0n] }, [], context);
  expect(deviationPpm).toEqual([null, null, null]);
});

test('nothing that is withheld goes to anybody else', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(500_000), { minLength: 1, maxLength: 8 }), fc.nat(5), (tooMuch, length) => {
      const view = votes(...tooMuch);
      const before = tooMuch.map(() => ({ length, epochs: [] }));
      const { dividends } = punishDeviation(view, before, { rules: RULES, index: 9, inputsSha256: HASH(9) });
      for (const [uid, share] of dividends.entries()) expect(share).toBeLessThanOrEqual(view.dividends[uid]!);
    }),
  );
});
