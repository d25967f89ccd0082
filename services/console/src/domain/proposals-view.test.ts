import { expect, test } from 'vitest';
import { type ProposalRecord, proposalsView } from './proposals-view.ts';

const record: ProposalRecord = {
  id: 7,
  title: 'Pay the auditors',
  description: '',
  proposer: '5F',
  action: 'Spend',
  changes: [],
  state: 'Voting',
  endBlock: 150,
  executeBlock: 0,
  doneBlock: 0,
  stakedRao: 3_000n,
  yesRao: 1_000n,
  noRao: 1n,
  abstainRao: 0n,
  quorumPpm: 100_000,
  thresholdPpm: 500_000,
  simulation: undefined,
  reason: '',
};
const viewOf = (change: Partial<ProposalRecord>) =>
  proposalsView({ block: 118, symbol: 'TAO', treasuryRao: 5_000_000_000n, proposals: [{ ...record, ...change }] });

test('shares are of all stake, and the treasury is money', () => {
  expect(viewOf({})).toMatchObject({
    governed: true,
    treasury: { rao: '5000000000', text: '5 TAO' },
    proposals: [{ id: 7, yes: 0.333333, no: 0.000333, abstain: 0, quorum: 0.1, threshold: 0.5, simulation: '' }],
  });
  expect(viewOf({ stakedRao: 0n }).proposals[0]?.yes).toBe(0);
});

test.for([
  [{}, 'votes for 32 blocks'],
  [{ endBlock: 117 }, 'votes for 0 blocks'],
  [{ state: 'Queued', executeBlock: 120 }, 'in 2 blocks'],
  [{ state: 'Executed', doneBlock: 99 }, 'at block 99'],
] as const)('%j happens %s', ([change, when]) => {
  expect(viewOf(change).proposals[0]?.when).toBe(when);
});

test('a network without governance says so', () => {
  expect(proposalsView(undefined)).toEqual({ governed: false, treasury: null, proposals: [] });
});
