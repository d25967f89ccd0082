import type { KeyClaim } from '../book/journal.ts';
import { accept, type Decision } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { claimGrant } from './grant.ts';
import type { Choice } from './proposal.ts';
import { type ProposalDraft, propose } from './propose.ts';
import { veto } from './veto.ts';
import { vote } from './vote.ts';
import { delegateVote } from './vote-delegation.ts';

/** What a coldkey asks of governance by its own signature. */
export type GovernanceOrder =
  | ({ readonly type: 'Propose' } & ProposalDraft)
  | { readonly type: 'Vote'; readonly proposal: number; readonly choice: Choice }
  /** `to` undefined: nobody votes for the wallet any more. */
  | { readonly type: 'DelegateVote'; readonly to: string | undefined }
  | { readonly type: 'Veto'; readonly proposal: number }
  | { readonly type: 'ClaimGrant'; readonly grant: number };

const TYPES: ReadonlySet<string> = new Set<GovernanceOrder['type']>([
  'Propose',
  'Vote',
  'DelegateVote',
  'Veto',
  'ClaimGrant',
]);

export function isGovernanceOrder(order: { readonly type: string }): order is GovernanceOrder {
  return TYPES.has(order.type);
}

/** Carries one out and writes its entry. */
export function performGovernanceOrder(
  ledger: Ledger,
  {
    signer,
    by,
    order,
    keys = [],
  }: {
    readonly signer: string;
    readonly by: object;
    readonly order: GovernanceOrder;
    readonly keys?: readonly KeyClaim[] | undefined;
  },
): Decision<undefined> {
  const write = (details: object) =>
    ledger.journal.write({
      block: ledger.block,
      kind: `Order${order.type}`,
      payload: { signer, ...by, ...details },
      keys,
    });
  switch (order.type) {
    case 'Propose': {
      const { type: _type, ...draft } = order;
      const proposed = propose(ledger, signer, draft);
      if (!proposed.ok) return proposed;
      const { id, terms, endBlock, staked } = proposed.value;
      const { sequence } = write({ proposal: id, ...draft, terms, endBlock, staked });
      ledger.governance.putProposal({ ...proposed.value, sequence });
      return accept(undefined);
    }
    case 'Vote': {
      const { proposal, choice } = order;
      const cast = vote(ledger, signer, order);
      if (!cast.ok) return cast;
      write({ proposal, choice, ...cast.value });
      return accept(undefined);
    }
    case 'DelegateVote': {
      const named = delegateVote(ledger, signer, order.to);
      if (!named.ok) return named;
      write({ to: order.to ?? '' });
      return accept(undefined);
    }
    case 'Veto': {
      const vetoed = veto(ledger, signer, order.proposal);
      if (!vetoed.ok) return vetoed;
      write({ proposal: order.proposal, state: vetoed.value.state });
      return accept(undefined);
    }
    case 'ClaimGrant': {
      const claimed = claimGrant(ledger, signer, order.grant);
      if (!claimed.ok) return claimed;
      write({ grant: order.grant, amount: claimed.value });
      return accept(undefined);
    }
  }
}
