import { openDatabase } from '@subnetes/runtime/postgres';
import { RANGE_ENTRIES } from '@subnetes/ledger/adapters/sql-archive';
import type { Database } from '@subnetes/runtime/sql';

/** What a long life left behind: so many transfers, and so many accounts that have something. */
export interface LoadedJournal {
  readonly databaseUrl: string;
  /** Billing account that pays the others first; it must have a thousand rao for each. */
  readonly payer: string;
  readonly entries: number;
  /** At most as many as there are entries. */
  readonly accounts: number;
  /** Of the names that are added; another one for each load. */
  readonly prefix?: string;
}

const EACH = 1000;
const LINES_PER_COPY = 20_000;
/** A start does not read the hashes of old entries. */
const HASH = 'ab'.repeat(32);

/**
 * Adds transfers to the journal of a ledger that is stopped, and the state that follows from them, by COPY. Sequences, keys
 * and balances after each transfer are those of a real journal; the hashes are made up.
 */
export async function loadJournal(journal: LoadedJournal): Promise<void> {
  await using database = await openDatabase({ url: journal.databaseUrl, statementTimeoutMs: 600_000 });
  const [writer] = await database.query<{ last_sequence: bigint }>('SELECT last_sequence FROM writer');
  const [payer] = await database.query<{ posted: bigint }>('SELECT posted FROM accounts WHERE id = $1', [
    journal.payer,
  ]);
  if (writer === undefined || payer === undefined) throw new Error('the ledger has not begun');
  const last = Number(writer.last_sequence) + journal.entries;
  await database.query('SELECT add_journal_ranges($1::bigint, $2::bigint)', [BigInt(last), BigInt(RANGE_ENTRIES)]);
  const balances = await copyTransfers(database, journal, {
    sequence: Number(writer.last_sequence),
    posted: Number(payer.posted),
  });
  await copyLines(database, 'settled_accounts (asset, id, posted, held)', journal.accounts, (index) => {
    return `TAO\t${accountOf(index, journal.prefix)}\t${balances[index]}\t0\n`;
  });
  const paid = BigInt(journal.accounts * EACH);
  await database.query('UPDATE settled_accounts SET posted = $1 WHERE id = $2', [payer.posted - paid, journal.payer]);
  await database.query('UPDATE writer SET last_sequence = last_sequence + $1, last_hash = $2', [
    BigInt(journal.entries),
    HASH,
  ]);
  await database.query('UPDATE settlement SET sequence = $1', [BigInt(last)]);
  await database.script('ANALYZE');
}

/** Answers what each account has at the end. */
async function copyTransfers(
  database: Database,
  { payer, entries, accounts, prefix }: LoadedJournal,
  from: { readonly sequence: number; readonly posted: number },
): Promise<Int32Array> {
  const balances = new Int32Array(accounts);
  const target =
    'entries (sequence, block, kind, payload, hash, previous_event_sequence, from_account, to_account, asset, amount, from_after, to_after)';
  await copyLines(database, target, entries, (index) => {
    const payee = index % accounts;
    const isFirst = index < accounts;
    const amount = isFirst ? EACH : 1;
    balances[payee] = (balances[payee] ?? 0) + amount;
    const source = isFirst ? undefined : (index + 1) % accounts;
    if (source !== undefined) balances[source] = (balances[source] ?? 0) - amount;
    const sourceAfter = source === undefined ? from.posted - EACH * (index + 1) : balances[source];
    const [payerName, payeeName] = [source === undefined ? payer : accountOf(source, prefix), accountOf(payee, prefix)];
    const payload = `{"amount":"${amount}","code":"bench","from":"${payerName}","id":"${idOf(index, prefix)}","to":"${payeeName}"}`;
    const sequence = from.sequence + index + 1;
    return `${sequence}\t1\tTransfer\t${payload}\t${HASH}\t0\t${payerName}\t${payeeName}\tTAO\t${amount}\t${sourceAfter}\t${balances[payee]}\n`;
  });
  await copyLines(database, 'claims (key, sequence, content_sha256)', entries, (index) => {
    return `transfer:${idOf(index, prefix)}\t${from.sequence + index + 1}\t${HASH}\n`;
  });
  return balances;
}

async function copyLines(
  database: Database,
  target: string,
  count: number,
  lineOf: (index: number) => string,
): Promise<void> {
  for (let at = 0; at < count; at += LINES_PER_COPY) {
    const lines: string[] = [];
    for (let index = at; index < Math.min(at + LINES_PER_COPY, count); index += 1) lines.push(lineOf(index));
    await database.copy(target, lines.join(''));
  }
}

function accountOf(index: number, prefix = 'a'): string {
  return `billing:${prefix}${index}`;
}

function idOf(index: number, prefix = ''): string {
  return `loaded/${prefix}${index}`;
}
