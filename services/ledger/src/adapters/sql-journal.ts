import type { Row, Sql as RuntimeSql } from '@subnetes/runtime/sql';
import type { Account } from '#domain/book/account.ts';
import { type Batch, Fenced, type JournalStore, type Snapshot, StoreUnavailable } from '#application/ports.ts';
import { documentOfText } from './document-text.ts';
import { batchSteps } from './batch-steps.ts';
import { type LateBalances, readLateBalances, settleAccounts, withLate } from './late-balances.ts';
import { field, isKeyTaken, isNullRefused, isOutOfRange, type JournalDatabase } from './sql.ts';
import { addRanges, continueHeldHistory, RANGE_ENTRIES, readArchive, readGenesisText } from './sql-archive.ts';
import { sqlClaims } from './sql-claims.ts';
import { readEntries, readMismatches, readSums } from './sql-journal-reads.ts';

type Sql = Pick<RuntimeSql, 'query'>;

/**
 * The journal on PostgreSQL's SQL, whoever runs it.
 * @param rangeEntries of each range that is made from now on
 */
export function sqlJournal(database: JournalDatabase, rangeEntries = RANGE_ENTRIES): JournalStore {
  let epoch = '';
  /** The first sequence that no range is known for. */
  let roomEnd = 0;
  const { reader } = database;
  const aheadOf = (sequence: number): number => sequence + Math.ceil(rangeEntries / 2);
  const makeRoom = async (headSequence: number): Promise<void> => {
    if (roomEnd > aheadOf(headSequence)) return;
    // Not on the writer's connection: batches go on meanwhile.
    roomEnd = await addRanges(reader, aheadOf(headSequence), rangeEntries);
  };
  const append = async (batch: Batch): Promise<void> => {
    try {
      await database.runSteps(batchSteps(batch, epoch));
    } catch (error) {
      if (!isOutOfRange(error)) throw error;
      roomEnd = await addRanges(reader, aheadOf(batch.entries.at(-1)?.sequence ?? 0), rangeEntries);
      throw new StoreUnavailable('the journal had no range for these entries yet', { cause: error });
    }
  };
  return {
    async takeOver() {
      await database.lock();
      return database.transaction(async (sql) => {
        const raised = await sql.query('UPDATE writer SET epoch = epoch + 1 RETURNING epoch::text AS epoch');
        epoch = field(raised[0], 'epoch');
        const snapshot = await readSnapshot(sql);
        roomEnd = await addRanges(sql, aheadOf(snapshot.head.sequence), rangeEntries);
        await continueHeldHistory(sql, epoch);
        return snapshot;
      });
    },
    append: (batch) => fencing(reader, epoch, () => append(batch)),
    readArchive: () => readArchive(reader),
    readGenesisText: () => readGenesisText(reader),
    makeRoom,
    settle: () => settleAccounts(reader),
    // On the writer's connection: a reader could still see the state before a commit that was under way.
    readHead: () => fencing(reader, epoch, () => database.transaction(readHead)),
    ...sqlClaims(database),
    readEntries: (query) => readEntries(reader, query),
    async readOutboxCursor() {
      const rows = await reader.query('SELECT outbox_cursor::text AS outbox_cursor FROM writer');
      return Number(field(rows[0], 'outbox_cursor'));
    },
    async writeOutboxCursor(sequence) {
      await reader.query('UPDATE writer SET outbox_cursor = $1::bigint', [String(sequence)]);
    },
    readSums: (query) => readSums(reader, query),
    findBalanceMismatches: (limit) => readMismatches(reader, limit),
  };
}

/**
 * Tells an outage from a take-over: a writer that lost its connection and finds the lock held would wait for ever, while
 * the epoch says that another process writes.
 */
async function fencing<T>(reader: Sql, epoch: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (isKeyTaken(error)) throw new Fenced('another writer stored the same entry or key', { cause: error });
    // The fence of a batch: nothing else of it can be NULL.
    if (isNullRefused(error))
      throw new Fenced('another writer took over, or the journal is not where it was left', { cause: error });
    if (!(error instanceof StoreUnavailable)) throw error;
    const rows = await reader.query('SELECT epoch::text AS epoch FROM writer');
    if (field(rows[0], 'epoch') !== epoch) throw new Fenced('another ledger took over', { cause: error });
    throw error;
  }
}

async function readHead(sql: Sql) {
  const rows = await sql.query('SELECT last_sequence::text AS last_sequence, last_hash FROM writer');
  return { sequence: Number(field(rows[0], 'last_sequence')), hash: field(rows[0], 'last_hash') };
}

/** Rows that are read at once: a million accounts at once would take a gigabyte beside what they become. */
const PAGE_ROWS = 10_000;

async function readSnapshot(sql: Sql): Promise<Snapshot> {
  return {
    head: await readHead(sql),
    lastEvents: await readAll(
      sql,
      'SELECT address, last_sequence::text AS last_sequence FROM event_addresses',
      (row) => [field(row, 'address'), Number(field(row, 'last_sequence'))],
    ),
    accounts: await readAccounts(sql, await readLateBalances(sql)),
    holds: await readAll(
      sql,
      'SELECT id, account, asset, amount::text AS amount, remaining::text AS remaining, expires_at_block::text AS expires FROM holds',
      (row) => ({
        id: field(row, 'id'),
        account: field(row, 'account'),
        asset: field(row, 'asset'),
        amount: BigInt(field(row, 'amount')),
        remaining: BigInt(field(row, 'remaining')),
        expiresAtBlock: Number(field(row, 'expires')),
      }),
    ),
    documents: await readAll(sql, 'SELECT table_name, key, body FROM documents', (row) => ({
      table: field(row, 'table_name'),
      key: field(row, 'key'),
      row: documentOfText(field(row, 'body')),
    })),
  };
}

/**
 * A million of them are read at a start, so in few columns; a symbol has no space. Most share few assets, and most hold
 * nothing: one text and one zero for all of these.
 */
function readAccounts(sql: Sql, late: LateBalances): Promise<readonly Account[]> {
  const assets = new Map<string, string>();
  const oneText = (text: string): string => {
    const known = assets.get(text);
    if (known === undefined) assets.set(text, text);
    return known ?? text;
  };
  return readAll(sql, "SELECT id, posted || ' ' || held || ' ' || asset AS rest FROM settled_accounts", (row) => {
    const [posted, held, asset = ''] = field(row, 'rest').split(' ');
    return withLate(late, {
      id: field(row, 'id'),
      asset: oneText(asset),
      posted: unitsOf(posted),
      held: unitsOf(held),
    });
  });
}

const ZERO = 0n;

function unitsOf(text = ''): bigint {
  if (text === '') throw new TypeError('the statement gave no amount');
  return text === '0' ? ZERO : BigInt(text);
}

/** The server makes the next page while this one is taken apart. */
async function readAll<T>(sql: Sql, statement: string, valueOf: (row: Row) => T): Promise<readonly T[]> {
  await sql.query(`DECLARE page NO SCROLL CURSOR FOR ${statement}`);
  const fetchPage = (): Promise<readonly Row[]> => sql.query(`FETCH ${PAGE_ROWS} FROM page`);
  const values: T[] = [];
  for (let page: Promise<readonly Row[]> | undefined = fetchPage(); page !== undefined;) {
    const rows: readonly Row[] = await page;
    page = rows.length === PAGE_ROWS ? fetchPage() : undefined;
    page?.catch(() => {}); // awaited in its turn, unless a row of this page cannot be read
    for (const row of rows) values.push(valueOf(row));
  }
  await sql.query('CLOSE page');
  return values;
}
