import type { Posting } from '../book/journal.ts';
import { accept, type Decision } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { carryOutBatch, sessionKey, type SignedBatch } from '../economy/session.ts';
import { allowOrder, type SignedOrder } from '../economy/wallet-order.ts';

/** An entry that would be written. */
export interface PreviewedEntry {
  readonly kind: string;
  readonly payloadText: string;
  readonly postings: readonly Posting[];
}

/** What an account would have instead, in smallest units. */
export interface BalanceChange {
  readonly account: string;
  readonly asset: string;
  readonly before: bigint;
  readonly after: bigint;
}

export interface OrderPreview {
  readonly entries: readonly PreviewedEntry[];
  /** Of accounts whose balance is another at the end, by account and asset. */
  readonly changes: readonly BalanceChange[];
  readonly block: number;
}

/**
 * What an order would do at this moment: it is carried out by the rules themselves and taken back, so that no second set of
 * rules can tell anything else. To be asked of committed state only, while no command is being decided.
 */
export function previewOrder(ledger: Ledger, order: Pick<SignedOrder, 'signer' | 'order'>): Decision<OrderPreview> {
  return preview(ledger, () => allowOrder(ledger, { ...order, by: {} }));
}

/** The same of a batch under the key of a session, which could be signed next. */
export function previewBatch(
  ledger: Ledger,
  batch: Pick<SignedBatch, 'wallet' | 'sessionId' | 'orders'>,
): Decision<OrderPreview> {
  const last = ledger.sessions.get(sessionKey(batch.wallet, batch.sessionId))?.sequence ?? 0;
  return preview(ledger, () => carryOutBatch(ledger, { ...batch, sequence: last + 1, expiresAtBlock: ledger.block }));
}

function preview(ledger: Ledger, command: () => Decision<unknown>): Decision<OrderPreview> {
  return ledger.tryOut(() => {
    const { sequence } = ledger.journal.head;
    const done = command();
    if (!done.ok) return done;
    // Copies: what is taken back empties the entries.
    const entries = ledger.journal.untaken
      .filter((entry) => entry.sequence > sequence)
      .map(({ kind, payloadText, postings }) => ({ kind, payloadText, postings: [...postings] }));
    return accept({ entries, changes: changesOf(entries), block: ledger.block });
  });
}

function changesOf(entries: readonly PreviewedEntry[]): readonly BalanceChange[] {
  const changes = new Map<string, BalanceChange>();
  for (const { account, asset, delta, balanceAfter } of entries.flatMap(({ postings }) => postings)) {
    const key = `${account} ${asset}`;
    const before = changes.get(key)?.before ?? balanceAfter - delta;
    changes.set(key, { account, asset, before, after: balanceAfter });
  }
  return [...changes.entries()]
    .filter(([, { before, after }]) => before !== after)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, change]) => change);
}
