import { expect, test } from 'vitest';
import { EXAMPLE } from './test/worked-example.ts';
import { payPots } from './emission.ts';
import { canonicalJson } from './epoch-json.ts';
import type { NeuronInput } from './epoch-types.ts';
import { runEpoch } from './epoch.ts';
import { fixedText, nextBetter, weightsOf, weightsOn } from './explain.ts';
import { fromDecimal, logarithm, ONE, toDecimal } from './fixed.ts';
import { sharesFromU16, weightsToU16 } from './weights.ts';

test('the worked example comes out to the unit', () => {
  const { u16, bonds } = runEpoch(EXAMPLE);
  expect(u16).toMatchObject({
    stake: [26213, 19660, 13106, 6553, 0, 0],
    consensus: [0, 0, 0, 0, 32767, 32767],
    validatorTrust: [65535, 54612, 54612, 32767, 0, 0],
    incentive: [0, 0, 0, 0, 31507, 34027],
    dividends: [30387, 19448, 12357, 3341, 0, 0],
  });
  expect(bonds.slice(0, 4)).toEqual([
    [
      [4, 3276],
      [5, 3276],
    ],
    [
      [4, 3276],
      [5, 2184],
    ],
    [
      [4, 2184],
      [5, 3276],
    ],
    [[5, 3276]],
  ]);
});

test("a second, equal epoch builds on the first one's bonds", () => {
  const first = runEpoch(EXAMPLE);
  const again = { ...EXAMPLE, neurons: EXAMPLE.neurons.map((own, uid) => ({ ...own, bonds: first.bonds[uid]! })) };
  expect(runEpoch(again).bonds[1]).toEqual([
    [4, 6225],
    [5, 4150],
  ]);
});

test('an explanation adds up to the rank it explains', () => {
  const output = runEpoch(EXAMPLE);
  const given = weightsOn(5, output);
  expect(given.map(({ validatorUid }) => validatorUid)).toEqual([0, 1, 2, 3]);
  const counted = given.reduce((total, weight) => total + ((weight.counted * weight.stakeShare) >> 32n), 0n);
  expect(counted).toBe(output.rank[5]);
  expect(weightsOf(3, output)).toMatchObject([{ minerUid: 5, gave: ONE, clipped: ONE - output.consensus[5]! }]);
  expect(nextBetter(4, output.incentive)).toMatchObject({ uid: 5 });
  expect(nextBetter(5, output.incentive)).toBeUndefined();
});

test('without any weights validators share both pots by stake', () => {
  const silent = { ...EXAMPLE, neurons: EXAMPLE.neurons.map((own) => ({ ...own, weights: [] })) };
  const paid = payPots(runEpoch(silent), { miners: 500n, validators: 500n });
  expect(paid.incentive.every((amount) => amount === 0n)).toBe(true);
  expect(paid.dividends).toEqual([400n, 299n, 199n, 99n, 0n, 0n].map((amount, uid) => (uid === 0 ? 399n : amount)));
  expect(paid.unattributed).toBe(4n);
});

test('without dividends miners get the pot of the validators, and never anything of it with them', () => {
  const output = runEpoch(EXAMPLE);
  const nothing = { ...output, dividends: output.dividends.map(() => 0n) };
  const total = (amounts: readonly bigint[]): bigint => amounts.reduce((left, right) => left + right, 0n);
  expect(total(payPots(nothing, { miners: 500n, validators: 500n }).incentive)).toBe(999n);
  expect(total(payPots(output, { miners: 500n, validators: 500n }).incentive)).toBe(499n);
});

test.for([
  [
    'weights that do not ascend',
    {
      weights: [
        [5, 1],
        [4, 1],
      ],
    },
  ],
  ['a weight on nobody', { weights: [[6, 1]] }],
  ['a weight that is no u16', { weights: [[4, 65_536]] }],
  ['a stake below zero', { stake: -1n }],
  ['a block that is no whole number', { lastUpdate: 1.5 }],
] as const)('refuses %s', ([, change]) => {
  const neurons = EXAMPLE.neurons.map((own, uid) => (uid === 0 ? ({ ...own, ...change } as NeuronInput) : own));
  expect(() => runEpoch({ ...EXAMPLE, neurons })).toThrow(RangeError);
});

test('refuses a liquid formula without its bounds', () => {
  const parameters = { ...EXAMPLE.parameters, formula: 'yuma3-liquid' as const };
  expect(() => runEpoch({ ...EXAMPLE, parameters })).toThrow(/liquidAlpha/);
});

test('scores go to the wire and back within half a unit', () => {
  const row = weightsToU16([
    [7, 0.2],
    [3, 0.8],
    [9, 0],
  ]);
  expect(row).toEqual([
    [3, 65_535],
    [7, 16_384],
  ]);
  expect(sharesFromU16(row, 8)[3]).toBeCloseTo(0.8, 4);
  expect(
    weightsToU16([
      [1, 0],
      [2, 0],
    ]),
  ).toEqual([]);
  expect(() => weightsToU16([[1, Number.NaN]])).toThrow(RangeError);
  expect(() => weightsToU16([[1, -0.1]])).toThrow(RangeError);
});

test('text of fixed point is truncated to nine digits', () => {
  expect(fixedText(ONE)).toBe('1.000000000');
  expect(fixedText(fromDecimal(0.5))).toBe('0.500000000');
  expect(fixedText(1n)).toBe('0.000000000');
  expect(fixedText(-ONE / 4n)).toBe('-0.250000000');
});

test('the logarithm is the inverse of nothing it has not', () => {
  expect(toDecimal(logarithm(fromDecimal(9)))).toBeCloseTo(Math.log(9), 6);
  expect(toDecimal(logarithm(fromDecimal(0.1)))).toBeCloseTo(Math.log(0.1), 6);
  expect(logarithm(0n)).toBe(0n);
});

test('canonical JSON sorts members and refuses what JSON has not', () => {
  expect(canonicalJson({ b: [1, null, 'ä"'], a: { d: true, c: undefined } })).toBe(
    '{"a":{"d":true},"b":[1,null,"ä\\""]}',
  );
  for (const value of [Number.NaN, 1n, undefined, () => 1]) expect(() => canonicalJson(value)).toThrow(TypeError);
});
