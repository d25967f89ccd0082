import { FunctionCache } from '@subnetes/incentive/function-cache';
import { EXAMPLE_FUNCTIONS_BASE64 } from '@subnetes/incentive/gen/example-functions';
import { FUEL_DEFAULT } from '@subnetes/incentive/limits';
import { runIncentiveFunction } from '@subnetes/incentive/run-function';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MACHINERY, network, policyInput } from '../test/network.ts';
import { countermeasures, drawnInput, epochInputs } from '../test/random-policy.ts';
import { changesOf } from './adjustments.ts';
import type { Countermeasures } from './consensus-policy.ts';
import { readPolicy } from './consensus-policy.ts';
import type { IncentiveFunctionRules, RunFunction } from './incentive-function.ts';
import { type PolicyMachinery, runPolicyEpoch } from './policy-epoch.ts';
import { EMPTY_STATE, type PolicyState } from './policy-state.ts';
import { totalOf } from './reapportion.ts';
import { hexOf } from './sha256.ts';

type ExampleName = keyof typeof EXAMPLE_FUNCTIONS_BASE64;

function exampleBytes(name: ExampleName): Uint8Array {
  return Uint8Array.from(atob(EXAMPLE_FUNCTIONS_BASE64[name]), (character) => character.charCodeAt(0));
}

const cache = new FunctionCache(MACHINERY.sha256);
const NAMES: readonly ExampleName[] = ['identity', 'winner-takes-most', 'smoothing'];
for (const name of NAMES) cache.prepare(exampleBytes(name));

const run: RunFunction = ({ sha256, fuel }, input) => {
  const prepared = cache.find(sha256);
  if (prepared === undefined) throw new Error(`no module ${sha256}`);
  return 'refusal' in prepared ? prepared : runIncentiveFunction(prepared.function, input, { fuel });
};
const machinery: PolicyMachinery = { ...MACHINERY, runFunction: run };

function rulesOf(name: ExampleName, fuel = FUEL_DEFAULT): IncentiveFunctionRules {
  return { sha256: hexOf(MACHINERY.sha256(exampleBytes(name))), fuel };
}

const EPOCH = network([
  { stake: 40n, scores: [50, 30, 20] },
  { stake: 30n, scores: [50, 30, 20] },
]);

function epochWith(rules: Countermeasures, state: PolicyState = EMPTY_STATE, epoch = EPOCH) {
  return runPolicyEpoch(policyInput(epoch), { format: 1, countermeasures: rules }, state, machinery);
}

test('identity changes nothing but says that it decided', () => {
  const without = epochWith({});
  const outcome = epochWith({ incentiveFunction: rulesOf('identity') });
  expect(outcome.output).toEqual(without.output);
  expect(outcome.adjustments.map(({ step }) => step)).toEqual(['consensus', 'incentive-function']);
  expect(outcome.incentiveFunction).toMatchObject({ refusal: null, sha256: rulesOf('identity').sha256 });
  expect(outcome.incentiveFunction?.fuelUsed).toBeGreaterThan(0);
  expect(without.incentiveFunction).toBeUndefined();
});

test('the winner takes most, of the same sum, and each change is explained', () => {
  const without = epochWith({});
  const { output, adjustments } = epochWith({ incentiveFunction: rulesOf('winner-takes-most') });
  expect(totalOf(output.incentive)).toBe(totalOf(without.output.incentive));
  expect(output.u16.incentive[2]).toBe(45_874); // 70 % of 65535, floored
  expect(output.u16.rank).toEqual(output.u16.incentive);
  const [, change] = changesOf(2, adjustments);
  expect(change).toMatchObject({ step: 'incentive-function', dividends: 0n });
  expect(change?.incentive).toBe((output.incentive[2] ?? 0n) - (without.output.incentive[2] ?? 0n));
  expect(output.dividends).toEqual(without.output.dividends);
});

describe('a refusal', () => {
  test('pays what would have been paid, keeps the state, and is on record', () => {
    const first = epochWith({ incentiveFunction: rulesOf('smoothing') });
    expect(first.state.incentiveFunction?.sha256).toBe(rulesOf('smoothing').sha256);
    const hungry = epochWith({ incentiveFunction: rulesOf('smoothing', 10) }, first.state);
    expect(hungry.incentiveFunction).toMatchObject({ refusal: { code: 'FUEL_EXHAUSTED' }, fuelUsed: 10 });
    expect(hungry.output).toEqual(epochWith({}).output);
    expect(hungry.state.incentiveFunction).toEqual(first.state.incentiveFunction);
  });

  test('of the module works alike', () => {
    const broken = Uint8Array.of(0);
    cache.prepare(broken);
    const sha256 = hexOf(MACHINERY.sha256(broken));
    const outcome = epochWith({ incentiveFunction: { sha256, fuel: 1 } });
    expect(outcome.incentiveFunction).toEqual({
      sha256,
      fuelUsed: 0,
      refusal: { code: 'MODULE_MALFORMED', message: 'ends in the middle' },
    });
    expect(outcome.output).toEqual(epochWith({}).output);
  });

  test('does not stand for a module that is not at hand: the epoch waits', () => {
    expect(() => epochWith({ incentiveFunction: { sha256: 'cd'.repeat(32), fuel: 1 } })).toThrow(/no module/);
  });
});

