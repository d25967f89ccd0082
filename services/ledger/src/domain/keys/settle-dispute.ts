import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';

/** Whether somebody with a coldkey has said that its announced swap is not theirs. */
export function isDisputed(ledger: Ledger, coldkey: string): boolean {
  return ledger.coldkeySwaps.get(coldkey)?.disputed === true;
}

/** Ends a dispute without a swap; for whoever decides for the network. */
export function settleDispute(ledger: Ledger, coldkey: string): Decision<undefined> {
  if (!isDisputed(ledger, coldkey)) return refuse('KEY_SWAP_UNKNOWN', `${coldkey} has no swap that is disputed`);
  ledger.coldkeySwaps.remove(coldkey);
  ledger.journal.write({ block: ledger.block, kind: 'ColdkeyDisputeSettled', payload: { coldkey } });
  return accept(undefined);
}
