import { isBillingAccount, NETWORK } from '../book/account.ts';
import { canonicalJson } from '../book/canonical-json.ts';
import type { Posting } from '../book/journal.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from './ledger.ts';
import { type MoneyOrderDone, once } from './once.ts';

/** Takes back what one entry moved, leg by leg. */
export interface ReverseRequest {
  readonly id: string;
  /** Idempotency key of what is reversed: `transfer:<id>` or `post:<id>`. */
  readonly reverses: string;
  readonly code: string;
}

/** The entry that is reversed, as the journal has it. */
export interface ReversedEntry {
  readonly sequence: number;
  readonly kind: string;
  readonly postings: readonly Posting[];
}

/** As far as it can be had: undefined where there is none. */
export type OriginalEntry = ReversedEntry | 'archived' | undefined;

const REVERSIBLE_KINDS: ReadonlySet<string> = new Set(['Transfer', 'HoldPosted']);

export const reverseKey = (id: string): string => `reverse:${id}`;
/** Taken by the one reversal of an entry. */
export const reversedKey = (reverses: string): string => `reversed:${reverses}`;

/**
 * Moves each leg of an entry back, exactly and once. Only what billing could have kept: money that reached a wallet is its
 * owner's, and comes back by the owner's order alone.
 */
export function reverseEntry(
  ledger: Ledger,
  request: ReverseRequest,
  original: OriginalEntry,
): Decision<MoneyOrderDone> {
  const content = canonicalJson({ ...request });
  const entry = original === 'archived' ? undefined : original;
  const legs = (entry?.postings ?? []).map(({ account, asset, delta }) => ({ account, asset, delta: -delta }));
  const payer = entry?.postings.find(({ delta }) => delta < 0n)?.account ?? '';
  const order = {
    id: request.id,
    key: reverseKey(request.id),
    content,
    remaining: () => ledger.book.spendable(ledger.asset, payer),
    accounts: () => [...new Set(legs.map(({ account }) => account))],
  };
  return once(ledger, order, () => {
    const claimed = ledger.claims.find(request.reverses);
    if (original === 'archived') {
      return refuse('ARCHIVED', `the entry of ${request.reverses} is archived: move what it moved by a transfer`);
    }
    if (original === undefined || claimed?.sequence !== original.sequence) {
      return refuse('ENTRY_UNKNOWN', `the journal has no ${request.reverses}`);
    }
    const reversed = ledger.claims.find(reversedKey(request.reverses));
    if (reversed !== undefined) {
      return refuse('ALREADY_REVERSED', `${request.reverses} was reversed by entry ${reversed.sequence}`);
    }
    if (!REVERSIBLE_KINDS.has(original.kind) || legs.length === 0) {
      return refuse('NOT_REVERSIBLE', `${request.reverses} moved nothing that can be moved back`);
    }
    const back = moveBack(ledger, legs);
    if (!back.ok) return back;
    return accept({
      kind: 'Reversal',
      payload: { ...request, reversedSequence: original.sequence },
      keys: [{ key: reversedKey(request.reverses), contentSha256: ledger.hashes.text(content) }],
    });
  });
}

function moveBack(ledger: Ledger, legs: readonly Omit<Posting, 'balanceAfter'>[]): Decision<undefined> {
  for (const { account, asset, delta } of legs.filter((leg) => leg.delta < 0n)) {
    if (!isBillingAccount(account) && account !== NETWORK) {
      return refuse('ACCOUNT_PROTECTED', `${account} has the money now: only its owner's signature moves it back`);
    }
    const debited = ledger.book.debit({ account, asset, amount: -delta });
    if (!debited.ok) return debited;
  }
  for (const { account, asset, delta } of legs.filter((leg) => leg.delta > 0n)) {
    const credited = ledger.book.credit({ account, asset, amount: delta });
    if (!credited.ok) return credited;
  }
  return accept(undefined);
}
