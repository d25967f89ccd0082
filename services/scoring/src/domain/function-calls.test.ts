import { runEpoch } from '@subnetes/consensus/epoch';
import { canonicalJson, toStored } from '@subnetes/consensus/epoch-json';
import { runKernelEpoch } from '@subnetes/consensus/kernel';
import type { LiveCountermeasures } from '@subnetes/policy/live-countermeasures';
import { RECOMMENDED } from '@subnetes/policy/recommended';
import { expect, test } from 'vitest';
import { playEpochs } from '#test/policy-market.ts';
import type { ScorableInputs } from './epoch-inputs.ts';
import { answersIn, type FunctionAnswers, functionCalls, neededModule } from './function-calls.ts';
import { outputsDocument } from './outputs-document.ts';
import { scoreEpoch } from './score-epoch.ts';

const incentiveFunction = { sha256: 'ab'.repeat(32), fuel: 1000 };
const AROUND: LiveCountermeasures = { qualityFloor: RECOMMENDED.qualityFloor };
const [, , played] = playEpochs(3, {
  scores: () => [60_000, 50_000, 40_000, 30_000, 20_000, 10_000],
  countermeasures: AROUND,
});
const { inputsSha256 } = played!;
const inputs: ScorableInputs = { ...played!.inputs, countermeasures: { ...AROUND, incentiveFunction } };
const calls = (of: ScorableInputs, run = runKernelEpoch) => functionCalls(of, { inputsSha256, run });

/** All to the miner of the lowest uid that earned anything. */
function firstTakesAll(of: ScorableInputs): FunctionAnswers {
  return new Map(
    calls(of).map(({ mechanismId, input }) => {
      const first = input.incentive.findIndex((share) => share > 0n);
      const total = input.incentive.reduce((left, right) => left + right, 0n);
      const incentive = input.incentive.map((_, uid) => (uid === first ? total : 0n));
      return [mechanismId, { incentive, state: Uint8Array.of(7, 8), fuelUsed: 321 }] as const;
    }),
  );
}

test('an epoch asks once a mechanism, with what the rules before left, alike in both implementations', () => {
  const asked = calls(inputs);
  expect(asked).toMatchObject([{ mechanismId: 0, rules: incentiveFunction, input: { epoch: 3, block: 61 } }]);
  expect(calls(inputs, runEpoch)).toEqual(asked);
  const floor = scoreEpoch(played!.inputs, inputsSha256).mechanisms[0]?.output.incentive;
  expect(asked[0]?.input.incentive).toEqual(floor);
});

test.for<[string, ScorableInputs]>([
  ['names no function', played!.inputs],
  ['is sealed as scored without it', { ...inputs, functionMissing: true }],
])('an epoch that %s asks nothing and needs no module', ([, of]) => {
  expect(neededModule(of)).toBeUndefined();
  expect(calls(of)).toEqual([]);
});

test('what was answered is paid, and read out of the stored outputs again', () => {
  const answers = firstTakesAll(inputs);
  const outputs = scoreEpoch(inputs, inputsSha256, { answers });
  const earning = outputs.neurons.filter(({ incentiveRao }) => incentiveRao > 0n);
  expect(earning.map(({ uid }) => uid)).toEqual([4]);
  expect(outputs.mechanisms[0]?.policy?.incentiveFunction).toEqual({
    sha256: incentiveFunction.sha256,
    fuelUsed: 321,
    refusal: null,
  });
  const stored = canonicalJson(toStored(outputsDocument(outputs)));
  expect(answersIn(inputs, stored)).toEqual(answers);
  const again = scoreEpoch(inputs, inputsSha256, { answers: answersIn(inputs, stored), run: runEpoch });
  expect(canonicalJson(toStored(outputsDocument(again)))).toBe(stored);
});

test('a refusal is read back as one, and an epoch without the module is the same with the bytes and without', () => {
  const refusal = { code: 'FUEL_EXHAUSTED', message: 'out of fuel', fuelUsed: 1000 } as const;
  const answers: FunctionAnswers = new Map([[0, { refusal }]]);
  const stored = canonicalJson(toStored(outputsDocument(scoreEpoch(inputs, inputsSha256, { answers }))));
  expect(answersIn(inputs, stored)).toEqual(answers);
  const missing = { ...inputs, functionMissing: true } as const;
  const without = canonicalJson(toStored(scoreEpoch(missing, inputsSha256)));
  expect(canonicalJson(toStored(scoreEpoch(missing, inputsSha256, { answers: firstTakesAll(inputs) })))).toBe(without);
  expect(without).toContain('MODULE_MISSING');
});

test('who puts an epoch together without having asked is told so', () => {
  expect(() => scoreEpoch(inputs, inputsSha256)).toThrow(/function of mechanism 0 was not asked/);
});
