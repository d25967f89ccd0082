import { isBillingAccount } from '../book/account.ts';
import { type AccountTerms, DEFAULT_TERMS } from '../book/account-terms.ts';
import { canonicalJson, jsonOf } from '../book/canonical-json.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from './ledger.ts';
import { type MoneyOrderDone, once, type OrderEffect } from './once.ts';

/** What can be done to a billing account. Money in rao. */
export type AccountChange =
  | { readonly type: 'Open'; readonly owner: string | null; readonly floor: bigint; readonly limit: bigint | null }
  | { readonly type: 'Limits'; readonly floor: bigint; readonly limit: bigint | null }
  | { readonly type: 'Freeze'; readonly frozen: boolean }
  /** What is left goes to `to`; null: nothing may be left. */
  | { readonly type: 'Close'; readonly to: string | null };

export interface AccountOrder {
  readonly id: string;
  readonly account: string;
  readonly change: AccountChange;
  /** Who asked. Billing changes its accounts; the network's operator may freeze them and no more. */
  readonly actor: 'billing' | 'operator';
}

export const accountOrderKey = (id: string): string => `account:${id}`;

const KINDS: Readonly<Record<AccountChange['type'], string>> = {
  Open: 'AccountOpened',
  Limits: 'AccountLimits',
  Freeze: 'AccountFrozen',
  Close: 'AccountClosed',
};

/** Changes the terms of a billing account, once for each id. */
export function changeAccount(ledger: Ledger, order: AccountOrder): Decision<MoneyOrderDone> {
  const { id, account, change, actor } = order;
  const payload = { id, account, actor, ...change };
  const to = change.type === 'Close' && change.to !== null ? [change.to] : [];
  const content = canonicalJson(jsonOf(payload));
  const remaining = (): bigint => ledger.book.spendable(ledger.asset, account);
  const accounts = (): readonly string[] => [account, ...to];
  return once(ledger, { id, key: accountOrderKey(id), content, remaining, accounts }, (): Decision<OrderEffect> => {
    if (!isBillingAccount(account)) {
      return refuse('ACCOUNT_PROTECTED', `${account} is no billing account: its terms are the network's rules`);
    }
    if (actor === 'operator' && change.type !== 'Freeze') {
      return refuse('ACCOUNT_PROTECTED', `the operator may freeze ${account} and free it, and change nothing else`);
    }
    const terms = ledger.book.termsOf(ledger.asset, account);
    if (terms?.closed === true) return refuse('ACCOUNT_CLOSED', `${account} is closed for ever: open another one`);
    const next = apply(ledger, { account, terms, change });
    if (!next.ok) return next;
    ledger.book.agree(ledger.asset, account, next.value);
    return accept({ kind: KINDS[change.type], payload });
  });
}

interface Subject {
  readonly account: string;
  readonly terms: AccountTerms | undefined;
}

function apply(ledger: Ledger, { change, ...subject }: Subject & { readonly change: AccountChange }) {
  switch (change.type) {
    case 'Open':
      return subject.terms === undefined
        ? withLimits(ledger, subject, { ...DEFAULT_TERMS, ...limitsOf(change), owner: change.owner })
        : refuse('ACCOUNT_EXISTS', `${subject.account} is open: change its limits instead`);
    case 'Limits':
      return subject.terms === undefined
        ? refuse('ACCOUNT_UNKNOWN', `${subject.account} was never opened`)
        : withLimits(ledger, subject, { ...subject.terms, ...limitsOf(change) });
    case 'Freeze':
      return accept({ ...(subject.terms ?? DEFAULT_TERMS), frozen: change.frozen });
    case 'Close':
      return closed(ledger, subject, change.to);
  }
}

function limitsOf({ floor, limit }: { readonly floor: bigint; readonly limit: bigint | null }) {
  return { floor, limit };
}

/** The balance has to fit, and what billing accounts may owe together stays within what genesis allows. */
function withLimits(ledger: Ledger, { account, terms }: Subject, next: AccountTerms): Decision<AccountTerms> {
  const { floor, limit } = next;
  const { posted, held } = ledger.book.account(ledger.asset, account);
  if (floor > 0n) return refuse('INVALID_ARGUMENT', 'floor: must be zero or below');
  if (limit !== null && limit < 0n) return refuse('INVALID_ARGUMENT', 'limit: must not be negative');
  if (posted - held < floor) {
    return refuse('ACCOUNT_FLOOR', `${account} stands at ${posted - held} after its holds, below a floor of ${floor}`);
  }
  if (limit !== null && posted > limit) {
    return refuse('ACCOUNT_LIMIT', `${account} has ${posted}, above a limit of ${limit}`);
  }
  const granted = ledger.creditGranted + (terms?.floor ?? 0n) - floor;
  const creditMax = ledger.network.genesis.creditMax ?? 0n;
  if (granted > ledger.creditGranted && granted > creditMax) {
    return refuse(
      'CREDIT_EXHAUSTED',
      `billing accounts could owe ${granted} together, this network's genesis allows ${creditMax}`,
    );
  }
  if (granted !== ledger.creditGranted) ledger.creditGranted = granted;
  return accept(next);
}

function closed(ledger: Ledger, { account, terms }: Subject, to: string | null): Decision<AccountTerms> {
  const { asset, book } = ledger;
  const { posted, held } = book.account(asset, account);
  if (held > 0n) {
    return refuse(
      'ACCOUNT_NOT_EMPTY',
      `${account} has ${held} in ${book.holdIndex.countOf(asset, account)} open holds`,
    );
  }
  if (posted < 0n) return refuse('ACCOUNT_NOT_EMPTY', `${account} owes ${-posted}: it has to be paid first`);
  if (posted > 0n) {
    if (to === null) return refuse('ACCOUNT_NOT_EMPTY', `${account} has ${posted}: name who gets it`);
    const paid = book.pay({ asset, from: account, parts: [{ to, amount: posted }] });
    if (!paid.ok) return paid;
  }
  const before = terms ?? DEFAULT_TERMS;
  if (before.floor !== 0n) ledger.creditGranted += before.floor;
  return accept({ ...before, floor: 0n, closed: true });
}
