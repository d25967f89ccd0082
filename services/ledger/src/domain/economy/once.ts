import type { KeyClaim } from '../book/journal.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from './ledger.ts';

/** What an account comes to. Rao. */
export interface AccountState {
  readonly account: string;
  readonly posted: bigint;
  readonly held: bigint;
  readonly spendable: bigint;
}

export interface MoneyOrderDone {
  readonly sequence: number;
  /** Of the hold, or of what the payer can spend. */
  readonly remaining: bigint;
  readonly repeated: boolean;
  /** Accounts right after the order, the payer's first; for a repeated one as they are now. */
  readonly after: readonly AccountState[];
}

/** What an order did before its entry is written. */
export interface OrderEffect {
  readonly kind: string;
  /** Of the entry; absent: what was asked, whose text is there already. */
  readonly payload?: object;
  /** Keys that it takes beside its own. */
  readonly keys?: readonly KeyClaim[];
}

export interface OnceOrder {
  readonly id: string;
  readonly key: string;
  /** What was asked, as canonical text. */
  readonly content: string;
  /** Of what the payer can spend, or of the hold. `after`: as `accounts` names them. */
  readonly remaining: (after: readonly AccountState[]) => bigint;
  /** The payer's first. */
  readonly accounts: () => readonly string[];
}

const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}$/;

/** Runs an order unless its id is known: the same content is answered again, other content is refused. */
export function once(ledger: Ledger, order: OnceOrder, run: () => Decision<OrderEffect>): Decision<MoneyOrderDone> {
  if (!ID_PATTERN.test(order.id)) {
    return refuse('INVALID_ARGUMENT', 'id must be 1 to 200 characters of letters, digits and . _ : / -');
  }
  const contentSha256 = ledger.hashes.text(order.content);
  const earlier = ledger.claims.find(order.key);
  if (earlier !== undefined) {
    return earlier.contentSha256 === contentSha256
      ? accept(doneOf(ledger, order, { sequence: earlier.sequence, repeated: true }))
      : refuse('EXISTS_WITH_DIFFERENT_CONTENT', `${order.key} exists with different content`);
  }
  const done = run();
  if (!done.ok) return done;
  const own = { key: order.key, contentSha256 };
  const keys = done.value.keys === undefined ? [own] : [own, ...done.value.keys];
  const { kind, payload = order.content } = done.value;
  const { sequence } = ledger.journal.write({ block: ledger.block, kind, payload, keys });
  for (const claim of keys) ledger.claims.take(claim.key, { sequence, contentSha256: claim.contentSha256 });
  return accept(doneOf(ledger, order, { sequence, repeated: false }));
}

export function stateOf(ledger: Ledger, account: string): AccountState {
  const { account: row, spendable } = ledger.book.stateOf(ledger.asset, account);
  return { account, posted: row.posted, held: row.held, spendable };
}

function doneOf(
  ledger: Ledger,
  order: OnceOrder,
  done: { readonly sequence: number; readonly repeated: boolean },
): MoneyOrderDone {
  const after = order.accounts().map((account) => stateOf(ledger, account));
  return { sequence: done.sequence, remaining: order.remaining(after), repeated: done.repeated, after };
}
