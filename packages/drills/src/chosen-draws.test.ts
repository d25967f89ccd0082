import { runEpoch } from '@subnetes/consensus/epoch';
import type { EpochInput, NeuronInput } from '@subnetes/consensus/epoch-types';
import type { AssignmentRules } from '@subnetes/policy/assignment';
import { runDrawnEpoch } from '@subnetes/policy/drawn-epoch';
import { type CarriedDraw, drawnAssignment, drawScope, notToJudge } from '@subnetes/policy/interval-draw';
import { EMPTY_STATE } from '@subnetes/policy/policy-state';
import { portableSha256 } from '@subnetes/policy/portable-sha256';
import { expect, test } from 'vitest';
import { EXAMPLE, exampleNeuron } from '@subnetes/consensus/test/worked-example';

/** Twelve equal validators, four of them a cabal: 33 % of stake, enough to outvote the judges that two thirds of it are. */
const VALIDATORS = 12;
const CABAL = [0, 1, 2, 3];
const MINERS = 12;
/** Of the cabal, and worth nothing: no honest validator gives it anything. */
const SHAM = VALIDATORS + MINERS - 1;
const EPOCHS = 120;
const INTERVALS = Array.from({ length: EPOCHS }, (_, at) => at + 1);
const RULES: AssignmentRules = { judges: 6, coverageU16: 40_000 };
const KAPPA_U16 = 32_767;

const idOf = (uid: number): string => `r${String(uid).padStart(2, '0')}`;
const honestRow = Array.from({ length: MINERS - 1 }, (_, at) => [VALIDATORS + at, 5000 + 1000 * at] as const);
const shamRow = [[SHAM, 65_535]] as const;

function epochOf(rows: readonly NeuronInput['weights'][]): EpochInput {
  return {
    ...EXAMPLE,
    neurons: [
      ...rows.map((row) => exampleNeuron(100n, row)),
      ...Array.from({ length: MINERS }, () => exampleNeuron(0n, [])),
    ],
  };
}

const drawOf = (interval: number): CarriedDraw => ({
  interval,
  round: interval,
  publicKey: '',
  rules: RULES,
  kappaU16: KAPPA_U16,
  validators: Array.from({ length: VALIDATORS }, (_, uid) => ({ registrationId: idOf(uid), stake: '100' })),
  miners: Array.from({ length: MINERS }, (_, at) => idOf(VALIDATORS + at)),
});
const openedOf = (interval: number) => ({ interval, signature: interval.toString(16).padStart(96, '0') });

/** Judges of the sham that are the cabal's, in the draw of an interval. */
function ownJudges(interval: number): number {
  const context = { scope: drawScope(1, 0), sha256: portableSha256 };
  const drawn = drawnAssignment([drawOf(interval)], openedOf(interval), context);
  return CABAL.filter((uid) => drawn && !notToJudge(drawn.assignment, idOf(uid)).includes(idOf(SHAM))).length;
}

/** What the sham gets of one epoch's incentive, where the cabal sends a row and a given interval's draw counts. */
function shamIncentive(row: NeuronInput['weights'], interval: number): number {
  const epoch = epochOf(Array.from({ length: VALIDATORS }, (_, uid) => (CABAL.includes(uid) ? row : honestRow)));
  const registrations = epoch.neurons.map((_, uid) => idOf(uid));
  const { output } = runDrawnEpoch(
    { epoch, index: interval, inputsSha256: 'ab'.repeat(32), registrations },
    { format: 1, countermeasures: { assignment: RULES } },
    { ...EMPTY_STATE, draws: [drawOf(interval)] },
    { draws: { scope: drawScope(1, 0), opened: openedOf(interval) }, runEpoch },
  );
  return (output.u16.incentive[SHAM] ?? 0) / 65_535;
}

/** The mean over many intervals. An empty row is silence. */
function shamShare(row: (interval: number) => NeuronInput['weights']): number {
  const shares = INTERVALS.map((interval) => shamIncentive(row(interval), interval));
  return shares.reduce((sum, share) => sum + share, 0) / EPOCHS;
}

const always = shamShare(() => shamRow);

test('a cabal gets no more for its own miner by choosing when to speak than by always speaking', () => {
  expect(always).toBeGreaterThan(0); // it has luck: that is what the rule costs
  const isLucky = (interval: number): boolean => ownJudges(interval) === CABAL.length;
  expect(INTERVALS.some(isLucky)).toBe(true);
  for (const otherwise of [honestRow, []]) {
    expect(shamShare((interval) => (isLucky(interval) ? shamRow : otherwise))).toBeLessThanOrEqual(always);
  }
});

test('a draw that could be chosen would be worth more than twice as much: so nobody may choose one', () => {
  const best = INTERVALS.reduce((most, interval) => Math.max(most, shamIncentive(shamRow, interval)), 0);
  expect(best).toBeGreaterThan(2 * always);
});