test('state goes on with the module, also from JSON, and is not handed to another', () => {
  const rules = { incentiveFunction: rulesOf('smoothing') };
  const first = epochWith(rules);
  const stored = JSON.parse(JSON.stringify(first.state)) as PolicyState;
  const turned = network([{ stake: 40n, scores: [0, 0, 20] }]);
  const epoch = { ...turned, neurons: [...turned.neurons, ...network([{ stake: 0n, scores: [] }]).neurons] };
  const second = epochWith(rules, stored, epoch);
  expect(second.incentiveFunction?.refusal).toBeNull();
  // Uid 2 earned in the first epoch and nothing now: the average still pays it.
  expect(second.output.incentive[2]).toBeGreaterThan(0n);
  const other = epochWith({ incentiveFunction: rulesOf('identity') }, stored, epoch);
  expect(other.state.incentiveFunction).toEqual({ sha256: rulesOf('identity').sha256, bytesHex: '' });
  expect(epochWith({}, stored, epoch).state).toEqual(EMPTY_STATE);
});

test('without anything to divide nobody is asked, and the state stays', () => {
  const rules = { incentiveFunction: rulesOf('smoothing') };
  const first = epochWith(rules);
  const silent = network([
    { stake: 40n, scores: [0, 0, 0] },
    { stake: 30n, scores: [] },
  ]);
  const outcome = epochWith(rules, first.state, silent);
  expect(outcome.incentiveFunction).toBeUndefined();
  expect(outcome.state).toEqual(first.state);
});

test('weights are passed when the policy says so', () => {
  const seen: (number | undefined)[] = [];
  const watching: PolicyMachinery = {
    ...MACHINERY,
    runFunction: (rules, input) => {
      seen.push(input.weights?.length);
      return run(rules, input);
    },
  };
  for (const more of [{}, { passWeights: true }] as const) {
    const incentiveFunction = { ...rulesOf('identity'), ...more };
    runPolicyEpoch(policyInput(EPOCH), { format: 1, countermeasures: { incentiveFunction } }, EMPTY_STATE, watching);
  }
  expect(seen).toEqual([undefined, 5]);
});

test('a policy that names a function needs who runs it, and a runner may not change the sum', () => {
  const policy = { format: 1, countermeasures: { incentiveFunction: rulesOf('identity') } } as const;
  expect(() => runPolicyEpoch(policyInput(EPOCH), policy, EMPTY_STATE, MACHINERY)).toThrow(/runFunction/);
  const generous: PolicyMachinery = {
    ...MACHINERY,
    runFunction: (_, { incentive, state }) => ({ incentive: incentive.map((share) => share + 1n), state, fuelUsed: 1 }),
  };
  expect(() => runPolicyEpoch(policyInput(EPOCH), policy, EMPTY_STATE, generous)).toThrow(/changed the sum/);
});

test.for([
  [{ sha256: 'xy', fuel: 1 }, 'countermeasures.incentiveFunction.sha256'],
  [{ sha256: 'ab'.repeat(32) }, 'countermeasures.incentiveFunction.fuel'],
  [{ sha256: 'ab'.repeat(32), fuel: 100_000_001 }, 'countermeasures.incentiveFunction.fuel'],
  [{ sha256: 'ab'.repeat(32), fuel: 1, passWeights: false }, 'countermeasures.incentiveFunction.passWeights'],
  [{ sha256: 'ab'.repeat(32), fuel: 1, url: 'http://example' }, 'countermeasures.incentiveFunction.url'],
  [7, 'countermeasures.incentiveFunction'],
] as const)('%o is no function', ([incentiveFunction, member]) => {
  const read = readPolicy({ format: 1, countermeasures: { incentiveFunction } });
  expect('faults' in read ? read.faults.map((fault) => fault.member) : []).toEqual([member]);
});

test('behind any countermeasures a function keeps the sum', () => {
  fc.assert(
    fc.property(epochInputs, countermeasures, fc.constantFrom(...NAMES), (epoch, rules, name) => {
      const policy = { format: 1, countermeasures: { ...rules, incentiveFunction: rulesOf(name) } } as const;
      const { adjustments, incentiveFunction } = runPolicyEpoch(
        drawnInput(epoch, policy),
        policy,
        EMPTY_STATE,
        machinery,
      );
      const at = adjustments.findIndex(({ step }) => step === 'incentive-function');
      expect(totalOf(adjustments[at]?.incentive ?? [])).toBe(totalOf(adjustments[at - 1]?.incentive ?? []));
      expect(incentiveFunction?.refusal?.code ?? 'FUNCTION_DECLINED').toBe('FUNCTION_DECLINED');
    }),
    { numRuns: 100 },
  );
});
