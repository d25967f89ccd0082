import { accept, type Decision } from '../domain/refusal.ts';
import { checkPage, readPage, type PageRequest } from './pages.ts';
import type { BillingStore, StoredInvoice } from './ports.ts';

export interface InvoicePage {
  readonly invoices: readonly StoredInvoice[];
  /** Empty at the end. */
  readonly nextPageToken: string;
}

/** Lists an account's invoices, newest first. */
export function makeListInvoices(store: Pick<BillingStore, 'listInvoices'>) {
  return async function listInvoices(account: string, asked: PageRequest): Promise<Decision<InvoicePage>> {
    const page = checkPage(asked);
    if (!page.ok) return page;
    const { items, nextPageToken } = await readPage(page.value, (one) => store.listInvoices(account, one));
    return accept({ invoices: items, nextPageToken });
  };
}
