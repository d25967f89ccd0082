import { LINES_MAX, type InvoiceLine, type Page, type StoredInvoice } from '../application/ports.ts';
import type { Database, Row } from '@subnetes/runtime/sql';
import { text, whole } from './row.ts';
import { unitsOf } from './stored-units.ts';

/** Newest first. Lines are shared out over the page, newest first: an answer never holds more than LINES_MAX of them. */
export async function listInvoices(database: Database, account: string, page: Page): Promise<readonly StoredInvoice[]> {
  const invoices = await database.query(
    `SELECT number, account, period, total_rao, line_count FROM invoices
     WHERE account = $1 AND ($2::bigint IS NULL OR number < $2::bigint) ORDER BY invoices.number DESC LIMIT $3`,
    [account, page.before?.toString() ?? null, page.size],
  );
  const rows = await database.query(
    `SELECT request_id, model, units::text, amount_rao, miner_hotkey, receipt_id, policy_version,
       ledger_sequence, miner_rao, owner_rao, network_rao, time_ms,
       invoice_number
     FROM usage WHERE invoice_number = ANY($1::bigint[])
     ORDER BY usage.invoice_number DESC, usage.arrival DESC LIMIT $2`,
    [invoices.map((row) => whole(row, 'number')), LINES_MAX],
  );
  const byInvoice = Map.groupBy(rows, (row) => whole(row, 'invoice_number'));
  return invoices.map((row) => ({
    number: whole(row, 'number'),
    account: text(row, 'account'),
    period: text(row, 'period'),
    totalRao: whole(row, 'total_rao'),
    lineCount: whole(row, 'line_count'),
    lines: (byInvoice.get(whole(row, 'number')) ?? []).map(lineOf),
  }));
}

function lineOf(row: Row): InvoiceLine {
  return {
    requestId: text(row, 'request_id'),
    model: text(row, 'model'),
    units: unitsOf(row, 'units'),
    amountRao: whole(row, 'amount_rao'),
    minerHotkey: text(row, 'miner_hotkey'),
    receiptId: text(row, 'receipt_id'),
    policyVersion: whole(row, 'policy_version'),
    ledgerSequence: whole(row, 'ledger_sequence'),
    minerRao: whole(row, 'miner_rao'),
    ownerRao: whole(row, 'owner_rao'),
    networkRao: whole(row, 'network_rao'),
    timeMs: Number(whole(row, 'time_ms')),
  };
}
