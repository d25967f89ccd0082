import { accept, refuse, type Decision } from '../domain/refusal.ts';
import type { BillingStore, StoredInvoice } from './ports.ts';

export const PAGE_SIZE_DEFAULT = 100;
export const PAGE_SIZE_MAX = 1000;

export interface InvoicePage {
  readonly invoices: readonly StoredInvoice[];
  /** Empty at the end. */
  readonly nextPageToken: string;
}

/** Lists an account's invoices, newest first; a token is the number below which the next page starts. */
export function makeListInvoices(store: Pick<BillingStore, 'listInvoices'>) {
  return async function listInvoices(
    account: string,
    page: { readonly size: number; readonly token: string },
  ): Promise<Decision<InvoicePage>> {
    const size = page.size === 0 ? PAGE_SIZE_DEFAULT : page.size;
    if (!Number.isInteger(size) || size < 1 || size > PAGE_SIZE_MAX) {
      return refuse('INVALID_ARGUMENT', `page.size must be between 1 and ${PAGE_SIZE_MAX}`);
    }
    if (page.token !== '' && !/^[1-9][0-9]{0,17}$/.test(page.token)) {
      return refuse('INVALID_ARGUMENT', 'page.token must be one that an answer gave');
    }
    const before = page.token === '' ? {} : { before: BigInt(page.token) };
    // One more than asked for tells whether there is a next page.
    const found = await store.listInvoices(account, { size: size + 1, ...before });
    const invoices = found.slice(0, size);
    const last = invoices.at(-1);
    const hasMore = found.length > size && last !== undefined;
    return accept({ invoices, nextPageToken: hasMore ? last.number.toString() : '' });
  };
}
