import type { Ledger } from '../economy/ledger.ts';
import { takeDue } from '../unbonding/release.ts';
import { unbondingBlocks } from '../unbonding/leave-stake.ts';
import type { Slash } from './slash.ts';
import { isKnownRegistration } from './stake-at-fault.ts';

/** Decided slashes that leave the table in one block at most; what is left comes with the next blocks. */
export const FORGOTTEN_MAX = 64;

/**
 * When a slash that is decided now leaves the table: once it counts towards no window, and what it was reported for is too old to
 * be reported. By the terms of today; a window that grows later does not bring back what has left.
 */
export function leavesAtBlock(ledger: Ledger, { reportedAtBlock }: Slash): number {
  const window = ledger.network.genesis.slashing?.windowBlocks ?? 0;
  return Math.max(ledger.block, reportedAtBlock + Math.max(window, unbondingBlocks(ledger))) + 1;
}

/** Takes out what nothing goes by any more. The journal has all of it; a trace stays while the registration can be reported. */
export function forgetSlashes(ledger: Ledger): void {
  for (const slash of takeDue(ledger, { table: ledger.slashes, limit: FORGOTTEN_MAX, group: 'leaves' })) {
    const { id, type, netuid, hotkey, registrationId, toEpoch } = slash;
    ledger.slashes.remove(id);
    ledger.countLeftSlash(slash);
    if (!isKnownRegistration(ledger, slash)) continue;
    ledger.slashTraces.put(id, { id, type, netuid, hotkey, registrationId, toEpoch });
  }
}
