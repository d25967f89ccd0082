import { expect, test } from 'vitest';
import { depositOf, TREASURY } from '#domain/book/account.ts';
import {
  cast,
  expectRefused,
  governed,
  order,
  passed,
  proposalOf,
  proposeTo,
  SPEND,
  stake,
  type VALIDATORS,
} from '#test/governed.ts';
import { done, expectConserved, newLedger, produce, stateText, TAO } from '#test/ledger-state.ts';
import { DUE_PER_BLOCK } from './advance.ts';
import { OVER_MAX, VOTES_KEPT } from './end-proposal.ts';
import type { Choice, ProposalState } from './proposal.ts';
import { VOTING_OF_WALLET_MAX } from './propose.ts';

type Votes = Partial<Record<(typeof VALIDATORS)[number], Choice>>;

interface Case {
  readonly votes: Votes;
  readonly vetoes?: readonly string[];
  /** Rao of the validators' stake; 100 tokens each. */
  readonly more?: bigint;
  readonly ends: ProposalState;
  readonly keepsDeposit: boolean;
}

/** The quorum is a fifth of the stake, Yes needs more than half of Yes and No. */
test.for<[string, Case]>([
  ['nobody votes', { votes: {}, ends: 'Expired', keepsDeposit: false }],
  ['too few vote', { votes: { desk: 'Yes' }, more: 301n * TAO, ends: 'Expired', keepsDeposit: false }],
  ['just enough vote', { votes: { desk: 'Yes' }, more: 300n * TAO, ends: 'Executed', keepsDeposit: true }],
  ['all are for it', { votes: { desk: 'Yes', rival: 'Yes' }, ends: 'Executed', keepsDeposit: true }],
  ['as many are against it', { votes: { desk: 'Yes', rival: 'No' }, ends: 'Rejected', keepsDeposit: true }],
  ['all are against it', { votes: { desk: 'No', rival: 'No' }, ends: 'Rejected', keepsDeposit: true }],
  ['who abstains makes the quorum', { votes: { desk: 'Yes', rival: 'Abstain' }, ends: 'Executed', keepsDeposit: true }],
  ['all abstain', { votes: { desk: 'Abstain' }, ends: 'Rejected', keepsDeposit: true }],
  ['the council stops it', { votes: { desk: 'Yes' }, vetoes: ['wise', 'old'], ends: 'Vetoed', keepsDeposit: false }],
  ['one of two is against it', { votes: { desk: 'Yes' }, vetoes: ['old'], ends: 'Executed', keepsDeposit: true }],
])('%s', ([, { votes, vetoes = [], more = 0n, ends, keepsDeposit }]) => {
  const ledger = governed();
  if (more > 0n) stake(ledger, 'rival', 'v2', more);
  const before = ledger.book.posted('TAO', 'owner');
  const id = proposeTo(ledger);
  expect(ledger.book.posted('TAO', depositOf(id))).toBe(10n * TAO);
  for (const [wallet, choice] of Object.entries(votes)) done(cast(ledger, wallet, id, choice));
  for (const member of vetoes) done(order(ledger, member, { type: 'Veto', proposal: id }));
  produce(ledger, 5);
  expect(proposalOf(ledger, id).state).toBe(ends === 'Executed' ? 'Queued' : ends);
  expect(proposalOf(ledger, id).executeBlock).toBe(ends === 'Executed' ? 8 : undefined);
  produce(ledger, 3);
  expect(proposalOf(ledger, id).state).toBe(ends);
  expect(ledger.book.posted('TAO', 'owner')).toBe(keepsDeposit ? before : before - 10n * TAO);
  const spent = ends === 'Executed' ? 50n * TAO : 0n;
  expect(ledger.book.posted('TAO', 'builder')).toBe(spent);
  expect(ledger.book.posted('TAO', TREASURY)).toBe(1000n * TAO - spent + (keepsDeposit ? 0n : 10n * TAO));
  produce(ledger, 20);
  expect(ledger.book.posted('TAO', 'builder'), 'carried out once').toBe(spent);
  expectConserved(ledger);
});

test('a proposal of the queue is stopped by the council, and what is over is not', () => {
  const ledger = governed();
  const id = proposeTo(ledger);
  done(cast(ledger, 'desk', id));
  produce(ledger, 5);
  done(order(ledger, 'wise', { type: 'Veto', proposal: id }));
  expectRefused(order(ledger, 'wise', { type: 'Veto', proposal: id }), 'VOTED_ALREADY');
  expectRefused(order(ledger, 'desk', { type: 'Veto', proposal: id }), 'NOT_COUNCIL');
  done(order(ledger, 'old', { type: 'Veto', proposal: id }));
  expect(proposalOf(ledger, id)).toMatchObject({ state: 'Vetoed', vetoes: ['wise', 'old'] });
  expectRefused(order(ledger, 'old', { type: 'Veto', proposal: id }), 'VOTE_CLOSED');
  produce(ledger, 10);
  expect(ledger.book.posted('TAO', 'builder')).toBe(0n);
  expect(ledger.governance.record).toMatchObject({ voting: [], queued: [], over: [id] });
});

test('an empty council vetoes nothing', () => {
  const ledger = governed({ council: { members: [], required: 1 } });
  const id = proposeTo(ledger);
  expectRefused(order(ledger, 'wise', { type: 'Veto', proposal: id }), 'NOT_COUNCIL');
  expect(proposalOf(ledger, id).state).toBe('Voting');
});

