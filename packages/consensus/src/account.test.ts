import { describe, expect, test } from 'vitest';
import { EXAMPLE, exampleNeuron } from './test/worked-example.ts';
import { potsThatPay } from './emission.ts';
import type { EpochInput } from './epoch-types.ts';
import { runEpoch } from './epoch.ts';
import { fixedText } from './explain.ts';
import { ONE } from './fixed.ts';
import { openProbe } from './incentive-probe.ts';
import { minerAccount } from './miner-account.ts';
import { minerLever, nextWorse } from './miner-lever.ts';
import { switchedOff, validatorLever } from './validator-lever.ts';
import { validatorAccount } from './validator-account.ts';
import { RUNS_MAX } from './weight-raise.ts';

const POTS = { miners: 8_200_000_000n, validators: 8_200_000_000n };
const scored = (input: EpochInput) => ({ input, output: runEpoch(input), pots: POTS });

describe('accounts', () => {
  test("a miner's of the worked example, line by line", () => {
    const account = minerAccount(4, scored(EXAMPLE));
    expect(
      account.lines.map((line) => [
        line.validatorUid,
        ...[line.stakeShare, line.gave, line.counted, line.clipped, line.contribution].map(fixedText),
        line.rao,
      ]),
    ).toEqual([
      [0, '0.399999999', '0.500000000', '0.500000000', '0.000000000', '0.199999999', 1_892_303_990n],
      [1, '0.299999999', '0.666663275', '0.500000000', '0.166663275', '0.149999999', 1_419_227_992n],
      [2, '0.199999999', '0.333336724', '0.333336724', '0.000000000', '0.066667344', 630_774_411n],
      [3, '0.099999999', '0.000000000', '0.000000000', '0.000000000', '0.000000000', 0n],
    ]);
    expect(account).toMatchObject({ place: 2, rated: 2, potRule: 'own', pot: POTS.miners, rao: 3_942_306_395n });
    expect(account.raoRest).toBe(3_942_306_395n - 1_892_303_990n - 1_419_227_992n - 630_774_411n);
  });

  test('a bond without a weight has a line too', () => {
    const neurons = EXAMPLE.neurons.with(3, { ...exampleNeuron(100n, [[5, 1]]), bonds: [[4, 20_000]] });
    const { lines } = validatorAccount(3, scored({ ...EXAMPLE, neurons }));
    expect(lines.map(({ minerUid, gave }) => [minerUid, gave])).toEqual([
      [4, 0n],
      [5, ONE],
    ]);
    expect(lines[0]?.bond).toBeGreaterThan(0n);
    expect(lines[0]?.earned).toBeGreaterThan(0n);
  });

  const silent = EXAMPLE.neurons.map((neuron) => ({ ...neuron, weights: [] }));
  const keepsAllBonds = { ...EXAMPLE.parameters, bondsMovingAveragePpm: 1_000_000 };
  const both = 16_400_000_000n;
  test.for<[string, Partial<EpochInput>, { readonly miners: bigint; readonly validators: bigint; byStake: bigint }]>([
    ['own', {}, { ...POTS, byStake: 0n }],
    ['miners-take-both', { parameters: keepsAllBonds }, { miners: both, validators: 8_200_000_000n, byStake: 0n }],
    ['by-stake', { neurons: silent }, { miners: both, validators: both, byStake: 6_559_999_998n }],
  ])('the pots that pay: %s', ([rule, change, pots]) => {
    const epoch = scored({ ...EXAMPLE, ...change });
    const [miner, validator] = [minerAccount(4, epoch), validatorAccount(0, epoch)];
    expect([miner.potRule, validator.potRule]).toEqual([rule, rule]);
    expect({ miners: miner.pot, validators: validator.pot, byStake: validator.byStake }).toEqual(pots);
    expect(validator.rao - validator.byStake - validator.raoRest).toBe(
      validator.lines.reduce((sum, { rao }) => sum + rao, 0n),
    );
  });

  test('dividends without incentives, which no epoch gives, take both pots', () => {
    const shares = { incentive: [0n], dividends: [ONE], activeStake: [ONE], stake: [ONE] };
    expect(potsThatPay(shares, POTS)).toMatchObject({ rule: 'validators-take-both', validators: both });
  });
});

