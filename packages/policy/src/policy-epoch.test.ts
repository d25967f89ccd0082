import { runEpoch } from '@subnetes/consensus/epoch';
import { expect, test } from 'vitest';
import { MACHINERY, network, policyInput, SOME_HASH } from '../test/network.ts';
import { changesOf } from './adjustments.ts';
import type { ConsensusPolicy } from './consensus-policy.ts';
import { runPolicyEpoch } from './policy-epoch.ts';
import { EMPTY_STATE, type PolicyState } from './policy-state.ts';
import { RECOMMENDED } from './recommended.ts';

const MARKET = network([
  { stake: 40n, scores: [90, 70, 50, 30, 10] },
  { stake: 30n, scores: [88, 72, 48, 33, 12] },
  { stake: 30n, scores: [92, 66, 52, 29, 9] },
]);
const STANDING: ConsensusPolicy = { format: 1, countermeasures: { reputation: RECOMMENDED.reputation } };

test('a uid that is given out again inherits nothing', () => {
  const first = runPolicyEpoch(policyInput(MARKET), STANDING, EMPTY_STATE, MACHINERY);
  const { registrations } = policyInput(MARKET);
  expect(first.state.neurons['r3']?.standingPpm).toBeGreaterThan(RECOMMENDED.reputation.startPpm);
  const replaced = { ...policyInput(MARKET), registrations: registrations.with(3, 'newcomer') };
  const second = runPolicyEpoch(replaced, STANDING, first.state, MACHINERY);
  const newcomer = second.adjustments.at(-1)!.incentive[3]!;
  const settled = runPolicyEpoch(policyInput(MARKET), STANDING, first.state, MACHINERY).adjustments.at(-1)!
    .incentive[3]!;
  expect(newcomer).toBeLessThan(settled);
  expect(second.state.neurons).not.toHaveProperty('r3');
});

test('a registration that moves to another uid keeps its state', () => {
  const state: PolicyState = { format: 1, neurons: { mover: { uid: 3, standingPpm: 900_000 } } };
  const input = { ...policyInput(MARKET), registrations: ['a', 'b', 'c', 'd', 'mover', null, null, null] };
  const { state: after } = runPolicyEpoch(input, STANDING, state, MACHINERY);
  expect(after.neurons['mover']).toMatchObject({ uid: 4 });
  expect(after.neurons['mover']?.standingPpm).toBeGreaterThan(900_000);
});

test('the state holds who was there in the last epoch, and nothing of rules that are off', () => {
  const crowd = Object.fromEntries(Array.from({ length: 500 }, (_, uid) => [`old${uid}`, { uid, standingPpm: 5 }]));
  const { state } = runPolicyEpoch(policyInput(MARKET), STANDING, { format: 1, neurons: crowd }, MACHINERY);
  expect(Object.keys(state.neurons)).toHaveLength(MARKET.neurons.length);
  expect(runPolicyEpoch(policyInput(MARKET), { format: 1 }, state, MACHINERY).state).toEqual(EMPTY_STATE);
});

test('deviation is measured on what a validator said, not on what a bound made of it', () => {
  const votes = [40n, 40n, 20n].map((stake, uid) => ({ stake, scores: uid === 2 ? [0, 0, 0, 90] : [40, 30, 20, 10] }));
  const { boundedScores, deviation } = RECOMMENDED;
  const policy: ConsensusPolicy = { format: 1, countermeasures: { boundedScores, deviation } };
  const { state, adjustments } = runPolicyEpoch(policyInput(network(votes)), policy, EMPTY_STATE, MACHINERY);
  const [epoch] = state.neurons['r2']?.deviation?.epochs ?? [];
  expect(epoch).toMatchObject({ index: 7, inputsSha256: SOME_HASH });
  expect(epoch?.deviationPpm).toBeGreaterThan(850_000); // 90 % stands elsewhere; held it would be 5 %
  expect(changesOf(2, adjustments)[1]!.dividends).toBeLessThanOrEqual(0n); // and being held pays nobody
});

test('an owner that abstains keeps its next permit and its bonds, and the others decide', () => {
  const epoch = network(
    [
      { stake: 1n, scores: [0, 0, 0, 0] },
      { stake: 50n, scores: [40, 30, 20, 10] },
      { stake: 49n, scores: [40, 30, 20, 10] },
    ],
    { ownerUid: 0 },
  );
  const bonded = { ...epoch, neurons: epoch.neurons.with(0, { ...epoch.neurons[0]!, bonds: [[4, 60_000]] }) };
  const input = { ...bonded, parameters: { ...bonded.parameters, maxValidators: 2 } };
  const policy: ConsensusPolicy = { format: 1, countermeasures: { firewall: RECOMMENDED.firewall } };
  const { output, abstentions } = runPolicyEpoch(policyInput(input), policy, EMPTY_STATE, MACHINERY);
  expect(abstentions).toMatchObject([{ uid: 0, registrationId: 'r0', reason: 'no-score' }]);
  expect(output.permits.slice(0, 3)).toEqual([true, true, true]);
  expect(output.bonds[0]).toEqual([[4, 53_999]]);
  expect(output.activeStake[0]).toBe(0n);
});

test.for([
  {
    what: 'a policy out of range',
    policy: { format: 1, countermeasures: { boundedScores: { factorPpm: 0 } } },
    message: 'countermeasures.boundedScores.factorPpm',
  },
  {
    what: 'a draw that is missing',
    policy: { format: 1, countermeasures: { assignment: { judges: 1, coverageU16: 0 } } },
    message: 'assignment',
  },
] as const)('refuses $what as a bug of the caller', ({ policy, message }) => {
  expect(() => runPolicyEpoch(policyInput(MARKET), policy, EMPTY_STATE, MACHINERY)).toThrow(message);
});

test.for([
  { index: -1 },
  { inputsSha256: 'short' },
  { registrations: ['one'] },
  { registrations: ['a', 'a', 'c', 'd', 'e', 'f', 'g', 'h'] },
])('refuses inputs that do not fit together: %o', (changes) => {
  expect(() => runPolicyEpoch(policyInput(MARKET, changes), { format: 1 }, EMPTY_STATE, MACHINERY)).toThrow(RangeError);
});

test('refuses a state of another format', () => {
  const state = { format: 2, neurons: {} } as unknown as PolicyState;
  expect(() => runPolicyEpoch(policyInput(MARKET), { format: 1 }, state, MACHINERY)).toThrow(RangeError);
});

test('whoever runs the epoch decides nothing: the implementation is handed in', () => {
  let runs = 0;
  const counting = {
    ...MACHINERY,
    runEpoch: (input: Parameters<typeof runEpoch>[0]) => {
      runs += 1;
      return runEpoch(input);
    },
  };
  runPolicyEpoch(policyInput(MARKET), { format: 1, countermeasures: RECOMMENDED }, EMPTY_STATE, counting);
  expect(runs).toBe(1); // nobody is outside a bound, so no step before the epoch changed a weight
});
