import { accept, type Decision, refuse } from '../book/refusal.ts';
import { poolNameOf } from '../keys/pool-name.ts';
import type { Ledger } from './ledger.ts';
import { type Neuron, registrationKey } from './neuron.ts';
import { claim, EMPTY_POOL, NO_POSITION, type Position, type SharePool } from './share-pool.ts';

/** Neurons that one wallet delegates to at most. */
export const DELEGATIONS_MAX = 256;

/** A hotkey in a subnet. */
export type Place = Pick<Neuron, 'netuid' | 'hotkey'>;

/** Where what is delegated to a hotkey lies. */
export function poolAt(ledger: Ledger, { netuid, hotkey }: Place): Place {
  return { netuid, hotkey: poolNameOf(ledger, netuid, hotkey) };
}

export function poolOf(ledger: Ledger, { netuid, hotkey }: Place): SharePool {
  return ledger.sharePools.get(registrationKey(netuid, hotkey)) ?? EMPTY_POOL;
}

export function putPool(ledger: Ledger, { netuid, hotkey }: Place, pool: SharePool): void {
  ledger.sharePools.put(registrationKey(netuid, hotkey), pool);
}

/** With the shares of a round that is over; they are stored with the next change. */
export function positionOf(ledger: Ledger, wallet: string, place: Place): Position {
  const stored = ledger.delegations.get(positionKey(wallet, place)) ?? NO_POSITION;
  const round = stored.waiting === 0n ? undefined : ledger.shareRounds.get(roundKey(place, stored.waitsFor));
  return round === undefined ? stored : claim(stored, round).position;
}

/** Stores a position that began as `positionOf` told it, and takes its shares out of the round that they are from. */
export function putPosition(ledger: Ledger, wallet: string, place: Place, position: Position): void {
  const key = positionKey(wallet, place);
  const stored = ledger.delegations.get(key) ?? NO_POSITION;
  const round = stored.waiting === 0n ? undefined : ledger.shareRounds.get(roundKey(place, stored.waitsFor));
  if (round !== undefined) {
    const { left } = claim(stored, round);
    if (left.waited === 0n) ledger.shareRounds.remove(roundKey(place, stored.waitsFor));
    else ledger.shareRounds.put(roundKey(place, stored.waitsFor), left);
  }
  if (position.shares > 0n || position.waiting > 0n) {
    ledger.delegations.put(key, position);
    return;
  }
  ledger.delegations.remove(key);
  const others = (ledger.delegationLists.get(wallet) ?? []).filter((each) => !isSame(each, place));
  if (others.length === 0) ledger.delegationLists.remove(wallet);
  else ledger.delegationLists.put(wallet, others);
}

export function listPlace(ledger: Ledger, wallet: string, { netuid, hotkey }: Place): Decision<undefined> {
  const places = ledger.delegationLists.get(wallet) ?? [];
  if (places.some((each) => isSame(each, { netuid, hotkey }))) return accept(undefined);
  if (places.length >= DELEGATIONS_MAX) {
    return refuse('DELEGATION_COUNT', `${wallet} delegates to ${DELEGATIONS_MAX} neurons already`);
  }
  const next = [...places, { netuid, hotkey }];
  ledger.delegationLists.put(
    wallet,
    next.toSorted((a, b) => a.netuid - b.netuid || (a.hotkey < b.hotkey ? -1 : 1)),
  );
  return accept(undefined);
}

function isSame(left: Place, right: Place): boolean {
  return left.netuid === right.netuid && left.hotkey === right.hotkey;
}

/** Key of what a wallet has in a pool. */
export function positionKey(wallet: string, { netuid, hotkey }: Place): string {
  return `${netuid}/${hotkey}/${wallet}`;
}

/** Whose a row of `delegations` is. */
export function placeOfPosition(key: string): { readonly hotkey: string; readonly wallet: string } {
  const [, hotkey = '', wallet = ''] = key.split('/');
  return { hotkey, wallet };
}

/** Key of the shares of a round that were not claimed yet. */
export function roundKey({ netuid, hotkey }: Place, round: number): string {
  return `${netuid}/${hotkey}/${round}`;
}
