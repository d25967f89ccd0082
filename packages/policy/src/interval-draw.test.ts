import { runEpoch } from '@subnetes/consensus/epoch';
import { expect, test } from 'vitest';
import { MACHINERY, network, policyInput } from '../test/network.ts';
import { runDrawnEpoch } from './drawn-epoch.ts';
import {
  type CarriedDraw,
  DRAWS_MAX,
  drawnAssignment,
  drawsAfter,
  drawScope,
  type DrawTerms,
  notToJudge,
} from './interval-draw.ts';
import { runPolicyEpoch } from './policy-epoch.ts';
import { EMPTY_STATE, type PolicyState } from './policy-state.ts';
import { portableSha256 } from './portable-sha256.ts';

const termsOf = (interval: number): DrawTerms => ({
  interval,
  round: 100 * interval,
  publicKey: 'ab',
  rules: { judges: 2, coverageU16: 0 },
  kappaU16: 32_767,
});
const carriedOf = (interval: number): CarriedDraw => ({
  ...termsOf(interval),
  validators: ['a', 'b', 'c', 'd'].map((registrationId) => ({ registrationId, stake: '10' })),
  miners: ['m', 'n', 'o', 'p'],
});
const opened = { interval: 7, signature: '5f'.repeat(48) };
const context = (scope: string) => ({ scope, sha256: portableSha256 });
const facts = (index: number) => ({
  index,
  output: { permits: [true, false], incentive: [] },
  registrations: ['a', 'm'],
  stakes: [5n, 0n],
});

test('an epoch carries who stood to be drawn, of the last intervals alone', () => {
  let draws: readonly CarriedDraw[] = [];
  for (let index = 1; index <= 10; index += 1) draws = drawsAfter(draws, termsOf(index + 1), facts(index));
  expect(draws.map(({ interval }) => interval)).toEqual([8, 9, 10, 11]);
  expect(draws).toHaveLength(DRAWS_MAX);
  expect(draws.at(-1)).toEqual({ ...termsOf(11), validators: [{ registrationId: 'a', stake: '5' }], miners: ['m'] });
  expect(drawsAfter(draws, undefined, facts(11)).map(({ interval }) => interval)).toEqual([8, 9, 10, 11]);
  expect(drawsAfter(draws, undefined, facts(14)).map(({ interval }) => interval)).toEqual([11]);
});

test('judges are drawn by the round of their interval, and differ between markets, mechanisms and rounds', () => {
  const draws = [carriedOf(6), carriedOf(7)];
  const drawn = drawnAssignment(draws, opened, context(drawScope(1, 0)));
  expect(drawn).toMatchObject({ rules: { judges: 2 } });
  expect(drawnAssignment(draws, opened, context(drawScope(1, 0)))).toEqual(drawn);
  const others = [
    drawnAssignment(draws, opened, context(drawScope(2, 0))),
    drawnAssignment(draws, opened, context(drawScope(1, 1))),
    drawnAssignment(draws, { ...opened, signature: '60'.repeat(48) }, context(drawScope(1, 0))),
    drawnAssignment(draws, { ...opened, interval: 6 }, context(drawScope(1, 0))),
  ];
  const seeds = [drawn, ...others].map((each) => each?.assignment.seed);
  expect(new Set(seeds).size).toBe(5);
  expect(drawnAssignment(draws, undefined, context('1/0'))).toBeUndefined();
  expect(drawnAssignment(draws, { ...opened, interval: 8 }, context('1/0'))).toBeUndefined();
});

test('a validator is told what is not its to judge; who was not drawn for is everybody’s', () => {
  const assignment = { seed: '', judges: { m: ['a', 'b'], n: ['b'], o: ['a'] } };
  expect(notToJudge(assignment, 'a')).toEqual(['n']);
  expect(notToJudge(assignment, 'c')).toEqual(['m', 'n', 'o']);
});

test('without a draw an epoch is what it is without the rule, to the bit', () => {
  const votes = [3n, 4n, 5n].map((stake) => ({ stake, scores: [5, 3, 1] }));
  const input = policyInput(network(votes));
  const policy = { format: 1 as const, countermeasures: { assignment: { judges: 1, coverageU16: 0 } } };
  const draws = { scope: '1/0', begins: termsOf(2) };
  const outcome = runDrawnEpoch(input, policy, EMPTY_STATE, { draws, runEpoch });
  const plain = runPolicyEpoch(input, { format: 1, countermeasures: {} }, EMPTY_STATE, MACHINERY);
  expect({ ...outcome, state: plain.state }).toEqual(plain);
  expect(outcome.state.draws).toMatchObject([{ interval: 2, validators: [{}, {}, {}], miners: [{}, {}, {}].map(() => expect.any(String)) }]); // prettier-ignore
});

test('the draw that an epoch carries decides a later one, and its rule is the one that it was drawn under', () => {
  const votes = [30n, 36n, 34n].map((stake, uid) => ({ stake, scores: uid === 0 ? [9, 9, 1] : [9, 1, 1] }));
  const input = policyInput(network(votes), { index: 7 });
  const ids = input.registrations.map(String);
  const [a = '', b = '', c = ''] = ids;
  const draw: CarriedDraw = {
    ...termsOf(6),
    rules: { judges: 1, coverageU16: 0 },
    validators: [a, b, c].map((registrationId, at) => ({ registrationId, stake: `${[30, 36, 34][at]}` })),
    miners: ids.slice(3),
  };
  const state: PolicyState = { ...EMPTY_STATE, draws: [draw] };
  const policy = { format: 1 as const, countermeasures: { assignment: { judges: 3, coverageU16: 65_535 } } };
  const draws = { scope: '1/0', opened: { interval: 6, signature: '11'.repeat(48) } };
  const outcome = runDrawnEpoch(input, policy, state, { draws, runEpoch });
  expect(outcome.adjustments.map(({ step }) => step)).toEqual(['consensus', 'assignment']);
  expect(outcome.state.draws).toEqual([draw]);
  const off = runDrawnEpoch(input, { format: 1, countermeasures: {} }, state, { draws, runEpoch });
  expect(off.adjustments.map(({ step }) => step)).toEqual(['consensus']);
});
