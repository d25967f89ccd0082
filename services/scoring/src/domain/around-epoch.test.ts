import { payPots } from '@subnetes/consensus/emission';
import { runEpoch } from '@subnetes/consensus/epoch';
import { canonicalJson, toStored } from '@subnetes/consensus/epoch-json';
import { storedBytes } from '@subnetes/consensus/stored-bytes';
import type { LiveCountermeasures } from '@subnetes/policy/live-countermeasures';
import { RECOMMENDED } from '@subnetes/policy/recommended';
import { expect, test } from 'vitest';
import { playEpochs, type PlayedEpoch, registrationOf, sha256 } from '#test/policy-market.ts';
import { mechanismAccount, openMechanisms } from './mechanism-account.ts';
import { mechanismPots, scoreEpoch } from './score-epoch.ts';
import { inputsFromStored, type StoredEpochInputs } from './stored-inputs.ts';

/** Six miners are few: the recommended eight would never be judged. */
const AROUND: LiveCountermeasures = { ...RECOMMENDED, firewall: { ...RECOMMENDED.firewall, minersMin: 4 } };
const MINERS = [4, 5, 6, 7, 8, 9];
const HONEST = [60_000, 50_000, 40_000, 30_000, 20_000, 10_000];
/** Honest validators move a little; the last one turns to one score for all from epoch 4 on. */
const flatFromFour = (validator: number, epoch: number): number[] =>
  validator === 3 && epoch >= 4 ? HONEST.map(() => 9000) : HONEST.map((score, at) => score + 500 * epoch * (at % 3));
/** The last one gives all to the worst miner. */
const deviant = (validator: number, epoch: number): number[] =>
  validator === 3 ? HONEST.map((_, at) => (at === 5 ? 60_000 : 0)) : flatFromFour(validator, epoch);

const at = (epochs: readonly PlayedEpoch[], index: number): PlayedEpoch => epochs[index - 1]!;

test('without countermeasures what is stored and paid is what it was before there were any, to the bit', () => {
  for (const { inputs, inputsSha256, outputs } of playEpochs(5, { scores: flatFromFour })) {
    const text = canonicalJson(toStored(inputs));
    expect(text).not.toMatch(/countermeasures|"state"/);
    const pots = mechanismPots(inputs);
    const before = inputs.mechanisms.map(({ id, epoch }, position) => {
      const output = runEpoch(epoch);
      return { id, pots: pots[position], output, payout: payPots(output, pots[position]!) };
    });
    expect(canonicalJson(toStored(outputs.mechanisms))).toBe(canonicalJson(toStored(before)));
    expect(inputsSha256).toBe(sha256(text));
  }
});

/** Inputs and outputs (with their matrices, format 1) of the fifth epoch, as the version before countermeasures hashed them. */
const BEFORE = {
  inputs: '7301c8783277003188d7be283db6885f37226abb6c8fbd86fef04c24bbdf57b1',
  outputs: '28f7c4b1364e5d1e855e319bed41bc67b2a9d1fef06811051f2c55aca781e46b',
};

test.for<[string, LiveCountermeasures | undefined]>([
  ['has none', undefined],
  ['had some before this epoch', AROUND],
])('the hashes of a policy that %s are those of the version before', ([, earlier]) => {
  const { inputs } = at(playEpochs(5, { scores: flatFromFour }), 5);
  const reports = inputs.reports.map(({ sequence: _notNamedThen, ...row }) => row);
  const inputsSha256 = sha256(canonicalJson(toStored({ ...inputs, reports })));
  expect(inputsSha256).toBe(BEFORE.inputs);
  const outputs = scoreEpoch(inputs, inputsSha256);
  expect(sha256(canonicalJson(toStored({ ...outputs, format: 1 })))).toBe(BEFORE.outputs);
  const switched = playEpochs(6, {
    scores: flatFromFour,
    countermeasures: (epoch) => (epoch < 5 ? earlier : undefined),
  });
  expect(canonicalJson(toStored(at(switched, 6).inputs))).not.toMatch(/countermeasures|"state"/);
});

test('each epoch is computed again from its own document, by both implementations, state and all', () => {
  for (const { inputs, inputsSha256, outputs } of playEpochs(12, { scores: flatFromFour, countermeasures: AROUND })) {
    const text = canonicalJson(toStored(inputs));
    expect(Buffer.from(storedBytes(inputs)).toString()).toBe(text);
    const again = inputsFromStored(JSON.parse(text) as StoredEpochInputs);
    expect(canonicalJson(toStored(scoreEpoch(again, inputsSha256, { run: runEpoch })))).toBe(
      canonicalJson(toStored(outputs)),
    );
  }
});

test('the state that an epoch leaves is what the next begins with, and is sealed with its inputs', () => {
  const epochs = playEpochs(6, { scores: flatFromFour, countermeasures: AROUND });
  expect(at(epochs, 1).inputs.mechanisms[0]).not.toHaveProperty('state');
  for (const index of [2, 3, 4, 5, 6]) {
    const left = at(epochs, index - 1).outputs.mechanisms[0]?.policy?.state;
    expect(at(epochs, index).inputs.mechanisms[0]?.state).toEqual(left);
  }
  expect(at(epochs, 6).inputs.mechanisms[0]?.state?.neurons[registrationOf(1)]).toMatchObject({
    uid: 1,
    standingPpm: RECOMMENDED.reputation.startPpm,
    firewall: { row: expect.anything(), sameEpochs: 0 },
  });
});

