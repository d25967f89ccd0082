import type { EpochInput } from '@subnetes/consensus/epoch-types';
import { runEpoch } from '@subnetes/consensus/epoch';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MACHINERY, network, policyInput, rowOf } from '../test/network.ts';
import type { ConsensusPolicy } from './consensus-policy.ts';
import type { FirewallRules } from './firewall-rules.ts';
import { runPolicyEpoch } from './policy-epoch.ts';
import { EMPTY_STATE, type PolicyState } from './policy-state.ts';
import { RECOMMENDED } from './recommended.ts';

const RULES: FirewallRules = { ...RECOMMENDED.firewall, minersMin: 6, staleAfterEpochs: 2 };
const policyOf = (rules: FirewallRules): ConsensusPolicy => ({ format: 1, countermeasures: { firewall: rules } });
const TRUTH = [1300, 1200, 1100, 1000, 900, 800, 700, 600, 500, 400, 300, 200];
const TURNED = TRUTH.toReversed();
const FLAT = TRUTH.map(() => 500);
/** The market's own movement: three percent up and down, in turn. */
const moved = (scores: readonly number[], epoch: number): number[] =>
  scores.map((score, miner) => Math.round(score * ((miner + epoch) % 2 === 0 ? 1.03 : 0.97)));

/** Epochs in which two honest validators move, and a third with 30 % of stake sends what it is told to. */
function epochs(rows: readonly (readonly number[])[], rules = RULES, honestMoves = true) {
  let state: PolicyState = EMPTY_STATE;
  return rows.map((scores, epoch) => {
    const truth = honestMoves ? moved(TRUTH, epoch) : TRUTH;
    const input = network([
      { stake: 40n, scores: truth },
      { stake: 30n, scores: truth },
      { stake: 30n, scores },
    ]);
    const outcome = runPolicyEpoch(policyInput(input), policyOf(rules), state, MACHINERY);
    ({ state } = outcome);
    return outcome;
  });
}
const reasons = (outcomes: ReturnType<typeof epochs>) =>
  outcomes.map(({ abstentions }) => abstentions.map(({ reason }) => reason).join());

test.for<[string, readonly (readonly number[])[], readonly string[]]>([
  ['an honest validator never abstains', [moved(TRUTH, 0), moved(TRUTH, 1), moved(TRUTH, 2)], ['', '', '']],
  ['one score for everybody', [FLAT], ['identical-scores']],
  ['one score for most of them', [FLAT.with(0, 0).with(1, 0)], ['identical-scores']],
  ['one score for half of them is a choice', [[5, 5, 5, 5, 5, 5, 0, 0, 0, 0, 0, 0]], ['']],
  ['nothing at all', [[]], ['no-score']],
  [
    'the row of the day before, and before that',
    [TRUTH, TRUTH, TRUTH, TRUTH],
    ['', '', 'stale-scores', 'stale-scores'],
  ],
  ['until it moves again', [TRUTH, TRUTH, TRUTH, moved(TRUTH, 3)], ['', '', 'stale-scores', '']],
  [
    'upside down, for as long as it is',
    [TRUTH, TURNED, moved(TURNED, 2), moved(TRUTH, 3)],
    ['', 'reversed-scores', 'reversed-scores', ''],
  ],
  ['upside down from the first day has no past to turn against', [TURNED, moved(TURNED, 1)], ['', '']],
])('%s', ([, rows, expected]) => {
  expect(reasons(epochs(rows))).toEqual(expected);
});

test('a validator with most of the stake is measured against the others, not against itself', () => {
  const votes = [60n, 25n, 15n].map((stake, uid) => ({ stake, scores: uid === 0 ? FLAT : TRUTH }));
  const { abstentions } = runPolicyEpoch(policyInput(network(votes)), policyOf(RULES), EMPTY_STATE, MACHINERY);
  expect(abstentions).toMatchObject([{ uid: 0, reason: 'identical-scores' }]);
});

test('where nobody moves nobody is stale', () => {
  expect(reasons(epochs([TRUTH, TRUTH, TRUTH, TRUTH], RULES, false))).toEqual(['', '', '', '']);
});

test('where nobody scores nobody is asked to abstain', () => {
  const silent = network([1n, 2n].map((stake) => ({ stake, scores: [0, 0, 0, 0, 0, 0] })));
  expect(runPolicyEpoch(policyInput(silent), policyOf(RULES), EMPTY_STATE, MACHINERY).abstentions).toEqual([]);
});

test('figures say why, in integers', () => {
  const [flat] = epochs([FLAT]);
  expect(flat?.abstentions).toEqual([
    {
      uid: 2,
      registrationId: 'r2',
      reason: 'identical-scores',
      figures: { scores: 12, spreadPpm: 0, distancePpm: 199_600 },
    },
  ]);
  const turned = epochs([TRUTH, TURNED]).at(-1);
  expect(turned?.abstentions[0]?.figures).toEqual({
    miners: 12,
    withOwnPastPpm: -1_000_000,
    withOthersPpm: -1_000_000,
  });
});

test('who abstains has an empty row and no vote, and the others decide as if it were not there', () => {
  const [outcome] = epochs([FLAT]);
  expect(outcome?.counted.neurons[2]?.weights).toEqual([]);
  const truth = moved(TRUTH, 0);
  const alone = runEpoch(network([40n, 30n].map((stake) => ({ stake, scores: truth }))));
  expect(outcome?.output.incentive.slice(3)).toEqual(alone.incentive.slice(2));
});

test('a minority does not decide because a majority failed: below the quorum abstainers stay as silence', () => {
  const [outcome] = epochs([FLAT], { ...RULES, quorumPpm: 750_000 });
  expect(outcome?.abstentions).toHaveLength(1);
  expect(outcome?.counted.neurons[2]).toMatchObject({ weights: [], permit: true });
});

test('memory is of the last row that counted, of at most 128 miners', () => {
  const scores = Array.from({ length: 200 }, (_, miner) => 1000 + miner);
  const large = network([
    { stake: 5n, scores },
    { stake: 4n, scores },
  ]);
  const { state } = runPolicyEpoch(policyInput(large), policyOf(RULES), EMPTY_STATE, MACHINERY);
  const row = state.neurons['r0']?.firewall?.row ?? [];
  expect(row).toHaveLength(128);
  expect(row.at(-1)).toEqual([201, 1199]); // the best ones
  const [, turned] = epochs([TRUTH, TURNED]);
  expect(turned?.state.neurons['r2']?.firewall).toEqual({ row: rowOf(TRUTH, 3), sameEpochs: 0, isTurned: true });
});

test('no coalition can silence a validator that scores, tells miners apart, moves and stays true to itself', () => {
  const scores = fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 12, maxLength: 12 });
  const stake = fc.bigInt({ min: 1n, max: 10n ** 6n });
  const others = fc.array(fc.tuple(stake, scores, scores, scores), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(others, stake, (coalition, ownStake) => {
      let state: PolicyState = EMPTY_STATE;
      for (let epoch = 0; epoch < 3; epoch += 1) {
        const votes = coalition.map(([theirStake, ...rows]) => ({ stake: theirStake, scores: rows[epoch]! }));
        const input: EpochInput = network([{ stake: ownStake, scores: moved(TRUTH, epoch) }, ...votes]);
        const outcome = runPolicyEpoch(policyInput(input), policyOf({ ...RULES, reversalPpm: 1 }), state, MACHINERY);
        expect(outcome.abstentions.map(({ uid }) => uid)).not.toContain(0);
        ({ state } = outcome);
      }
    }),
  );
});
