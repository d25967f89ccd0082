import type { Ledger } from '../economy/ledger.ts';
import type { Ballot, Proposal } from './proposal.ts';
import { delegateAt, powerAt } from './voting-power.ts';

/** How a wallet's stake votes on a proposal, and with how much it could. Rao. */
export interface VoteView {
  readonly ballot: Ballot | undefined;
  readonly own: bigint;
  readonly delegated: bigint;
  /** Less what votes by itself. */
  readonly entrusted: bigint;
  readonly delegate: string | undefined;
}

/** What its stake was is known while the vote goes on; afterwards what it voted. */
export function voteView(ledger: Ledger, { id, state }: Proposal, wallet: string): VoteView {
  const { governance } = ledger;
  const ballot = governance.ballots.get(id, wallet);
  if (state !== 'Voting') return { ballot, own: 0n, delegated: 0n, entrusted: 0n, delegate: undefined };
  const power = powerAt(ledger, id, wallet);
  return {
    ballot,
    own: power.own,
    delegated: power.delegated.reduce((sum, { worth }) => sum + worth, 0n),
    entrusted: power.entrusted.reduce(
      (sum, { pool, total }) => sum + total - (governance.claimed.get(id, pool) ?? 0n),
      0n,
    ),
    delegate: delegateAt(ledger, id, wallet),
  };
}
