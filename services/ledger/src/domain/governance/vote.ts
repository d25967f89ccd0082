import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Ballot, Choice, Tally } from './proposal.ts';
import { delegateAt, powerAt, representedAt } from './voting-power.ts';

const TALLY_NAMES = { Yes: 'yes', No: 'no', Abstain: 'abstain' } as const;

/** What a vote came to. */
export interface VoteCast {
  /** Rao that it stands for. */
  readonly weight: bigint;
  /** Wallets beside its own that it stands for. */
  readonly represented: number;
}

/**
 * Votes with all that a wallet had when the proposal began, and with what is left to it: the stake of those who named it, and
 * what was delegated to its hotkeys. Whoever is nearer to the money goes before: the wallet itself, then whom it named, then
 * the owner of the hotkey. So a vote takes back what another one has counted, and each rao counts once at most.
 */
export function vote(
  ledger: Ledger,
  voter: string,
  { proposal: id, choice }: { readonly proposal: number; readonly choice: Choice },
): Decision<VoteCast> {
  const { governance } = ledger;
  const proposal = governance.proposal(id);
  if (proposal === undefined) return unknownProposal(id);
  if (proposal.state !== 'Voting') {
    return refuse('VOTE_CLOSED', `proposal ${id} is ${proposal.state}: its vote ended at block ${proposal.endBlock}`);
  }
  if (governance.ballots.get(id, voter)?.by === voter) {
    return refuse('VOTED_ALREADY', `${voter} has voted on proposal ${id}, and each votes once`);
  }
  const wallets = representedAt(ledger, id, voter).filter(
    (wallet) => delegateAt(ledger, id, wallet) === voter && governance.ballots.get(id, wallet) === undefined,
  );
  const all = [voter, ...wallets];
  let { tally } = proposal;
  for (const wallet of all) tally = count(ledger, { id, tally }, { wallet, by: voter, choice });
  // Looked up at the end: what one of them delegated to another of them was counted with the other one first.
  const weight = all.reduce((sum, wallet) => sum + (governance.ballots.get(id, wallet)?.weight ?? 0n), 0n);
  if (weight === 0n) {
    return refuse('NO_VOTING_POWER', `${voter} had no stake that counts at block ${proposal.startBlock}`);
  }
  governance.putProposal({ ...proposal, tally });
  return accept({ weight, represented: wallets.length });
}

export function unknownProposal(id: number): Decision<never> {
  return refuse('PROPOSAL_UNKNOWN', `there is no proposal ${id}, or it ended long ago`);
}

/** Counts one wallet's stake. Where its delegate has voted already the same stake changes sides. */
function count(
  ledger: Ledger,
  { id, tally: before }: { readonly id: number; readonly tally: Tally },
  ballot: Omit<Ballot, 'weight'> & { readonly wallet: string },
): Tally {
  const { ballots } = ledger.governance;
  const { wallet, by, choice } = ballot;
  const earlier = ballots.get(id, wallet);
  if (earlier !== undefined) {
    ballots.put(id, wallet, { by, choice, weight: earlier.weight });
    return added(added(before, earlier.choice, -earlier.weight), choice, earlier.weight);
  }
  const power = powerAt(ledger, id, wallet);
  let [tally, weight] = [before, power.own];
  for (const { pool, owner, worth } of power.delegated) {
    tally = takeBack(ledger, { id, tally }, { pool, owner, worth });
    weight += worth;
  }
  for (const { pool, total } of power.entrusted) weight += total - (ledger.governance.claimed.get(id, pool) ?? 0n);
  if (weight === 0n) return tally;
  ballots.put(id, wallet, { by, choice, weight });
  return added(tally, choice, weight);
}

/** A part of a pool votes by itself: whoever has voted with the whole pool has so much less. */
function takeBack(
  { governance }: Ledger,
  { id, tally }: { readonly id: number; readonly tally: Tally },
  { pool, owner, worth }: { readonly pool: string; readonly owner: string; readonly worth: bigint },
): Tally {
  governance.claimed.put(id, pool, (governance.claimed.get(id, pool) ?? 0n) + worth);
  const ballot = governance.ballots.get(id, owner);
  if (ballot === undefined) return tally;
  governance.ballots.put(id, owner, { ...ballot, weight: ballot.weight - worth });
  return added(tally, ballot.choice, -worth);
}

function added(tally: Tally, choice: Choice, rao: bigint): Tally {
  const name = TALLY_NAMES[choice];
  return { ...tally, [name]: tally[name] + rao };
}
