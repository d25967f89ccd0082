import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from './ledger.ts';
import { epochKey } from './payout.ts';

/** The root of a tree over all balances, right after the entry that paid an epoch. */
export interface EpochBalances {
  readonly netuid: number;
  readonly index: number;
  /** Of the entry that paid it. */
  readonly sequence: number;
  /** Hex. */
  readonly root: string;
  /** In the tree: those with another balance than zero. */
  readonly accounts: number;
}

export function balancesKey(netuid: number, index: number): string {
  return `balances:${netuid}:${index}`;
}

/** Writes the root into the journal, once for each epoch; answers the entry's sequence. */
export function recordBalances(ledger: Ledger, balances: EpochBalances): Decision<number> {
  const { netuid, index, sequence } = balances;
  const key = balancesKey(netuid, index);
  const earlier = ledger.claims.find(key);
  const payload = { asset: ledger.asset, ...balances };
  const contentSha256 = ledger.hashes.text(balances.root);
  if (earlier !== undefined) {
    return earlier.contentSha256 === contentSha256
      ? accept(earlier.sequence)
      : refuse('EXISTS_WITH_DIFFERENT_CONTENT', `the balances of ${key} stand in entry ${earlier.sequence} already`);
  }
  if (ledger.claims.find(epochKey(netuid, index))?.sequence !== sequence) {
    return refuse('EPOCH_UNKNOWN', `entry ${sequence} does not pay epoch ${index} of subnet ${netuid}`);
  }
  const entry = ledger.journal.write({
    block: ledger.block,
    kind: 'Balances',
    payload,
    keys: [{ key, contentSha256 }],
  });
  ledger.claims.take(key, { sequence: entry.sequence, contentSha256 });
  return accept(entry.sequence);
}
