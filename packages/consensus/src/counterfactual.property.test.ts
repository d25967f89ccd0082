import process from 'node:process';
import { expect, test } from 'vitest';
import { randomNetwork } from '../test/random-network.ts';
import { sequence } from '../test/sequence.ts';
import { type Switch, SWITCHES, withoutPart, withoutValidator } from './counterfactual.ts';
import { payPots, type Pots } from './emission.ts';
import type { EpochInput, EpochOutput, EpochParameters } from './epoch-types.ts';
import { runEpoch } from './epoch.ts';
import { U16_MAX, ZERO } from './fixed.ts';
import type { Row } from './sparse.ts';
import { MINERS_TRIED_MAX, nextEpoch, switchedOff, validatorLever } from './validator-lever.ts';

/** Anew on every run; a failure names the seed of its network, and `SWITCH_SEED=… npm run unit` begins there. */
const SEED = Number(process.env['SWITCH_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const NETWORKS = 250;
const SLOW = { timeout: 240_000 };

interface Sample {
  readonly where: string;
  readonly input: EpochInput;
  readonly output: EpochOutput;
  readonly pots: Pots;
}

function* samples(change: Partial<EpochParameters> = {}): Generator<Sample> {
  for (let index = 0; index < NETWORKS; index += 1) {
    const seed = (SEED + index) >>> 0;
    const dice = sequence(seed);
    const { first } = randomNetwork(seed);
    if (first.neurons.length > 24) continue;
    const input = { ...first, parameters: { ...first.parameters, ...change } };
    yield {
      where: `SWITCH_SEED=${seed}`,
      input,
      output: runEpoch(input),
      pots: { miners: dice.wide(44), validators: dice.wide(44) },
    };
  }
}

test('what each part does to a validator is what the reference pays it without that part', SLOW, () => {
  for (const { where, input, output, pots } of samples()) {
    const without = SWITCHES.map((part) => runEpoch({ ...input, parameters: withoutPart(input.parameters, part) }));
    for (const uid of input.neurons.keys()) {
      const told = switchedOff(uid, { input, output, pots });
      const paid = payPots(output, pots).dividends[uid] ?? 0n;
      for (const [at, changed] of without.entries()) {
        const rao = payPots(changed, pots).dividends[uid] ?? 0n;
        expect(told[at], `${where}`).toEqual({
          part: SWITCHES[at],
          dividends: changed.dividends[uid],
          rao,
          difference: rao - paid,
        });
      }
    }
  }
});

const NEUTRAL: readonly (readonly [Switch, Partial<EpochParameters>])[] = [
  ['bonds-penalty', { bondsPenaltyU16: 0 }],
  ['clipping', { kappaU16: 0 }],
  ['moving-average', { bondsMovingAveragePpm: 0, formula: 'yuma3' }],
];

test.for(NEUTRAL)('a part that does nothing takes nothing: %s', ([part, change]) => {
  for (const { where, input, output, pots } of samples(change)) {
    const told = input.neurons.flatMap((_, uid) => switchedOff(uid, { input, output, pots }));
    const of = told.filter((line) => line.part === part);
    const differences = of.map(({ difference }) => difference);
    expect(differences, `${where}`).toEqual(input.neurons.map(() => 0n));
  }
});

test('without clipping every weight counts as it was given', () => {
  for (const { where, input, output } of samples()) {
    const open = runEpoch({ ...input, parameters: withoutPart(input.parameters, 'clipping') });
    const voters = output.activeStake.flatMap((stake, uid) => (stake > ZERO ? [uid] : []));
    const counted = voters.map((uid) => open.clipped[uid]);
    expect(counted, `${where}`).toEqual(voters.map((uid) => open.weights[uid]));
  }
});

test('without the moving average bonds are the newest observation', () => {
  for (const { where, input } of samples()) {
    const fresh = runEpoch({ ...input, parameters: withoutPart(input.parameters, 'moving-average') });
    const forgetful = runEpoch({
      ...input,
      parameters: withoutPart(input.parameters, 'moving-average'),
      neurons: input.neurons.map((neuron) => ({ ...neuron, bonds: [] })),
    });
    expect(fresh.bonds, `${where}`).toEqual(forgetful.bonds);
  }
});

test('a move is worth what the reference pays in the next epoch with it', SLOW, () => {
  let moved = 0;
  for (const { where, input, output, pots } of samples()) {
    const next = nextEpoch(input, output);
    const paidWith = (uid: number, weights: Row<number>): bigint => {
      const neurons = next.neurons.map((neuron, other) => (other === uid ? { ...neuron, weights } : neuron));
      return payPots(runEpoch({ ...next, neurons }), pots).dividends[uid] ?? 0n;
    };
    for (const uid of input.neurons.keys()) {
      const lever = validatorLever(uid, { input, output, pots });
      if (lever === undefined) continue;
      const weights = input.neurons[uid]?.weights ?? [];
      expect(paidWith(uid, weights), `${where}`).toBe(lever.baseline);
      expect(paidWith(uid, lever.agreeing.row), `${where}`).toBe(lever.baseline + lever.agreeing.gain);
      expect(lever.moves.length).toBe(Math.min(lever.differing, MINERS_TRIED_MAX));
      for (const move of lever.moves.slice(0, 3)) {
        const others = weights.filter(([to]) => to !== move.minerUid);
        const scaled = others.map(([to, value]) => [to, Math.floor((value * move.othersU16) / U16_MAX)] as const);
        const row = [...scaled, [move.minerUid, move.toU16] as const].toSorted(([left], [right]) => left - right);
        expect(paidWith(uid, row), `${where}`).toBe(lever.baseline + move.gain);
        moved += 1;
      }
    }
  }
  // How many there are is up to the seed: 36 seeds had 209 to 566.
  expect(moved).toBeGreaterThan(NETWORKS / 25);
});

test('who is active stays so in the next epoch, and every weight that counted counts again', () => {
  for (const { where, input, output } of samples({ permitRule: 'nonzero' })) {
    const after = runEpoch(nextEpoch(input, output));
    expect(after.active, `${where}`).toEqual(output.active);
    const rating = output.weights.flatMap((row, uid) => (output.permits[uid] === true && row.length > 0 ? [uid] : []));
    const again = rating.map((uid) => after.weights[uid]);
    expect(again, `${where}`).toEqual(rating.map((uid) => output.weights[uid]));
  }
});

test('without a validator nothing of it is left, and nobody else loses a weight', () => {
  for (const { where, input, output } of samples()) {
    const uid = output.activeStake.findIndex((stake) => stake > ZERO);
    if (uid < 0) continue;
    const without = runEpoch(withoutValidator(input, uid));
    expect([without.stake[uid], without.activeStake[uid], without.dividends[uid]], `${where}`).toEqual([
      ZERO,
      ZERO,
      ZERO,
    ]);
    expect([without.weights[uid], without.bonds[uid]], `${where}`).toEqual([[], []]);
    expect(without.weights.toSpliced(uid, 1), `${where}`).toEqual(output.weights.toSpliced(uid, 1));
  }
  expect(() => withoutValidator({ ...runnable(), neurons: [] }, 0)).toThrow('uid 0 is not registered');
});

function runnable(): EpochInput {
  return randomNetwork(1).first;
}