describe('levers', () => {
  test("the worked example: a single validator's, all together, and whose weight counts for nothing", () => {
    const lever = minerLever(EXAMPLE, runEpoch(EXAMPLE), 4);
    expect(lever).toMatchObject({ passUid: 5, complete: true, cheapest: { validatorUid: 0, place: 1 } });
    expect(lever?.raises.map(({ validatorUid, outcome, clipped }) => [validatorUid, outcome, clipped])).toEqual([
      [0, 'passes', false],
      [1, 'passes', true],
      [2, 'passes', false],
      [3, 'passes', false],
    ]);
    expect(lever?.together).toMatchObject({ validatorUids: [0, 1, 2, 3], place: 1 });
    expect(minerLever(EXAMPLE, runEpoch(EXAMPLE), 5)).toBeUndefined();
    expect(nextWorse(5, runEpoch(EXAMPLE).incentive)?.uid).toBe(4);
    expect(nextWorse(4, runEpoch(EXAMPLE).incentive)).toBeUndefined();
  });

  test('a validator that set its weights before the miner registered cannot lift it', () => {
    const neurons = EXAMPLE.neurons.with(4, { ...exampleNeuron(0n, []), registeredAt: 99 });
    const input = { ...EXAMPLE, neurons };
    const lever = minerLever(input, runEpoch(input), 4);
    expect(lever?.raises.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 4 }, () => 'not-counted'));
    expect(lever).toMatchObject({ cheapest: undefined, together: { validatorUids: [], more: undefined } });
  });

  test('64 validators are searched within the limit, and nobody whose search was left out is cheaper', () => {
    const input = crowd(64, 32);
    const output = runEpoch(input);
    const order = output.incentive.map((value, uid) => ({ value, uid })).toSorted((a, b) => Number(a.value - b.value));
    const lever = minerLever(input, output, order.at(-12)?.uid ?? 0);
    expect(lever?.complete).toBe(true);
    expect(lever?.runs).toBeLessThanOrEqual(RUNS_MAX + 25);
    expect(lever?.raises.some(({ outcome }) => outcome === 'not-cheaper')).toBe(true);
    expect(lever?.raises.every(({ outcome, more }) => outcome !== 'passes' || more >= lever.cheapest!.more)).toBe(true);
  });

  test('a probe asks nothing of the network of another', () => {
    const output = runEpoch(EXAMPLE);
    const first = openProbe(EXAMPLE, output, 4);
    expect([...first.incentivesAt(new Map())]).toEqual(output.incentive);
    openProbe(EXAMPLE, output, 5);
    expect(() => first.incentivesAt(new Map())).toThrow('another probe has been opened since');
    expect(() => openProbe(EXAMPLE, output, 4).incentivesAt(new Map([[9, 1]]))).toThrow('uid 9 cannot be moved');
  });

  test('a validator learns what agreeing would bring, and a part that took something says how much', () => {
    const contrary = EXAMPLE.neurons.with(1, exampleNeuron(300n, [[4, 65_535]]));
    const epoch = scored({ ...EXAMPLE, neurons: contrary });
    const lever = validatorLever(1, epoch);
    expect(lever?.agreeing.row.map(([uid]) => uid)).toEqual([4, 5]);
    expect(lever?.agreeing.gain).toBeGreaterThan(0n);
    expect(lever?.moves.map(({ minerUid }) => minerUid).toSorted()).toEqual([4, 5]);
    expect(validatorLever(4, epoch)).toBeUndefined();
    expect(switchedOff(1, epoch).find(({ part }) => part === 'clipping')?.difference).toBeGreaterThan(0n);
  });
});

/** Many validators of rising stake that differ a little about many miners. */
function crowd(validators: number, miners: number): EpochInput {
  const rows = Array.from({ length: validators }, (_, uid) =>
    Array.from(
      { length: miners },
      (_miner, at) => [validators + at, 1000 + ((uid * 7919 + at * at * 613) % 5000)] as const,
    ),
  );
  const rating = rows.map((row, uid) => exampleNeuron(1000n + BigInt(uid * uid), row));
  return { ...EXAMPLE, neurons: [...rating, ...Array.from({ length: miners }, () => exampleNeuron(0n, []))] };
}
