import { runEpoch } from '@subnetes/consensus/epoch';
import { canonicalJson, toStored } from '@subnetes/consensus/epoch-json';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  buildEpochInputs,
  type EpochDue,
  type GatheredWeights,
  reportedRows,
  type SealedNeuron,
} from './epoch-inputs.ts';
import { outputsDocument } from './outputs-document.ts';
import { bondsAfter } from './bonds.ts';
import { bondsOf } from '../test/named-bonds.ts';
import { scoreEpoch } from './score-epoch.ts';
import { inputsFromStored, type StoredEpochInputs } from './stored-inputs.ts';

const BLOCK = 1000;
const HASH = 'ab'.repeat(32);
const rao = fc.bigInt({ min: 0n, max: 10n ** 13n });
const u16 = fc.integer({ min: 0, max: 65_535 });
const block = fc.integer({ min: 0, max: BLOCK - 1 });

const neurons: fc.Arbitrary<SealedNeuron[]> = fc
  .uniqueArray(
    fc.record({
      uid: fc.nat(9), // with gaps: uids of neurons that left
      hotkey: fc.constant('hotkey'),
      coldkey: fc.constant('coldkey'),
      registeredAt: block,
      registrationId: fc.constant(''),
      stake: fc.oneof(fc.constant(0n), rao),
      ownerHotkey: fc.constant(false),
    }),
    { selector: ({ uid }) => uid, maxLength: 8 },
  )
  .map((list) => list.map((each) => ({ ...each, registrationId: `r${each.uid}` })));

const due: fc.Arbitrary<EpochDue> = fc.record({
  sequence: fc.constant(7),
  netuid: fc.constant(1),
  index: fc.constant(3),
  block: fc.constant(BLOCK),
  subnetStartBlock: fc.constant(1),
  pots: fc.record({ owner: rao, miners: rao, validators: rao }),
  neurons,
  policy: fc.record({
    version: fc.constant(1),
    sha256: fc.constant(''),
    tempo: fc.constant(20),
    yumaVersion: fc.constantFrom(2 as const, 3 as const),
    kappaU16: u16,
    bondsPenaltyU16: u16,
    bondsMovingAveragePpm: fc.integer({ min: 0, max: 975_000 }),
    activityCutoffBlocks: fc.integer({ min: 1, max: 2000 }),
    maxValidators: fc.integer({ min: 1, max: 8 }),
    commitReveal: fc.constant({ type: 'Off' as const }),
    weightsRateLimitBlocks: fc.constant(0),
    missedReveal: fc.constant('Keep' as const),
    weightsVersionKey: fc.constant(0n),
    minAllowedWeights: fc.constant(1),
    maxWeightLimitU16: fc.constant(65_535),
    stakeThreshold: fc.constantFrom(0n, 10n ** 9n),
    liquidAlpha: fc.constantFrom(null, { lowU16: 45_875, highU16: 58_982, steepnessHundredths: 1000 }),
    mechanisms: fc.uniqueArray(fc.record({ id: fc.nat(2), emissionWeight: fc.integer({ min: 1, max: 9 }) }), {
      selector: ({ id }) => id,
      minLength: 1,
      maxLength: 3,
    }),
  }),
  nextPolicy: fc.constant(undefined),
  previousInputsSha256: fc.constant(''),
});

const row = fc
  .uniqueArray(fc.tuple(fc.nat(9), u16), { selector: ([uid]) => uid, maxLength: 6 })
  .map((entries) => entries.toSorted(([left], [right]) => left - right));
const registration = fc.nat(9).map((uid) => `r${uid}`);
const gathered: fc.Arbitrary<GatheredWeights> = fc.record({
  lastEpochBlock: fc.option(block),
  inForce: fc.uniqueArray(
    fc.record({
      registrationId: registration,
      uid: fc.constant(0),
      mechanismId: fc.nat(2),
      source: fc.constant('Open' as const),
      interval: fc.constant(2),
      block,
      sequence: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
      weights: row,
    }),
    { selector: ({ registrationId, mechanismId }) => `${registrationId}/${mechanismId}`, maxLength: 12 },
  ),
  permits: fc.array(registration).map((ids) => new Set(ids)),
  bonds: fc
    .uniqueArray(fc.record({ mechanismId: fc.nat(2), from: registration, to: registration, value: u16 }), {
      selector: ({ mechanismId, from, to }) => `${mechanismId}/${from}/${to}`,
      maxLength: 20,
    })
    .map(bondsOf),
  states: fc.constant({}),
});

