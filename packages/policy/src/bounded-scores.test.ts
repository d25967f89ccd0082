import { runEpoch } from '@subnetes/consensus/epoch';
import { ONE } from '@subnetes/consensus/fixed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { network } from '../test/network.ts';
import { epochInputs } from '../test/random-policy.ts';
import { boundScores, forfeit } from './bounded-scores.ts';

/** Three equal validators, of whom the first decides alone what it says; scores are of miners 3 and up. */
const market = (scores: readonly number[]) =>
  network([
    { stake: 1n, scores },
    { stake: 1n, scores: [400, 300, 200, 100] },
    { stake: 1n, scores: [400, 300, 200, 100] },
  ]);
const TWICE = { factorPpm: 2_000_000 };

test.for([
  // Medians are .4 .3 .2 .1: held to .8 .15 .1 .05, of which the largest is 65535.
  { what: 'above and below are held', scores: [1000, 0, 0, 0], held: [65_535, 12_287, 8191, 4095] },
  // .25 each: only the last lies outside, and is held to .2.
  { what: 'only what is outside is held', scores: [250, 250, 250, 250], held: [65_535, 65_535, 65_535, 52_427] },
])('$what', ({ scores, held }) => {
  const input = market(scores);
  const bounded = boundScores(input, runEpoch(input), TWICE);
  expect(bounded.input.neurons[0]?.weights.map(([, value]) => value)).toEqual(held);
  expect(bounded.input.neurons[1]).toBe(input.neurons[1]);
});

test('inside the bound nothing changes', () => {
  const input = market([300, 300, 200, 100]);
  expect(boundScores(input, runEpoch(input), TWICE).input).toBe(input);
});

test('who says nothing is not made to say something', () => {
  const input = market([0, 0, 0, 0]);
  expect(boundScores(input, runEpoch(input), TWICE).input).toBe(input);
});

test('a miner to whom half of the stake gives nothing gets nothing from the rest', () => {
  const input = market([0, 0, 0, 0, 900]);
  const [row] = boundScores(input, runEpoch(input), TWICE).input.neurons.map(({ weights }) => weights);
  expect(row).toEqual([
    [3, 65_535],
    [4, 49_151],
    [5, 32_767],
    [6, 16_383],
    [7, 0],
  ]);
});

test('the part that was moved earns nothing', () => {
  const input = market([0, 0, 0, 0, 900]);
  const { moved } = boundScores(input, runEpoch(input), TWICE);
  expect(moved[1]).toBe(0n);
  const even = [ONE / 4n, ONE / 4n, ONE / 4n];
  expect(forfeit(even, even, moved).slice(0, 2)).toEqual([0n, ONE / 4n]);
  expect(moved[0]! > ONE - 8n && moved[0]! <= ONE).toBe(true);
});

test('being held pays nobody, and whoever was not held gets what the epoch gives', () => {
  expect(forfeit([100n, 100n, 100n], [10n, 90n, 10n], [ONE / 4n, ONE / 4n, 0n])).toEqual([10n, 75n, 100n]);
  const untouched = [7n, 8n];
  expect(forfeit(untouched, [0n, 0n], [0n, 0n])).toBe(untouched);
});

test('a score that is held lies within the bound, and nobody is moved who was inside', () => {
  fc.assert(
    fc.property(epochInputs, fc.integer({ min: 1_000_000, max: 4_000_000 }), (input, factorPpm) => {
      const output = runEpoch(input);
      const { input: bounded, moved } = boundScores(input, output, { factorPpm });
      for (const [uid, neuron] of bounded.neurons.entries()) {
        expect(neuron !== input.neurons[uid] || moved[uid] === 0n).toBe(true);
        expect(moved[uid]! >= 0n && moved[uid]! <= ONE).toBe(true);
      }
      expect(() => runEpoch(bounded)).not.toThrow();
    }),
  );
});
