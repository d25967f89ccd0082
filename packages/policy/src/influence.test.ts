import { runEpoch } from '@subnetes/consensus/epoch';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { network } from '../test/network.ts';
import { epochInputs } from '../test/random-policy.ts';
import { captureIndex } from './capture-index.ts';
import { influence } from './influence.ts';

const AGREED = [4000, 3000, 2000, 1000];
const OTHER = [1000, 2000, 3000, 4000];

test('where all agree nobody alone changes anything', () => {
  const market = network([50n, 30n, 20n].map((stake) => ({ stake, scores: AGREED })));
  const { validators, concentrationPpm } = influence(market);
  expect(validators.map(({ uid, stakePpm }) => [uid, stakePpm])).toEqual([
    [0, 500_000],
    [1, 299_999],
    [2, 199_999],
  ]);
  // Leaving one out moves the last bits of normalised shares, nothing that a millionth shows.
  expect(validators.every(({ influencePpm }) => influencePpm === 0)).toBe(true);
  expect(concentrationPpm).toBeLessThanOrEqual(1_000_000);
});

test('who decides alone has all the influence', () => {
  const market = network([
    { stake: 40n, scores: AGREED },
    { stake: 40n, scores: OTHER },
    { stake: 20n, scores: AGREED },
  ]);
  const { validators, concentrationPpm } = influence(market);
  const [first, second, third] = validators.map(({ influencePpm }) => influencePpm);
  expect(second).toBeLessThan(first!); // those who are clipped decide less
  expect(third).toBeGreaterThan(0);
  expect(validators.reduce((sum, { partPpm }) => sum + partPpm, 0)).toBeGreaterThan(999_990);
  expect(concentrationPpm).toBeGreaterThan(1_000_000 / 3);
});

test('two millionths a millionth that changes hands: what one loses another gains', () => {
  const market = network([
    { stake: 60n, scores: [9, 0] },
    { stake: 40n, scores: [0, 9] },
  ]);
  expect(influence(market).validators.map(({ influencePpm }) => influencePpm)).toEqual([2_000_000, 0]);
});

test('a network without votes has no influence and no capture', () => {
  const empty = network([]);
  expect(influence(empty)).toEqual({ validators: [], concentrationPpm: 0 });
  expect(captureIndex(empty)).toEqual({ coalition: null, isCutShort: false });
});

test('influence is at most everything for everything, and the parts add up to one', () => {
  fc.assert(
    fc.property(epochInputs, (input) => {
      const { validators, concentrationPpm } = influence(input);
      const active = runEpoch(input).activeStake.filter((stake) => stake > 0n);
      expect(validators).toHaveLength(active.length);
      for (const { influencePpm } of validators) expect(influencePpm).toBeLessThanOrEqual(2_000_000);
      expect(validators.reduce((sum, { partPpm }) => sum + partPpm, 0)).toBeLessThanOrEqual(1_000_000);
      expect(concentrationPpm).toBeLessThanOrEqual(1_000_000);
    }),
    { numRuns: 50 },
  );
});

const sham = (stake: bigint) => ({ stake, scores: [0, 0, 0, 0, 9000, 9000] });
const honest = (stake: bigint) => ({ stake, scores: [...AGREED, 0, 0] });

test('six of ten equal validators on sham miners: without two of them the rest would hold kappa again', () => {
  const market = network([
    ...Array.from({ length: 6 }, () => sham(10n)),
    ...Array.from({ length: 4 }, () => honest(10n)),
  ]);
  const { coalition, isCutShort } = captureIndex(market);
  expect(coalition).toMatchObject({ uids: [0, 1] });
  expect(Math.abs(coalition!.stakePpm - 200_000)).toBeLessThan(3);
  expect(coalition!.movedPpm).toBeGreaterThan(400_000);
  expect(isCutShort).toBe(false);
  // Each of the six is dispensable, so leaving one out shows nothing.
  expect(influence(market).validators.every(({ influencePpm }) => influencePpm < 10)).toBe(true);
});

test.for([
  { sham: 1, index: null }, // 90 to 10: whoever left, up to half of the stake, would change nothing
  { sham: 3, index: 400_000 }, // 70 to 30: without 40 it would be even
  { sham: 4, index: 200_000 },
])('the index is the margin of whoever decides: $sham of ten on sham miners', ({ sham: count, index }) => {
  const market = network(Array.from({ length: 10 }, (_, uid) => (uid < count ? sham(10n) : honest(10n))));
  const { coalition } = captureIndex(market);
  const rounded = coalition === null ? null : Math.round(coalition.stakePpm / 10) * 10;
  expect(rounded).toBe(index);
});

test('a search that is cut short says so, and never runs longer', () => {
  let runs = 0;
  const counting: typeof runEpoch = (input) => {
    runs += 1;
    return runEpoch(input);
  };
  const market = network(Array.from({ length: 9 }, (_, uid) => ({ stake: 10n, scores: moved(uid) })));
  expect(captureIndex(market, { movedPpm: 900_000, runsMax: 5 }, { run: counting })).toEqual({
    coalition: null,
    isCutShort: true,
  });
  expect(runs).toBe(6);
});

function moved(uid: number): number[] {
  return AGREED.map((score, miner) => score + ((uid * 7 + miner * 13) % 11));
}
