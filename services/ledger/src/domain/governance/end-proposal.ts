import { depositOf, TREASURY } from '../book/account.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Proposal, ProposalState } from './proposal.ts';

/** Proposals that are over and can still be asked for; older ones are in the journal. */
export const OVER_MAX = 1000;
/** Of them, those whose single votes can. */
export const VOTES_KEPT = 50;

/** States in which the deposit is lost: nobody wanted to hear of it, or the council had to stop it. */
const FORFEITING: ReadonlySet<ProposalState> = new Set(['Expired', 'Vetoed']);

/** Nobody votes any more. */
export function closeVote(ledger: Ledger, proposal: Proposal): void {
  if (proposal.state !== 'Voting') return;
  const { governance } = ledger;
  governance.history.close(proposal.id);
  const { record } = governance;
  governance.record = { ...record, voting: record.voting.filter((id) => id !== proposal.id) };
}

/** Brings a proposal to its last state and moves its deposit; the entry that says so is the caller's to write. */
export function endProposal(ledger: Ledger, proposal: Proposal, state: ProposalState, reason = ''): Proposal {
  const { governance, block } = ledger;
  closeVote(ledger, proposal);
  const { id, proposer, terms } = proposal;
  const to = FORFEITING.has(state) ? TREASURY : proposer;
  const parts = [{ to, amount: terms.deposit }];
  const paid = ledger.book.pay({ asset: ledger.asset, from: depositOf(id), parts });
  if (!paid.ok) throw new Error(`the deposit of proposal ${id} cannot be paid: ${paid.message}`);
  const ended: Proposal = { ...proposal, state, reason, doneBlock: block };
  governance.putProposal(ended);
  const { record } = governance;
  const over = [...record.over, id];
  const unvoted = over.at(-VOTES_KEPT - 1);
  const oldest = over.length > OVER_MAX ? over.shift() : undefined;
  if (oldest !== undefined) governance.proposals.remove(String(oldest));
  governance.record = {
    ...record,
    queued: record.queued.filter((each) => each !== id),
    over,
    sweeping: unvoted === undefined ? record.sweeping : [...record.sweeping, unvoted],
  };
  return ended;
}
