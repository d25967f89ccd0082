import { type Place, poolAt, positionOf } from '../economy/delegation-rows.ts';
import type { Ledger } from '../economy/ledger.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { rootWeightPpm } from './root-stake.ts';

/**
 * Whether stake can be put on a hotkey on root that has no seat in the root network: on any that was ever registered. It lies in the
 * hotkey's pool there whoever it is from, its owner as well.
 */
export function isRootPlace(ledger: Ledger, { netuid, hotkey }: Place): boolean {
  return (
    netuid === ROOT_NETUID &&
    rootWeightPpm(ledger) > 0 &&
    ledger.hotkeys.get(hotkey) !== undefined &&
    ledger.neuronByHotkey(ROOT_NETUID, hotkey) === undefined
  );
}

/** Whether an owner has put stake into the pool of its own hotkey, before that took a seat in the root network. */
export function hasOwnInPool(ledger: Ledger, wallet: string, place: Place): boolean {
  if (place.netuid !== ROOT_NETUID) return false;
  const { shares, waiting } = positionOf(ledger, wallet, poolAt(ledger, place));
  return shares > 0n || waiting > 0n;
}
