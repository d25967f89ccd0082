import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { randomNetwork } from '../test/random-network.ts';
import { type Sequence, sequence } from '../test/sequence.ts';
import { payPots } from './emission.ts';
import type { EpochInput, EpochOutput } from './epoch-types.ts';
import { runEpoch } from './epoch.ts';
import {
  divide,
  exponential,
  FIXED_MAX,
  FIXED_MIN,
  fromU16Share,
  logistic,
  multiply,
  narrowQuotient,
  ONE,
  shareOf,
  toU16Share,
} from './fixed.ts';
import { EpochKernel } from './kernel-arrays.ts';
import { instantiateKernel } from './kernel-module.ts';
import { runKernelEpoch, runKernelIncentives } from './kernel.ts';

/** Anew on every run. A failure names the seed of its network or numbers; `KERNEL_SEED=… npm run unit` begins there. */
const SEED = Number(process.env['KERNEL_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const NETWORKS = 10_000;
const PAIRS = 200_000;
const SLOW = { timeout: 240_000 };

/** The first difference in as many tries, each with a seed of its own. */
function firstOf(tries: number, differenceAt: (seed: number) => string | undefined): string | undefined {
  for (let index = 0; index < tries; index += 1) {
    const seed = (SEED + index) >>> 0;
    const difference = differenceAt(seed);
    if (difference !== undefined) return `KERNEL_SEED=${seed}: ${difference}`;
  }
  return undefined;
}

test(`${NETWORKS} random networks: kernel and reference agree in every number`, SLOW, () => {
  const differenceAt = (seed: number): string | undefined => {
    const { first, later } = randomNetwork(seed);
    let before: EpochOutput | undefined;
    for (const [epoch, plain] of [first, ...later].entries()) {
      const input = before === undefined ? plain : carried(plain, before);
      const reference = runEpoch(input);
      const found: string[] = [...differing(runKernelEpoch(input), reference)];
      if (!isDeepStrictEqual(runKernelIncentives(input), reference.incentive)) found.push('incentives alone');
      if (found.length > 0) return `epoch ${epoch}, ${input.parameters.formula}: ${found.join(', ')}`;
      before = reference;
    }
    return undefined;
  };
  expect(firstOf(NETWORKS, differenceAt)).toBeUndefined();
});

function carried(input: EpochInput, before: EpochOutput): EpochInput {
  const neurons = input.neurons.map((neuron, uid) => ({
    ...neuron,
    bonds: before.bonds[uid] ?? [],
    permit: before.permits[uid] ?? false,
  }));
  return { ...input, neurons };
}

/** Names of the outputs that are not the same, to the last bit. */
function differing(kernel: EpochOutput, reference: EpochOutput): string[] {
  const names = Object.keys(reference) as (keyof EpochOutput)[];
  const missing = Object.keys(kernel).length === names.length ? [] : ['number of outputs'];
  return [...missing, ...names.filter((name) => !isDeepStrictEqual(kernel[name], reference[name]))];
}

test('2,000 random networks: arrays are paid what objects are paid, of pots up to 2^63', SLOW, () => {
  const kernel = new EpochKernel();
  const differenceAt = (seed: number): string | undefined => {
    const random = sequence(seed);
    const { first } = randomNetwork(seed);
    kernel.load(first.neurons);
    kernel.run(first);
    const pots = { miners: random.wide(63), validators: random.wide(63) };
    const { incentive, dividends, unattributed } = kernel.pay(pots);
    const paid = { incentive: [...incentive], dividends: [...dividends], unattributed };
    return isDeepStrictEqual(paid, payPots(runEpoch(first), pots)) ? undefined : `${pots.miners}, ${pots.validators}`;
  };
  expect(firstOf(2000, differenceAt)).toBeUndefined();
});

const scalars = instantiateKernel();
const EDGES = [0n, 1n, 2n, 65_535n, ONE - 1n, ONE, ONE + 1n, 1n << 47n, (1n << 62n) + 1n, FIXED_MAX];

/** A number of any size, edges among them, of either sign. */
function numberOf(random: Sequence): bigint {
  const size = random.chance(20) ? random.pick(EDGES) : random.wide(random.pick([8, 16, 31, 32, 33, 40, 48, 62, 63]));
  if (random.chance(50)) return size;
  return random.chance(5) ? FIXED_MIN : -size;
}

test(`${PAIRS} pairs: products and quotients of any two numbers are those of fixed.ts`, SLOW, () => {
  const differenceAt = (seed: number): string | undefined => {
    const random = sequence(seed);
    const [left, right] = [numberOf(random), numberOf(random)];
    if (scalars.multiply(left, right) !== multiply(left, right)) return `${left} * ${right}`;
    return scalars.divide(left, right) === divide(left, right) ? undefined : `${left} / ${right}`;
  };
  expect(firstOf(PAIRS, differenceAt)).toBeUndefined();
});

function shareIn(random: Sequence): bigint {
  return random.chance(10) ? random.pick([0n, 1n, ONE - 1n, ONE]) : random.wide(random.below(32) + 1);
}

test(`${PAIRS} pairs: what is exact in a range only is exact there`, SLOW, () => {
  const differenceAt = (seed: number): string | undefined => {
    const random = sequence(seed);
    const [a, b] = [shareIn(random), shareIn(random)];
    const total = a + (random.chance(20) ? 0n : random.wide(random.pick([1, 32, 33, 44]))) || 1n;
    const units = random.wide(63);
    const all = units + random.wide(random.pick([8, 32, 63])) + 1n;
    const found = [
      scalars.product(a, b),
      scalars.quotient(a, total),
      scalars.wideQuotient(units, all),
      scalars.portion(a, units),
      scalars.toU16(a),
      scalars.fromU16(units & 65_535n),
    ].map((value) => BigInt.asUintN(64, value));
    const expected = [
      multiply(a, b),
      divide(a, total),
      narrowQuotient(units, all),
      shareOf(a, units),
      BigInt(toU16Share(a)),
      fromU16Share(Number(units & 65_535n)),
    ];
    if (isDeepStrictEqual(found, expected)) return undefined;
    return `${[a, b, total, units, all].join(' ')}: ${found.join(' ')} instead of ${expected.join(' ')}`;
  };
  expect(firstOf(PAIRS, differenceAt)).toBeUndefined();
});

test('50,000 exponents of every size: exp and the logistic are those of fixed.ts', SLOW, () => {
  const around = [0n, ONE, -ONE, 8n * ONE, 20n * ONE, -20n * ONE, FIXED_MAX, FIXED_MIN];
  const differenceAt = (seed: number): string | undefined => {
    const random = sequence(seed);
    const size = random.wide(random.pick([8, 32, 35, 37]));
    const near = random.pick(around) + random.wide(3) - 4n;
    const exponent = BigInt.asIntN(64, random.chance(10) ? near : random.chance(50) ? size : -size);
    if (scalars.exponential(exponent) !== exponential(exponent)) return `exp ${exponent}`;
    return scalars.logistic(exponent) === logistic(exponent) ? undefined : `logistic ${exponent}`;
  };
  expect(firstOf(50_000, differenceAt)).toBeUndefined();
});
