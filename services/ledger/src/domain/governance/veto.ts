import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { endProposal } from './end-proposal.ts';
import { isOver, type Proposal } from './proposal.ts';
import { unknownProposal } from './vote.ts';
import { noGovernance } from './vote-delegation.ts';

/** A member of the council is against a proposal that is not carried out yet; enough of them end it. */
export function veto(ledger: Ledger, member: string, id: number): Decision<Proposal> {
  const terms = ledger.network.genesis.governance;
  if (terms === undefined) return noGovernance();
  const { members, required } = terms.council;
  if (!members.includes(member)) {
    return refuse('NOT_COUNCIL', `${member} is no member of the council, which has ${members.length}`);
  }
  const proposal = ledger.governance.proposal(id);
  if (proposal === undefined) return unknownProposal(id);
  if (isOver(proposal)) return refuse('VOTE_CLOSED', `proposal ${id} is ${proposal.state} already`);
  if (proposal.vetoes.includes(member)) return refuse('VOTED_ALREADY', `${member} has vetoed proposal ${id}`);
  const next: Proposal = { ...proposal, vetoes: [...proposal.vetoes, member] };
  // Who has left the council has no voice in it.
  if (next.vetoes.filter((each) => members.includes(each)).length >= required) {
    return accept(endProposal(ledger, next, 'Vetoed', `${required} of the council are against it`));
  }
  ledger.governance.putProposal(next);
  return accept(next);
}
