import { LINES_MAX, type InvoiceLine, type Page, type StoredInvoice } from '../application/ports.ts';
import type { Database, Row } from '@subnetes/runtime/sql';
import { isNull, text, whole } from './row.ts';
import { unitsOf } from './stored-units.ts';

/**
 * Newest first. Lines are shared out over the page, newest first: an answer never holds more than LINES_MAX of them.
 * One statement, since it sees one state of the tables: of two, the second would show lines that the first's totals lack.
 */
export async function listInvoices(database: Database, account: string, page: Page): Promise<readonly StoredInvoice[]> {
  const rows = await database.query(
    `WITH page AS (
       SELECT number, account, period, total_rao, line_count FROM invoices
       WHERE account = $1 AND ($2::bigint IS NULL OR number < $2::bigint) ORDER BY invoices.number DESC LIMIT $3
     ), lines AS (
       SELECT request_id, model, units::text AS units, amount_rao, miner_hotkey, receipt_id, policy_version,
         ledger_sequence, miner_rao, owner_rao, network_rao, time_ms, invoice_number, arrival
       FROM usage WHERE invoice_number = ANY(ARRAY(SELECT number FROM page))
       ORDER BY usage.invoice_number DESC, usage.arrival DESC LIMIT $4
     )
     SELECT number, account, period, total_rao, line_count, request_id, model, units, amount_rao, miner_hotkey,
       receipt_id, policy_version, ledger_sequence, miner_rao, owner_rao, network_rao, time_ms
     FROM page LEFT JOIN lines ON lines.invoice_number = page.number
     ORDER BY page.number DESC, lines.arrival DESC`,
    [account, page.before?.toString() ?? null, page.size, LINES_MAX],
  );
  return [...Map.groupBy(rows, (row) => whole(row, 'number')).values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [invoiceOf(first, [first, ...rest])],
  );
}

/** The row of an invoice without lines has nothing of a line. */
function invoiceOf(row: Row, rows: readonly Row[]): StoredInvoice {
  return {
    number: whole(row, 'number'),
    account: text(row, 'account'),
    period: text(row, 'period'),
    totalRao: whole(row, 'total_rao'),
    lineCount: whole(row, 'line_count'),
    lines: rows.filter((line) => !isNull(line, 'request_id')).map(lineOf),
  };
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
