import { type Place, poolAt } from '../economy/delegation-rows.ts';
import type { Ledger } from '../economy/ledger.ts';
import { placeText } from '../unbonding/bond.ts';
import { unbondingBlocks } from '../unbonding/leave-stake.ts';
import { forgetTraces } from './slash-table.ts';

/** A registration that is over. */
export interface EndedRegistration {
  /** Hex. */
  readonly registrationId: string;
  /** The last block in which stake of it may be on its way out. */
  readonly untilBlock: number;
}

/** Of one place, of which stake may still be on its way out; with so many its hotkey waits before it registers again. */
export const ENDED_MAX = 16;

/**
 * Remembers that a registration is over, while it can be slashed: whoever leaves, comes back and leaves again must not be out of
 * reach by that. Under the name of the pool, which stays when hotkeys follow each other.
 */
export function rememberEnded(ledger: Ledger, place: Place, registrationId: string): void {
  const blocks = unbondingBlocks(ledger);
  if (blocks === 0) return;
  const key = placeText(poolAt(ledger, place));
  const lately = endedLately(ledger, place);
  const gone = (ledger.endedRegistrations.get(key) ?? []).filter((each) => !lately.includes(each));
  // From here on it is not the last one any more, and its time may be over.
  ledger.endedRegistrations.put(key, [...lately, { registrationId, untilBlock: ledger.block + blocks }]);
  for (const each of gone) forgetTraces(ledger, each.registrationId);
}

/** The last one, whenever that was, and before it those of which stake may not be released yet. */
export function endedLately(ledger: Ledger, place: Place): readonly EndedRegistration[] {
  const ended = ledger.endedRegistrations.get(placeText(poolAt(ledger, place))) ?? [];
  return ended.filter(({ untilBlock }, at) => untilBlock >= ledger.block || at === ended.length - 1);
}