test('a rule that is switched off forgets its state, and a uid that is used again inherits none', () => {
  const off = playEpochs(6, { scores: flatFromFour, countermeasures: (epoch) => (epoch < 4 ? AROUND : undefined) });
  expect(at(off, 3).outputs.mechanisms[0]?.policy?.state.neurons).not.toEqual({});
  expect(at(off, 4).inputs.mechanisms[0]).not.toHaveProperty('state');
  const newcomer = playEpochs(6, {
    scores: flatFromFour,
    countermeasures: AROUND,
    generation: (uid, epoch) => (uid === 4 && epoch >= 5 ? 1 : 0),
  });
  const { reputation } = AROUND;
  const before = at(newcomer, 4).outputs.mechanisms[0]?.policy?.state.neurons[registrationOf(4)];
  expect(before?.standingPpm).toBeGreaterThan(reputation!.startPpm);
  const after = at(newcomer, 5).outputs.mechanisms[0]?.policy?.state.neurons;
  expect(after).not.toHaveProperty(registrationOf(4));
});

test('a validator that gives everybody the same abstains, is not paid, and is told why', () => {
  const epochs = playEpochs(8, { scores: flatFromFour, countermeasures: { firewall: AROUND.firewall! } });
  const neuronOf = (index: number) => at(epochs, index).metagraph.neurons.find(({ uid }) => uid === 3);
  expect(neuronOf(3)?.policy.abstention).toBeUndefined();
  const own = neuronOf(8);
  expect(own?.policy.abstention).toMatchObject({ reason: 'identical-scores', figures: { scores: 6 } });
  expect(own?.why).toMatchObject({
    reason: 'Abstains',
    sentence: expect.stringMatching(/^abstains: same score for all 6 miners/),
  });
  expect(own?.dividendRao).toBe(0n);
  expect(neuronOf(3)!.dividendRao).toBeGreaterThan(0n);
});

test('who keeps deviating loses dividends to nobody, with evidence that names its epochs', () => {
  const rules = { ...AROUND.deviation!, reduceAfterEpochs: 2, evidenceAfterEpochs: 3 };
  const epochs = playEpochs(6, { scores: deviant, countermeasures: { deviation: rules } });
  const proven = epochs.flatMap(({ outputs }) => outputs.mechanisms.flatMap(({ policy }) => policy?.evidence ?? []));
  const [evidence] = proven;
  expect(evidence).toMatchObject({
    kind: 'deviation',
    registrationId: registrationOf(3),
    policySha256: 'bb'.repeat(32),
    limitPpm: rules.limitPpm,
  });
  expect(evidence?.epochs).toHaveLength(3);
  for (const { index, inputsSha256 } of evidence!.epochs) expect(inputsSha256).toBe(at(epochs, index).inputsSha256);
  const { outputs, inputs, metagraph } = at(epochs, 6);
  expect(metagraph.neurons.find(({ uid }) => uid === 3)?.why).toMatchObject({ reason: 'DividendsReduced' });
  const alone = scoreEpoch(
    { format: inputs.format, due: inputs.due, mechanisms: inputs.mechanisms },
    at(epochs, 6).inputsSha256,
  );
  expect(outputs.unattributed).toBeGreaterThan(alone.unattributed);
});

test("an account of the consensus and the policy's lines add up to what is paid, to the last unit", () => {
  for (const { inputs, inputsSha256, outputs } of playEpochs(8, { scores: deviant, countermeasures: AROUND })) {
    const opened = openMechanisms(inputs, inputsSha256, { run: runEpoch, answers: new Map() });
    for (const { uid, incentiveRao, dividendRao } of outputs.neurons) {
      const accounts = opened.map((mechanism) => mechanismAccount(uid, mechanism));
      const sum = (of: (account: (typeof accounts)[number]) => bigint): bigint =>
        accounts.reduce((total, account) => total + of(account), 0n);
      const lines = (field: 'incentivePaid' | 'dividendsPaid') => (account: (typeof accounts)[number]) =>
        account.policy.reduce((total, line) => total + line[field], 0n);
      expect(sum(({ miner }) => miner.rao) + sum(lines('incentivePaid'))).toBe(incentiveRao);
      expect(sum(({ validator }) => validator?.account.rao ?? 0n) + sum(lines('dividendsPaid'))).toBe(dividendRao);
    }
    expect(opened[0]?.adjustments.map(({ step }) => step)[0]).toBe('consensus');
  }
});

test('a miner below the floor is told so, and what it lost', () => {
  const steep = (): number[] => [60_000, 50_000, 40_000, 30_000, 20_000, 900];
  const floor = { ...AROUND.qualityFloor!, heldPpm: 500_000 };
  const epochs = playEpochs(5, { scores: steep, countermeasures: { qualityFloor: floor } });
  const last = at(epochs, 5).metagraph.neurons.find(({ uid }) => uid === MINERS.at(-1));
  expect(last).toMatchObject({ incentive: 0, why: { reason: 'BelowQualityFloor' } });
  expect(last?.why.sentence).toMatch(/policy: quality-floor -0\.00\d\d of incentive/);
});
