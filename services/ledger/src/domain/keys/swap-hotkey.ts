import { BURNED, stakeOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { renameInLinks } from '../children/links.ts';
import { poolAt, poolOf } from '../economy/delegation-rows.ts';
import type { Ledger } from '../economy/ledger.ts';
import { type Neuron, registrationKey } from '../economy/neuron.ts';
import { writeRegistration } from '../economy/registration.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { challengesOf } from '../life/challenge.ts';
import { isRetired, movePool } from './pool-name.ts';

/** Rao that a swap in all subnets burns: 0.1 tokens. */
export const SWAP_ALL_COST = 100_000_000n;
/** Rao that a swap in one subnet burns: 0.001 tokens. */
export const SWAP_ONE_COST = 1_000_000n;
/** Blocks between two swaps of one coldkey in one subnet. */
export const SWAP_EVERY_BLOCKS = 7200;

/** Hotkeys that one registration can have had before; every seal tells them. */
export const FORMER_HOTKEYS_MAX = 16;

export interface HotkeySwapOrder {
  readonly hotkey: string;
  /** Bound to the same coldkey by its own signature. */
  readonly newHotkey: string;
  /** undefined: wherever it is registered. */
  readonly netuid: number | undefined;
}

export function swapCost({ netuid }: Pick<HotkeySwapOrder, 'netuid'>): bigint {
  return netuid === undefined ? SWAP_ALL_COST : SWAP_ONE_COST;
}

/**
 * Puts a new hotkey in an old one's place: uid, registration, stake, delegations, takes, parents and children stay. The old one is
 * never registered there again. What is sealed is paid as it was sealed: to the coldkey, which is the same.
 * Source: opentensor/subtensor pallets/subtensor/src/swap/swap_hotkey.rs.
 */
export function swapHotkey(
  ledger: Ledger,
  owner: string,
  order: HotkeySwapOrder,
): Decision<{ readonly netuids: readonly number[]; readonly cost: bigint }> {
  const neurons = placesOf(ledger, order);
  const refusal = refusalOf(ledger, { owner, order, neurons });
  if (refusal !== undefined) return refusal;
  const cost = swapCost(order);
  const paid = ledger.book.pay({ asset: ledger.asset, from: owner, parts: [{ to: BURNED, amount: cost }] });
  if (!paid.ok) return paid;
  ledger.hotkeys.put(order.newHotkey, owner);
  const take = ledger.takes.get(order.hotkey);
  if (take !== undefined && ledger.takes.get(order.newHotkey) === undefined) ledger.takes.put(order.newHotkey, take);
  for (const neuron of neurons) {
    const moved = moveNeuron(ledger, neuron, order.newHotkey);
    if (!moved.ok) return moved;
    if (order.netuid !== undefined) ledger.hotkeySwaps.put(registrationKey(neuron.netuid, owner), ledger.block);
  }
  // In one subnet the old hotkey goes on elsewhere, and what is staked on it on root stays with it.
  if (order.netuid === undefined && hasRootPool(ledger, order.hotkey)) {
    movePool(ledger, ROOT_NETUID, order.hotkey, order.newHotkey);
  }
  return accept({ netuids: neurons.map(({ netuid }) => netuid), cost });
}

function placesOf(ledger: Ledger, { hotkey, netuid }: HotkeySwapOrder): readonly Neuron[] {
  const netuids =
    netuid === undefined
      ? [...ledger.subnets.values()].map((subnet) => subnet.netuid).toSorted((a, b) => a - b)
      : [netuid];
  return netuids
    .map((each) => ledger.neuronByHotkey(each, hotkey))
    .filter((neuron): neuron is Neuron => neuron !== undefined);
}

function refusalOf(
  ledger: Ledger,
  request: { readonly owner: string; readonly order: HotkeySwapOrder; readonly neurons: readonly Neuron[] },
) {
  const { owner, order, neurons } = request;
  const { hotkey, newHotkey } = order;
  const known = ledger.hotkeys.get(hotkey);
  if (known === undefined || neurons.length === 0) return refuse('NOT_REGISTERED', `${hotkey} is not registered there`);
  if (known !== owner) return refuse('NOT_OWNER', `${hotkey} belongs to ${known}`);
  const other = ledger.hotkeys.get(newHotkey);
  if (other !== undefined && other !== owner) {
    return refuse('HOTKEY_OWNED_BY_OTHER', `${newHotkey} belongs to ${other}: use another hotkey`);
  }
  if (newHotkey === hotkey) return refuse('INVALID_ARGUMENT', 'the new hotkey is the old one');
  // A take that is set there would be another than that to which people delegated.
  if (ledger.takes.get(newHotkey) !== undefined && ledger.takes.get(newHotkey)?.u16 !== ledger.takes.get(hotkey)?.u16) {
    return refuse('KEY_IN_USE', `${newHotkey} has a take of its own: use another hotkey`);
  }
  const movesRoot =
    neurons.some(({ netuid }) => netuid === ROOT_NETUID) || (order.netuid === undefined && hasRootPool(ledger, hotkey));
  if (movesRoot && isTakenOnRoot(ledger, newHotkey)) {
    return refuse('KEY_IN_USE', `on root there is stake on ${newHotkey}: use a new hotkey`);
  }
  for (const { netuid, formerHotkeys = [] } of neurons) {
    if (formerHotkeys.length >= FORMER_HOTKEYS_MAX) {
      return refuse(
        'KEY_RETIRED',
        `${FORMER_HOTKEYS_MAX} hotkeys have gone through this registration in subnet ${netuid}: register anew`,
      );
    }
    const record = ledger.registrations.get(registrationKey(netuid, newHotkey));
    if (record !== undefined || isRetired(ledger, netuid, newHotkey)) {
      return refuse('KEY_IN_USE', `${newHotkey} was registered in subnet ${netuid} before: use a new hotkey`);
    }
    if (challengesOf(ledger, netuid).some(({ terms }) => terms.hotkey === newHotkey)) {
      return refuse('KEY_IN_USE', `${newHotkey} waits for a place in subnet ${netuid}: use a new hotkey`);
    }
    if (order.netuid === undefined) continue;
    const last = ledger.hotkeySwaps.get(registrationKey(netuid, owner));
    if (last !== undefined && ledger.block < last + SWAP_EVERY_BLOCKS) {
      return refuse(
        'KEY_SWAP_EARLY',
        `${owner} swaps in subnet ${netuid} again from block ${last + SWAP_EVERY_BLOCKS} on`,
      );
    }
  }
  return undefined;
}

/** Whether there is anything on a hotkey on root that its seat there, if it has one, does not take along. */
function hasRootPool(ledger: Ledger, hotkey: string): boolean {
  if (ledger.neuronByHotkey(ROOT_NETUID, hotkey) !== undefined) return false;
  const { denominator, waiting } = poolOf(ledger, poolAt(ledger, { netuid: ROOT_NETUID, hotkey }));
  return denominator > 0n || waiting > 0n;
}

function isTakenOnRoot(ledger: Ledger, hotkey: string): boolean {
  return hasRootPool(ledger, hotkey) || isRetired(ledger, ROOT_NETUID, hotkey);
}

function moveNeuron(ledger: Ledger, neuron: Neuron, newHotkey: string): Decision<undefined> {
  const { netuid, hotkey, coldkey, uid } = neuron;
  const from = stakeOf(netuid, hotkey, coldkey);
  const amount = ledger.book.posted(ledger.asset, from);
  if (amount > 0n) {
    const parts = [{ to: stakeOf(netuid, newHotkey, coldkey), amount }];
    const paid = ledger.book.pay({ asset: ledger.asset, from, parts });
    if (!paid.ok) return paid;
  }
  movePool(ledger, netuid, hotkey, newHotkey);
  renameInLinks(ledger, netuid, hotkey, newHotkey);
  const before = ledger.registrations.get(registrationKey(netuid, hotkey));
  const ended = (before?.ended ?? 0) + 1;
  ledger.registrations.put(registrationKey(netuid, hotkey), { ...before, uid: null, ended, endReason: 'Swapped' });
  ledger.registrations.put(registrationKey(netuid, newHotkey), { uid, ended: 0, endReason: '' });
  // The old key has signed where the neuron is reached; the new one has to say so itself.
  const formerHotkeys = [...(neuron.formerHotkeys ?? []), { hotkey, untilBlock: ledger.block }];
  writeRegistration(ledger, { ...neuron, hotkey: newHotkey, formerHotkeys, endpoint: null }, 'HotkeySwapped');
  return accept(undefined);
}
