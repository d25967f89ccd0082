import type { Ledger } from '../economy/ledger.ts';
import { closeVote, endProposal } from './end-proposal.ts';
import { performAction } from './perform-action.ts';
import { addDue, takeDue } from './proposals-due.ts';
import type { Proposal, ProposalState } from './proposal.ts';
import { fundTreasury } from './treasury.ts';

/** Proposals that one block ends or carries out at most. */
export const DUE_PER_BLOCK = 8;
/** Rows of votes and snapshots that one block takes away at most. */
export const SWEPT_PER_BLOCK = 256;

const PPM = 1_000_000n;

/** What time does to proposals in a block: votes end, what passed is carried out after its lock, and what is old is taken away. */
export function advanceGovernance(ledger: Ledger): void {
  fundTreasury(ledger);
  for (const id of takeDue(ledger, DUE_PER_BLOCK)) {
    const proposal = ledger.governance.proposal(id);
    if (proposal?.state === 'Voting') endVote(ledger, proposal);
    else if (proposal?.state === 'Queued') carryOutProposal(ledger, proposal);
  }
  sweep(ledger);
}

/** What a vote came to. */
export function outcomeOf({
  tally,
  staked,
  terms,
}: Proposal): Extract<ProposalState, 'Queued' | 'Rejected' | 'Expired'> {
  const { yes, no, abstain } = tally;
  const voted = yes + no + abstain;
  if (voted === 0n || voted * PPM < staked * BigInt(terms.quorumPpm)) return 'Expired';
  return yes * PPM > (yes + no) * BigInt(terms.thresholdPpm) ? 'Queued' : 'Rejected';
}

function endVote(ledger: Ledger, proposal: Proposal): void {
  const outcome = outcomeOf(proposal);
  const { id, tally, staked } = proposal;
  const payload = { proposal: id, state: outcome, ...tally, staked };
  const { block, governance } = ledger;
  if (outcome === 'Queued') {
    const executeBlock = block + proposal.terms.timelockBlocks;
    closeVote(ledger, proposal);
    governance.putProposal({ ...proposal, state: 'Queued', executeBlock });
    governance.record = { ...governance.record, queued: [...governance.record.queued, id] };
    addDue(ledger, executeBlock, id);
    ledger.journal.write({ block, kind: 'ProposalQueued', payload: { ...payload, executeBlock } });
    return;
  }
  endProposal(ledger, proposal, outcome);
  ledger.journal.write({ block, kind: 'ProposalEnded', payload });
}

/** Once, at its block: as things stand then it may have become impossible, which leaves everything as it was. */
function carryOutProposal(ledger: Ledger, proposal: Proposal): void {
  const { id, action } = proposal;
  const { block, journal } = ledger;
  const done = ledger.attempt(() => performAction(ledger, id, action));
  if (done.ok) {
    endProposal(ledger, proposal, 'Executed');
    journal.write({ block, kind: 'ProposalExecuted', payload: { proposal: id, action } });
    return;
  }
  endProposal(ledger, proposal, 'Failed', `${done.code}: ${done.message}`);
  journal.write({ block, kind: 'ProposalFailed', payload: { proposal: id, code: done.code, reason: done.message } });
}

function sweep({ governance }: Ledger): void {
  governance.history.sweep(SWEPT_PER_BLOCK);
  const { record } = governance;
  const [oldest] = record.sweeping;
  if (oldest === undefined) return;
  const claims = governance.claimed.take(oldest, SWEPT_PER_BLOCK);
  const votes = claims < SWEPT_PER_BLOCK ? governance.ballots.take(oldest, SWEPT_PER_BLOCK - claims) : 0;
  if (claims + votes < SWEPT_PER_BLOCK) governance.record = { ...record, sweeping: record.sweeping.slice(1) };
}
