import { type AccountKind, type AccountTerms, kindOf, ownerOf } from '../book/account-terms.ts';
import type { Hold } from '../book/hold.ts';
import type { Ledger } from './ledger.ts';
import { type AccountState, stateOf } from './once.ts';

/** An account with its terms and holds, all of one moment. Rao. */
export interface AccountView extends AccountState {
  readonly asset: string;
  readonly kind: AccountKind;
  /** SS58. */
  readonly owner: string | null;
  readonly terms: AccountTerms | undefined;
  readonly holdsTotal: number;
  /** Of the entry and the block that this is as of. */
  readonly sequence: number;
  readonly block: number;
}

export function accountView(ledger: Ledger, account: string): AccountView {
  const terms = ledger.book.termsOf(ledger.asset, account);
  return {
    ...stateOf(ledger, account),
    asset: ledger.asset,
    kind: kindOf(account),
    owner: ownerOf(account, terms),
    terms,
    holdsTotal: ledger.book.holdIndex.countOf(ledger.asset, account),
    sequence: ledger.journal.head.sequence,
    block: ledger.block,
  };
}

/** Open holds of an account by id, after one of them. */
export function openHolds(
  ledger: Ledger,
  account: string,
  page: { readonly after: string | undefined; readonly size: number },
): readonly Hold[] {
  return ledger.book.holdIndex
    .of(ledger.asset, account)
    .filter((id) => page.after === undefined || id > page.after)
    .slice(0, page.size)
    .map((id) => ledger.book.holds.get(id))
    .filter((hold) => hold !== undefined);
}
