import { BURNED, stakeOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { moveDelegations } from '../economy/delegation.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Neuron } from '../economy/neuron.ts';
import { writeRegistration } from '../economy/registration.ts';
import { sessionKey } from '../economy/session.ts';
import { subnetView } from '../economy/views.ts';
import { moveBalances, moveBonds, moveChallenges, moveSlashes, moveVoice } from './follow-coldkey.ts';
import type { ColdkeySwap } from './swap-bar.ts';

/** Rao that an announcement burns: 0.1 tokens. */
export const ANNOUNCE_COST = 100_000_000n;
/** Blocks between an announcement and the swap: five days of blocks of 12 s. */
export const SWAP_DELAY_BLOCKS = 36_000;
/** Blocks after which a swap that could be carried out may be announced anew. */
export const REANNOUNCE_BLOCKS = 7200;

export type ColdkeyOrder =
  | { readonly type: 'AnnounceColdkeySwap'; readonly newColdkeySha256: string }
  | { readonly type: 'SwapColdkey'; readonly newColdkey: string }
  | { readonly type: 'DisputeColdkeySwap' };

/** The orders that a coldkey may still give once it has announced a swap. */
export function isColdkeyOrder(order: { readonly type: string }): order is ColdkeyOrder {
  return ['AnnounceColdkeySwap', 'SwapColdkey', 'DisputeColdkeySwap'].includes(order.type);
}

type Told = Readonly<Record<string, string | number | bigint>>;

/**
 * Announces, disputes or carries out that another coldkey follows this one. Answers what the journal tells of it.
 * Source: opentensor/subtensor pallets/subtensor/src/swap/swap_coldkey.rs.
 */
export function orderColdkey(ledger: Ledger, coldkey: string, order: ColdkeyOrder): Decision<Told> {
  switch (order.type) {
    case 'AnnounceColdkeySwap':
      return announce(ledger, coldkey, order.newColdkeySha256);
    case 'DisputeColdkeySwap':
      return dispute(ledger, coldkey);
    case 'SwapColdkey':
      return swap(ledger, coldkey, order.newColdkey);
  }
}

function announce(ledger: Ledger, coldkey: string, newColdkeySha256: string): Decision<Told> {
  const known = ledger.coldkeySwaps.get(coldkey);
  if (known?.disputed === true) return disputed(coldkey);
  const again = known === undefined ? 0 : known.fromBlock + REANNOUNCE_BLOCKS;
  if (ledger.block < again) {
    return refuse('KEY_SWAP_PENDING', `${coldkey} has announced a swap; another one can be from block ${again} on`);
  }
  const paid = ledger.book.pay({ asset: ledger.asset, from: coldkey, parts: [{ to: BURNED, amount: ANNOUNCE_COST }] });
  if (!paid.ok) return paid;
  const fromBlock = ledger.block + SWAP_DELAY_BLOCKS;
  const swap: ColdkeySwap = { newColdkeySha256, announcedAtBlock: ledger.block, fromBlock, disputed: false };
  ledger.coldkeySwaps.put(coldkey, swap);
  return accept({ newColdkeySha256, fromBlock, cost: ANNOUNCE_COST });
}

/** Whoever has the key can say that the swap is a thief's. It then stands still until the network's rule settles it. */
function dispute(ledger: Ledger, coldkey: string): Decision<Told> {
  const known = ledger.coldkeySwaps.get(coldkey);
  if (known === undefined) return unknown(coldkey);
  if (known.disputed) return disputed(coldkey);
  ledger.coldkeySwaps.put(coldkey, { ...known, disputed: true });
  return accept({ newColdkeySha256: known.newColdkeySha256 });
}

function swap(ledger: Ledger, coldkey: string, newColdkey: string): Decision<Told> {
  const known = ledger.coldkeySwaps.get(coldkey);
  if (known === undefined) return unknown(coldkey);
  if (known.disputed) return disputed(coldkey);
  if (ledger.block < known.fromBlock) {
    return refuse('KEY_SWAP_EARLY', `the swap can be carried out from block ${known.fromBlock} on`);
  }
  if (ledger.hashes.text(newColdkey) !== known.newColdkeySha256) {
    return refuse('INVALID_ARGUMENT', `${newColdkey} is not the key that was announced`);
  }
  const owned = new Set(
    [...ledger.hotkeys.entries()].filter(([, owner]) => owner === coldkey).map(([hotkey]) => hotkey),
  );
  const inUse = useOf(ledger, newColdkey);
  if (inUse !== undefined)
    return refuse('KEY_IN_USE', `${newColdkey} ${inUse}: a key that follows has nothing yet but money`);
  ledger.coldkeySwaps.remove(coldkey);
  endSessions(ledger, coldkey);
  const moved = moveBalances(ledger, { from: coldkey, to: newColdkey });
  if (!moved.ok) return moved;
  moveDelegations(ledger, coldkey, newColdkey);
  for (const follow of [moveBonds, moveSlashes, moveChallenges, moveVoice]) {
    follow(ledger, { from: coldkey, to: newColdkey });
  }
  for (const hotkey of owned) ledger.hotkeys.put(hotkey, newColdkey);
  const neurons = moveNeurons(ledger, coldkey, newColdkey);
  if (!neurons.ok) return neurons;
  const subnets = moveSubnets(ledger, coldkey, newColdkey);
  return accept({ newColdkey, neurons: neurons.value, hotkeys: owned.size, subnets });
}

/** What a key has that cannot be put together with another's. */
function useOf(ledger: Ledger, coldkey: string): string | undefined {
  if (ledger.hotkeys.get(coldkey) !== undefined) return 'is a hotkey';
  if (ledger.coldkeySwaps.get(coldkey) !== undefined) return 'is about to be followed itself';
  if ((ledger.delegationLists.get(coldkey) ?? []).length > 0) return 'has delegated';
  if ([...ledger.hotkeys.values()].includes(coldkey)) return 'owns hotkeys';
  return [...ledger.subnets.values()].some(({ owner }) => owner === coldkey) ? 'owns a subnet' : undefined;
}

function endSessions(ledger: Ledger, coldkey: string): void {
  for (const id of ledger.sessionLists.get(coldkey) ?? []) {
    const session = ledger.sessions.get(sessionKey(coldkey, id));
    if (session !== undefined) ledger.sessions.put(sessionKey(coldkey, id), { ...session, revoked: true });
  }
}

/** Stake and neurons, each with an entry of its own; what is sealed is paid as it was sealed. */
function moveNeurons(ledger: Ledger, from: string, to: string): Decision<number> {
  const neurons: readonly Neuron[] = [...ledger.neurons.values()]
    .filter(({ coldkey }) => coldkey === from)
    .toSorted((a, b) => a.netuid - b.netuid || a.uid - b.uid);
  for (const neuron of neurons) {
    const { netuid, hotkey } = neuron;
    const account = stakeOf(netuid, hotkey, from);
    const amount = ledger.book.posted(ledger.asset, account);
    if (amount > 0n) {
      const parts = [{ to: stakeOf(netuid, hotkey, to), amount }];
      const paid = ledger.book.pay({ asset: ledger.asset, from: account, parts });
      if (!paid.ok) return paid;
    }
    writeRegistration(ledger, { ...neuron, coldkey: to }, 'ColdkeySwapped');
  }
  return accept(neurons.length);
}

function moveSubnets(ledger: Ledger, from: string, to: string): number {
  const subnets = [...ledger.subnets.values()].filter(({ owner }) => owner === from);
  for (const subnet of subnets.toSorted((a, b) => a.netuid - b.netuid)) {
    const moved = { ...subnet, owner: to };
    ledger.putSubnet(moved);
    ledger.journal.write({
      block: ledger.block,
      kind: 'SubnetChanged',
      payload: { subnet: subnetView(ledger, moved), cause: subnet.managedBy, mandateSha256: '' },
      event: { kind: 'subnet', netuid: subnet.netuid },
    });
  }
  return subnets.length;
}

function unknown(coldkey: string): Decision<never> {
  return refuse('KEY_SWAP_UNKNOWN', `${coldkey} has announced no swap`);
}

function disputed(coldkey: string): Decision<never> {
  return refuse(
    'KEY_SWAP_DISPUTED',
    `the swap of ${coldkey} is disputed: nothing goes out of it until that is settled`,
  );
}
