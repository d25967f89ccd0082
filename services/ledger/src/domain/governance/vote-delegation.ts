import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { stakeOfWallet } from './voting-power.ts';

/** Wallets that one votes for at most. */
export const REPRESENTED_MAX = 256;

/**
 * Names who votes with a wallet's stake where it does not vote itself; undefined: nobody any more. It counts for proposals that
 * begin later, and is not passed on: a delegate's own delegate has nothing to say about it. Where a delegate stands for as many
 * as it can, places go to stake, so that nobody can fill them with wallets of nothing.
 */
export function delegateVote(ledger: Ledger, wallet: string, to: string | undefined): Decision<undefined> {
  if (ledger.network.genesis.governance === undefined) return noGovernance();
  if (to === wallet) return refuse('INVALID_ARGUMENT', 'a wallet votes with its own stake anyway: name another one');
  const before = ledger.governance.voteDelegates.get(wallet);
  if (before === to) return accept(undefined);
  if (to !== undefined) {
    const room = makeRoom(ledger, wallet, to);
    if (!room.ok) return room;
  }
  if (before !== undefined) forget(ledger, wallet, before);
  if (to === undefined) return accept(undefined);
  const { represented, voteDelegates } = ledger.governance;
  voteDelegates.put(wallet, to);
  represented.put(to, [...(represented.get(to) ?? []), wallet]);
  return accept(undefined);
}

export function noGovernance(): Decision<never> {
  return refuse('GOVERNANCE_OFF', 'this network began without governance: nothing in it changes by proposals');
}

function makeRoom(ledger: Ledger, wallet: string, to: string): Decision<undefined> {
  const stake = stakeOfWallet(ledger, wallet);
  if (stake === 0n) return refuse('NO_VOTING_POWER', `${wallet} has no stake that counts`);
  const others = ledger.governance.represented.get(to) ?? [];
  if (others.length < REPRESENTED_MAX) return accept(undefined);
  const stakes = others.map((each) => ({ wallet: each, stake: stakeOfWallet(ledger, each) }));
  const lowest = stakes.reduce((least, each) => (each.stake < least.stake ? each : least));
  if (stake <= lowest.stake) {
    return refuse(
      'DELEGATE_FULL',
      `${to} votes for ${REPRESENTED_MAX} wallets, the least of which has ${lowest.stake} rao staked, and ${wallet} has ${stake}`,
    );
  }
  forget(ledger, lowest.wallet, to);
  return accept(undefined);
}

function forget({ governance }: Ledger, wallet: string, delegate: string): void {
  governance.voteDelegates.remove(wallet);
  const others = (governance.represented.get(delegate) ?? []).filter((each) => each !== wallet);
  if (others.length === 0) governance.represented.remove(delegate);
  else governance.represented.put(delegate, others);
}