test('a network without governance has none of it, and its journal is what it was', () => {
  const ledger = newLedger();
  const propose = { type: 'Propose', title: 'x', description: '', action: SPEND } as const;
  const before = stateText(ledger);
  expectRefused(order(ledger, 'owner', propose), 'GOVERNANCE_OFF');
  expectRefused(order(ledger, 'owner', { type: 'DelegateVote', to: 'desk' }), 'GOVERNANCE_OFF');
  expectRefused(order(ledger, 'owner', { type: 'Veto', proposal: 1 }), 'GOVERNANCE_OFF');
  expectRefused(order(ledger, 'owner', { type: 'Vote', proposal: 1, choice: 'Yes' }), 'PROPOSAL_UNKNOWN');
  expect(stateText(ledger)).toBe(before);
  produce(ledger, 1);
  expect(ledger.journal.takeEntries().map(({ kind }) => kind)).toEqual(['Genesis', 'Block']);
});

test('a proposal that can no longer be carried out fails with its reason and leaves everything as it was', () => {
  const ledger = governed();
  const first = proposeTo(ledger, { type: 'Spend', to: 'builder', amount: 800n * TAO });
  const second = proposeTo(ledger, { type: 'Spend', to: 'other', amount: 300n * TAO });
  for (const id of [first, second]) done(cast(ledger, 'desk', id));
  produce(ledger, 8);
  expect(proposalOf(ledger, first).state).toBe('Executed');
  expect(proposalOf(ledger, second)).toMatchObject({ state: 'Failed' });
  expect(proposalOf(ledger, second).reason).toMatch(/^INSUFFICIENT_FUNDS: treasury can spend 200000000000/);
  expect([ledger.book.posted('TAO', 'other'), ledger.book.posted('TAO', 'builder')]).toEqual([0n, 800n * TAO]);
  expectConserved(ledger);
});

test('a wallet has four votes at once and the network sixteen', () => {
  const ledger = governed({ deposit: 1n });
  const propose = { type: 'Propose', title: 'x', description: '', action: SPEND } as const;
  for (let at = 0; at < VOTING_OF_WALLET_MAX; at += 1) done(order(ledger, 'owner', propose));
  expectRefused(order(ledger, 'owner', propose), 'PROPOSAL_COUNT');
  for (const wallet of ['ann', 'bob', 'cy']) {
    for (let at = 0; at < VOTING_OF_WALLET_MAX; at += 1) done(order(ledger, wallet, propose));
  }
  expectRefused(order(ledger, 'desk', propose), 'PROPOSAL_COUNT');
  for (const id of ledger.governance.record.voting) done(cast(ledger, 'desk', id));
  // All of them end in one block: so many do, and the rest in the next one.
  produce(ledger, 5);
  expect(ledger.governance.record.queued).toHaveLength(DUE_PER_BLOCK);
  produce(ledger, 1);
  expect(ledger.governance.record.queued).toHaveLength(16);
  produce(ledger, 4);
  expect(ledger.governance.record.queued).toHaveLength(0);
  expect(ledger.book.posted('TAO', 'builder')).toBe(16n * 50n * TAO);
});

test('old votes are taken away, then old proposals; nothing of a vote is left but its tally', () => {
  const ledger = governed({ deposit: 1n, votingBlocks: 1, timelockBlocks: 1 });
  for (let at = 0; at < VOTES_KEPT + 5; at += 1) {
    const id = proposeTo(ledger);
    done(cast(ledger, 'desk', id, 'No'));
    produce(ledger, 1);
  }
  produce(ledger, 10);
  expect(ledger.governance.ballots.table.size).toBe(VOTES_KEPT);
  expect(proposalOf(ledger, 1).tally.no).toBe(100n * TAO);
  for (let at = 0; at < OVER_MAX - VOTES_KEPT; at += 1) {
    proposeTo(ledger);
    produce(ledger, 1);
  }
  produce(ledger, 10);
  expect([ledger.governance.proposals.size, ledger.governance.proposal(1)]).toEqual([OVER_MAX, undefined]);
  expect([...ledger.governance.history.kept.table.entries()]).toEqual([]);
  expect(ledger.governance.history.snapshots.size).toBe(0);
  expectConserved(ledger);
});

test('what a proposal says is within its bounds', () => {
  const ledger = governed();
  const propose = { type: 'Propose', title: 'x', description: '', action: SPEND } as const;
  const simulation = { netuid: 1, firstEpoch: 1, lastEpoch: 2, sha256: 'a'.repeat(64), summary: '' };
  for (const broken of [
    { title: ' ' },
    { title: 'x'.repeat(121) },
    { description: 'x'.repeat(4001) },
    { title: 'x\u001b[2J' },
    { title: 'two\nlines' },
    { description: 'x\u0000' },
    { description: 'x\u202ey' },
    { simulation: { ...simulation, summary: '\r' } },
    { simulation: { ...simulation, sha256: 'ab' } },
    { simulation: { ...simulation, firstEpoch: 3 } },
    { simulation: { ...simulation, summary: 'x'.repeat(1001) } },
  ]) {
    expectRefused(order(ledger, 'owner', { ...propose, ...broken }), 'PROPOSAL_INVALID');
  }
  done(order(ledger, 'owner', { ...propose, description: 'two\n\tlines, ünïcode', simulation }));
  expectRefused(order(ledger, 'builder', propose), 'INSUFFICIENT_FUNDS');
  expect(passed(ledger, SPEND).state).toBe('Executed');
});