test('whatever was sealed and revealed, both pots are paid or unattributed to the rao', () => {
  fc.assert(
    fc.property(due, gathered, (sealed, weights) => {
      const outputs = scoreEpoch(buildEpochInputs('network', sealed, weights), HASH);
      const amounts = outputs.neurons.flatMap(({ incentiveRao, dividendRao }) => [incentiveRao, dividendRao]);
      const paid = amounts.reduce((sum, amount) => sum + amount, outputs.unattributed);
      expect(paid).toBe(sealed.pots.miners + sealed.pots.validators);
      expect([...amounts, outputs.unattributed].every((amount) => amount >= 0n)).toBe(true);
      expect(outputs.neurons).toHaveLength(sealed.neurons.length);
    }),
  );
});

test('inputs that were stored score to the same outputs, and bonds stay between neurons that are there', () => {
  fc.assert(
    fc.property(due, gathered, (sealed, weights) => {
      const inputs = buildEpochInputs('network', sealed, weights);
      const outputs = scoreEpoch(inputs, HASH);
      const again = inputsFromStored(JSON.parse(canonicalJson(toStored(inputs))) as StoredEpochInputs);
      expect(canonicalJson(toStored(scoreEpoch(again, HASH)))).toBe(canonicalJson(toStored(outputs)));
      const first = canonicalJson(toStored({ ...inputs, format: 1, reports: [] })); // as an older version stored it
      const older = inputsFromStored(JSON.parse(first) as StoredEpochInputs);
      expect(canonicalJson(toStored(scoreEpoch(older, HASH)))).toBe(canonicalJson(toStored({ ...outputs, format: 1 })));
      const present = new Set(sealed.neurons.map(({ registrationId }) => registrationId));
      expect(bondsAfter(inputs, outputs).ids.every((id) => present.has(id))).toBe(true);
    }),
  );
});

test('what is stored and hashed of a mechanism is the text that the readable implementation gives', () => {
  fc.assert(
    fc.property(due, gathered, (sealed, weights) => {
      const inputs = buildEpochInputs('network', sealed, weights);
      const stored = scoreEpoch(inputs, HASH).mechanisms.map(({ output }) => canonicalJson(toStored(output)));
      expect(stored).toEqual(inputs.mechanisms.map(({ epoch }) => canonicalJson(toStored(runEpoch(epoch)))));
    }),
  );
});

test('what is stored of outputs is all of them in format 1, and all but the matrices in format 2', () => {
  const matrices = ['weights', 'clipped', 'bondsObserved', 'bondShares', 'bondsKept'] as const;
  fc.assert(
    fc.property(due, gathered, (sealed, weights) => {
      const outputs = scoreEpoch(buildEpochInputs('network', sealed, weights), HASH);
      const all = toStored({ ...outputs, format: 1 as const });
      expect(toStored(outputsDocument({ ...outputs, format: 1 }))).toEqual(all);
      const without = all.mechanisms.map(({ output, ...mechanism }) => ({
        ...mechanism,
        output: Object.fromEntries(Object.entries(output).filter(([name]) => !matrices.some((each) => each === name))),
      }));
      expect(toStored(outputsDocument(outputs))).toEqual({ ...all, format: 2, mechanisms: without });
    }),
  );
});

test('the rows that reported are named in the inputs, stored or not, and found again', () => {
  fc.assert(
    fc.property(due, gathered, (sealed, weights) => {
      const inputs = buildEpochInputs('network', sealed, weights);
      const stored = inputsFromStored(JSON.parse(canonicalJson(toStored(inputs))) as StoredEpochInputs);
      const present = new Set(sealed.neurons.map(({ registrationId }) => registrationId));
      const named = weights.inForce
        .filter(({ registrationId }) => present.has(registrationId))
        .map(({ registrationId, mechanismId, source, interval }) => ({
          registrationId,
          mechanismId,
          source,
          interval,
        }));
      expect(reportedRows(stored)).toEqual(reportedRows(inputs));
      expect(new Set(reportedRows(stored).map((row) => canonicalJson(row)))).toEqual(
        new Set(named.map((row) => canonicalJson(row))),
      );
    }),
  );
});
