import type { Ledger } from '../economy/ledger.ts';
import { type Neuron, registrationKey } from '../economy/neuron.ts';

/**
 * What was delegated lies under the hotkey that it was first delegated to, also when another has taken that one's place: whoever
 * delegated has nothing to do, and may name either.
 */
export function poolNameOf(ledger: Ledger, netuid: number, hotkey: string): string {
  return ledger.poolNames.get(registrationKey(netuid, hotkey)) ?? hotkey;
}

/** The hotkey that stands behind such a name now. */
export function poolHolderOf(ledger: Ledger, netuid: number, name: string): string {
  return ledger.poolHolders.get(registrationKey(netuid, name)) ?? name;
}

/** The neuron that answers to a name now, whichever of its hotkeys it is called by. */
export function neuronAt(ledger: Ledger, netuid: number, hotkey: string): Neuron | undefined {
  return ledger.neuronByHotkey(netuid, poolHolderOf(ledger, netuid, poolNameOf(ledger, netuid, hotkey)));
}

export function movePool(ledger: Ledger, netuid: number, from: string, to: string): void {
  const name = poolNameOf(ledger, netuid, from);
  ledger.poolNames.put(registrationKey(netuid, to), name);
  ledger.poolHolders.put(registrationKey(netuid, name), to);
}

/** Whether a hotkey has given its place in a subnet to another. */
export function isRetired(ledger: Ledger, netuid: number, hotkey: string): boolean {
  return poolHolderOf(ledger, netuid, poolNameOf(ledger, netuid, hotkey)) !== hotkey;
}
