import { expect, test } from 'vitest';
import { OWN_CASES, readCases } from '../test/case-folder.ts';
import { checkEpochCase } from '../test/epoch-case.ts';
import { randomNetwork } from '../test/random-network.ts';
import { EXAMPLE as WORKED_EXAMPLE, exampleNeuron } from './test/worked-example.ts';
import { payPots } from './emission.ts';
import { canonicalJson, toStored } from './epoch-json.ts';
import type { EpochInput, NeuronInput } from './epoch-types.ts';
import { runEpoch } from './epoch.ts';
import { weightsOn } from './explain.ts';
import { EpochKernel } from './kernel-arrays.ts';
import { rowOf } from './kernel-memory.ts';
import { runKernelEpoch } from './kernel.ts';

const EXAMPLE: EpochInput = {
  ...WORKED_EXAMPLE,
  neurons: [
    exampleNeuron(400n, [
      [3, 65_535],
      [4, 65_535],
    ]),
    exampleNeuron(300n, [
      [3, 65_535],
      [4, 32_768],
    ]),
    exampleNeuron(200n, [
      [3, 32_768],
      [4, 65_535],
    ]),
    exampleNeuron(0n, []),
    exampleNeuron(0n, []),
  ],
};

const caught = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

test('a network of nobody has an epoch of nothing', () => {
  const nobody = { ...EXAMPLE, neurons: [] };
  expect(runKernelEpoch(nobody)).toEqual(runEpoch(nobody));
});

test('what is stored of an output is the same text', () => {
  const { first } = randomNetwork(7);
  expect(canonicalJson(toStored(runKernelEpoch(first)))).toBe(canonicalJson(toStored(runEpoch(first))));
});

test('an output keeps its matrices when later epochs use the memory', () => {
  const output = runKernelEpoch(EXAMPLE);
  for (let seed = 1; seed < 20; seed += 1) runKernelEpoch(randomNetwork(seed).first);
  const reference = runEpoch(EXAMPLE);
  expect(output.bondsKept).toEqual(reference.bondsKept);
  expect(output.bondShares).toEqual(reference.bondShares);
  expect(weightsOn(3, output)).toEqual(weightsOn(3, reference));
  expect(output.clipped).toBe(output.clipped);
});

test('a kernel that is off by one fails the cases', () => {
  const cases = readCases(OWN_CASES);
  const epochs = cases.filter(({ kind, expected }) => kind === 'epoch' && expected['summary'] === undefined);
  const passing = epochs.filter((vector) => checkEpochCase(vector, runKernelEpoch).length === 0);
  const wrong = epochs.filter(
    (vector) =>
      checkEpochCase(vector, (input) => {
        const output = runKernelEpoch(input);
        return { ...output, u16: { ...output.u16, incentive: output.u16.incentive.map((units) => units ^ 1) } };
      }).length > 0,
  );
  expect(passing).toHaveLength(epochs.length);
  expect(wrong.length).toBeGreaterThan(epochs.length / 2);
});

const first = (change: Partial<NeuronInput>): EpochInput => ({
  ...EXAMPLE,
  neurons: EXAMPLE.neurons.map((own, uid) => (uid === 0 ? { ...own, ...change } : own)),
});
const changed = (change: Partial<EpochInput['parameters']>): EpochInput => ({
  ...EXAMPLE,
  parameters: { ...EXAMPLE.parameters, ...change },
});
const unsorted = [
  [4, 1],
  [3, 1],
] as const;

