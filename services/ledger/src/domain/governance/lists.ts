import type { Ledger } from '../economy/ledger.ts';
import type { Grant } from './grant.ts';
import { type Proposal, PROPOSAL_STATES, type ProposalState } from './proposal.ts';

/** Proposals from the newest back; `before`: only older ones than that. */
export function listProposals(
  { governance }: Ledger,
  query: { readonly state: ProposalState | undefined; readonly before: number | undefined; readonly limit: number },
): readonly Proposal[] {
  const { voting, queued, over } = governance.record;
  const found: Proposal[] = [];
  const ids = [...voting, ...queued, ...over].toSorted((a, b) => b - a);
  for (const id of ids) {
    if (found.length >= query.limit) break;
    if (query.before !== undefined && id >= query.before) continue;
    const proposal = governance.proposal(id);
    if (proposal !== undefined && (query.state ?? proposal.state) === proposal.state) found.push(proposal);
  }
  return found;
}

/** Of each state, how many can be asked for. */
export function proposalCounts({
  governance,
}: Ledger): readonly { readonly state: ProposalState; readonly count: number }[] {
  const counts = new Map<ProposalState, number>();
  for (const { state } of governance.proposals.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
  return PROPOSAL_STATES.map((state) => ({ state, count: counts.get(state) ?? 0 }));
}

/** Grants that are not paid out, ascending; of one beneficiary where a wallet is named. */
export function listGrants(
  { governance }: Ledger,
  query: { readonly wallet: string; readonly after: number | undefined; readonly limit: number },
): readonly Grant[] {
  const found: Grant[] = [];
  for (const id of governance.record.grants) {
    if (found.length >= query.limit) break;
    const grant = governance.grant(id);
    if (grant === undefined || id <= (query.after ?? 0)) continue;
    if (query.wallet === '' || grant.to === query.wallet) found.push(grant);
  }
  return found;
}
