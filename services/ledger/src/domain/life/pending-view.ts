import type { Ledger } from '../economy/ledger.ts';
import { type Challenge, challengesOf, toldNeuron } from './challenge.ts';

/** A newcomer that waits and who was told, as everybody sees it. Money in rao. */
export interface PendingView extends Pick<
  Challenge,
  'uid' | 'openedAtBlock' | 'announcedAtBlock' | 'dueBlock' | 'matches' | 'rises'
> {
  readonly netuid: number;
  /** SS58; empty where it has left meanwhile. */
  readonly hotkey: string;
  readonly newcomerHotkey: string;
  readonly newcomerColdkey: string;
  readonly price: bigint;
}

/** Who waits in a subnet, oldest first. */
export function pendingEvictions(ledger: Ledger, netuid: number): readonly PendingView[] {
  return challengesOf(ledger, netuid).map((challenge) => pendingView(ledger, challenge));
}

export function pendingView(ledger: Ledger, challenge: Challenge): PendingView {
  const { terms, cost, uid, openedAtBlock, announcedAtBlock, dueBlock, matches, rises } = challenge;
  return {
    netuid: terms.netuid,
    uid,
    hotkey: toldNeuron(ledger, challenge)?.hotkey ?? '',
    newcomerHotkey: terms.hotkey,
    newcomerColdkey: terms.coldkey,
    price: cost,
    openedAtBlock,
    announcedAtBlock,
    dueBlock,
    matches,
    rises,
  };
}