test.for([
  ['weights that do not ascend', first({ weights: unsorted })],
  ['a weight twice', first({ weights: [...unsorted.slice(0, 1), ...unsorted.slice(0, 1)] })],
  ['bonds that do not ascend', first({ bonds: unsorted })],
  ['a weight on nobody', first({ weights: [[5, 1]] })],
  ['a bond on nobody', first({ bonds: [[5, 1]] })],
  ['stake of more than 64 bits together', first({ stake: (1n << 64n) - 1n })],
  ['a block that is no whole number', first({ lastUpdate: 1.5 })],
  ['a registration before block 0', first({ registeredAt: -1 })],
  ['a commit that is no number', first({ oldestCommit: Number.NaN })],
  ['an owner who is not registered', { ...EXAMPLE, ownerUid: 5 }],
  ['a block below 0', { ...EXAMPLE, block: -1 }],
  ['a kappa of more than 16 bits', changed({ kappaU16: 65_536 })],
  ['a penalty below 0', changed({ bondsPenaltyU16: -1 })],
  ['a moving average above 1', changed({ bondsMovingAveragePpm: 1_000_001 })],
  ['a minimum stake of more than 64 bits', changed({ minStake: 1n << 64n })],
  ['a liquid formula without its bounds', changed({ formula: 'yuma3-liquid' })],
  ['liquid bounds the wrong way round', changed({ liquidAlpha: { lowU16: 2, highU16: 1, steepnessHundredths: 1000 } })],
] as const)('objects and arrays refuse %s in the same words', ([, input]) => {
  const refusal = caught(() => runEpoch(input));
  expect(refusal).toBeInstanceOf(RangeError);
  expect(caught(() => runKernelEpoch(input))).toEqual(refusal);
  const kernel = new EpochKernel();
  kernel.load(input.neurons);
  expect(caught(() => kernel.run(input))).toEqual(refusal);
});

test.for([
  ['weights that are not a u16', first({ weights: [[3, 65_536]] })],
  ['stake below 0', first({ stake: -1n })],
] as const)('objects are refused with %s, which arrays cannot hold', ([, input]) => {
  const refusal = caught(() => runEpoch(input));
  expect(refusal).toBeInstanceOf(RangeError);
  expect(caught(() => runKernelEpoch(input))).toEqual(refusal);
});

test('rows that overlap or leave what was reserved are refused', () => {
  const kernel = new EpochKernel();
  for (const starts of [
    [1, 2, 4, 6, 6, 6],
    [0, 4, 2, 6, 6, 6],
    [0, 2, 4, 7, 7, 7],
  ]) {
    kernel.load(EXAMPLE.neurons);
    kernel.inputs.weights.starts.set(starts);
    expect(() => kernel.run(EXAMPLE)).toThrow(RangeError);
  }
});

test.for([
  { neurons: 4097, weights: 0, bonds: 0 },
  { neurons: -1, weights: 0, bonds: 0 },
  { neurons: 4, weights: 17, bonds: 0 },
  { neurons: 4, weights: 0, bonds: 2.5 },
])('no memory is laid out for %o', (size) => {
  expect(() => {
    new EpochKernel().reserve(size);
  }).toThrow(RangeError);
});

test('a hundred epochs on arrays are those on objects', () => {
  const kernel = new EpochKernel();
  kernel.load(EXAMPLE.neurons, 6);
  let input = EXAMPLE;
  for (let epoch = 0; epoch < 100; epoch += 1) {
    const { bonds } = runEpoch(input);
    kernel.run(EXAMPLE);
    kernel.carryBonds();
    expect(bonds.map((_, uid) => rowOf(kernel.inputs.bonds, uid))).toEqual(bonds);
    input = { ...input, neurons: input.neurons.map((own, uid) => ({ ...own, bonds: bonds[uid]! })) };
  }
});

test('bonds are carried only into the room that was reserved for them', () => {
  const kernel = new EpochKernel();
  kernel.load(EXAMPLE.neurons, 5);
  kernel.run(EXAMPLE);
  expect(() => {
    kernel.carryBonds();
  }).toThrow('6 are stored, 5 were reserved');
});

test('pots of any size that fits in 64 bits are paid, others refused', () => {
  const kernel = new EpochKernel();
  kernel.load(EXAMPLE.neurons);
  kernel.run(EXAMPLE);
  const pots = { miners: (1n << 63n) - 1n, validators: 1n << 63n };
  const paid = kernel.pay(pots);
  const expected = payPots(runEpoch(EXAMPLE), pots);
  expect([...paid.incentive]).toEqual(expected.incentive);
  expect([...paid.dividends]).toEqual(expected.dividends);
  expect(paid.unattributed).toBe(expected.unattributed);
  expect(() => kernel.pay({ miners: 1n << 63n, validators: 1n << 63n })).toThrow(RangeError);
  expect(() => kernel.pay({ miners: -1n, validators: 0n })).toThrow(RangeError);
});
