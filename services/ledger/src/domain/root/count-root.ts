import { accept, type Decision } from '../book/refusal.ts';
import { countDelegations, waitingOf } from '../economy/delegation.ts';
import { poolAt } from '../economy/delegation-rows.ts';
import type { Ledger } from '../economy/ledger.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { openSlashes } from '../slashing/slash-table.ts';
import { rootWeightPpm } from './root-stake.ts';

/**
 * Before an epoch of a subnet is sealed: what was staked on root behind its neurons counts from this one on. It goes on waiting
 * while another subnet has sealed what is there and not paid it: or who comes would share in what they did not stand behind.
 */
export function countRootStake(
  ledger: Ledger,
  { netuid, index }: { readonly netuid: number; readonly index: number },
): Decision<undefined> {
  if (netuid === ROOT_NETUID || rootWeightPpm(ledger) === 0) return accept(undefined);
  const pools = [];
  let awaiting: ReadonlySet<string> | undefined;
  for (const { hotkey } of ledger.neuronsOf(netuid)) {
    const place = poolAt(ledger, { netuid: ROOT_NETUID, hotkey });
    if (waitingOf(ledger, place) === 0n || openSlashes(ledger, place).length > 0) continue;
    awaiting ??= awaitingPools(ledger);
    if (awaiting.has(place.hotkey)) continue;
    const counted = countDelegations(ledger, { netuid: ROOT_NETUID, hotkey });
    if (!counted.ok) return counted;
    if (counted.value !== undefined) pools.push(counted.value);
  }
  if (pools.length > 0) {
    const payload = { netuid: ROOT_NETUID, sealOf: netuid, index, pools };
    ledger.journal.write({ block: ledger.block, kind: 'DelegationsCounted', payload });
  }
  return accept(undefined);
}

/** Names of the pools on root into which epochs that are sealed and not paid will pay. */
export function awaitingPools({ sealed }: Ledger): ReadonlySet<string> {
  const pools = new Set<string>();
  for (const { root, neurons } of sealed.values()) {
    if (root === undefined) continue;
    for (const neuron of neurons) if (neuron.root !== undefined) pools.add(neuron.root.pool ?? neuron.hotkey);
  }
  return pools;
}
