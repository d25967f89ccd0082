import { runKernelEpoch } from '@subnetes/consensus/kernel';
import { expect, test } from 'vitest';
import epoch from '../test/fixtures/epoch.json' with { type: 'json' };
import { readInputs, recomputeEpoch, sha256Hex } from './recompute-epoch.ts';

interface Outputs {
  readonly mechanisms: readonly { readonly output: Readonly<Record<string, unknown>> }[];
}

test("the outputs of an epoch with two mechanisms hash to what scoring's own code wrote", () => {
  const inputsSha256 = sha256Hex(epoch.inputsJson);
  expect(inputsSha256).toBe(epoch.inputsSha256);
  expect(recomputeEpoch(readInputs(epoch.inputsJson), inputsSha256).outputsSha256).toBe(epoch.outputsSha256);
});

test('outputs of inputs of format 2 are those without matrices, and a format to come is not guessed at', () => {
  const first = JSON.parse(epoch.inputsJson) as Record<string, unknown>;
  const second = { ...first, format: 2, reports: [{ validatorUid: 3, mechanismId: 0, source: 'Salted', interval: 2 }] };
  const recomputed = JSON.parse(
    recomputeEpoch(readInputs(JSON.stringify(second)), epoch.inputsSha256).outputsJson,
  ) as Outputs;
  const known = JSON.parse(epoch.outputsJson) as Outputs;
  const matrices = { weights: undefined, clipped: undefined, bondsObserved: undefined, bondShares: undefined };
  const mechanisms = known.mechanisms.map((each) => ({
    ...each,
    output: { ...each.output, ...matrices, bondsKept: undefined },
  }));
  expect(recomputed).toEqual({ ...known, format: 2, mechanisms });
  expect(() => readInputs(JSON.stringify({ ...first, format: 3 }))).toThrow(/format/);
});

test('pots are split by the rule that the inputs name, and by no other', () => {
  const first = JSON.parse(epoch.inputsJson) as { readonly mechanisms: readonly object[] };
  const mechanisms = first.mechanisms.map((each, at) => ({ ...each, emissionWeight: at === 0 ? 1 : 3 }));
  const validatorPots = (rule: object): bigint[] => {
    const document = readInputs(JSON.stringify({ ...first, mechanisms, ...rule }));
    return recomputeEpoch(document, epoch.inputsSha256).mechanisms.map(({ pots }) => pots.validators);
  };
  // Of 8.2 tokens: a quarter before; 16384 of 65535, and what flooring leaves, as the chain has it.
  expect(validatorPots({})).toEqual([2_050_000_000n, 6_150_000_000n]);
  expect(validatorPots({ mechanismSplit: 'U16' })).toEqual([2_050_031_281n, 6_149_968_719n]);
  expect(() => readInputs(JSON.stringify({ ...first, mechanismSplit: 'Even' }))).toThrow(/mechanismSplit/);
});

test('another stake gives another hash', () => {
  const changed = epoch.inputsJson.replace('"stake":"4500000000000","weights"', '"stake":"5500000000000","weights"');
  expect(changed).not.toBe(epoch.inputsJson);
  expect(recomputeEpoch(readInputs(changed), epoch.inputsSha256).outputsSha256).not.toBe(epoch.outputsSha256);
});

test('the kernel gets the same text', () => {
  const document = readInputs(epoch.inputsJson);
  const [reference, kernel] = [{}, { run: runKernelEpoch }].map((machinery) =>
    recomputeEpoch(document, epoch.inputsSha256, machinery),
  );
  expect(kernel?.outputsJson).toBe(reference?.outputsJson);
  expect(reference?.outputsJson).toBe(epoch.outputsJson);
});
