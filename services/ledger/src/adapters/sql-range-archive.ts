import { setTimeout as delay } from 'node:timers/promises';
import { OutageError } from '@subnetes/runtime/errors';
import type { Database, Sql } from '@subnetes/runtime/sql';
import type { OldestRange } from '#domain/archive/archivable.ts';
import type { ArchivedRange, ArchiveStore } from '#application/archive-range.ts';
import { StoreUnavailable } from '#application/ports.ts';
import { settleAccounts } from './late-balances.ts';
import { copyLine, field } from './sql.ts';
import { readArchive } from './sql-archive.ts';
import { readEntries } from './sql-journal-reads.ts';
import { readTile } from './sql-tree.ts';

/** Rows that are copied at once. */
const PAGE_ROWS = 20_000;
/** As migrations do: whoever waits for a table makes all that comes later wait behind it. */
const TABLE_WAIT = '2s';
const TRIES_MAX = 30;
const RETRY_MS = 1000;
const LOCK_STATES: ReadonlySet<unknown> = new Set(['55P03', '40P01']);

/** The ledger's database, for who archives a range of its journal while the ledger goes on. */
export function sqlRangeArchive(database: Database): ArchiveStore {
  return {
    readArchive: () => reading(readArchive(database)),
    readEntries: (query) => reading(readEntries(database, query)),
    readOldest: () => reading(readOldest(database)),
    readBefore: () => reading(database.transaction(readBefore)),
    readTile: (tile) => reading(readTile(database, tile)),
    detach: (archived) => reading(detach(database, archived)),
  };
}

async function readOldest(sql: Pick<Sql, 'query'>): Promise<OldestRange | undefined> {
  const [row] = await sql.query(
    `SELECT number::text AS number, first_sequence::text AS first, end_sequence::text AS ends,
       (SELECT last_sequence FROM writer)::text AS head,
       (SELECT coalesce(checkpoint_size, 0) FROM tree)::text AS signed,
       (SELECT count(*) FROM entries, writer WHERE event_address IS NOT NULL AND sequence > outbox_cursor
          AND sequence < end_sequence)::text AS untold,
       (SELECT count(*) FROM documents WHERE table_name = 'sealed'
          AND (body::json ->> 'sequence')::bigint < end_sequence)::text AS unpaid,
       (SELECT count(*) FROM audit_incidents WHERE cleared_at IS NULL)::text AS incidents
     FROM journal_ranges WHERE archived_at IS NULL ORDER BY number LIMIT 1`,
  );
  if (row === undefined) return undefined;
  const count = (name: string): number => Number(field(row, name));
  return {
    number: count('number'),
    firstSequence: count('first'),
    endSequence: count('ends'),
    headSequence: count('head'),
    signedSize: count('signed'),
    untold: count('untold'),
    unpaid: count('unpaid'),
    incidents: count('incidents'),
  };
}

async function readBefore(sql: Pick<Sql, 'query'>): ReturnType<ArchiveStore['readBefore']> {
  const balances = await sql.query(
    'SELECT account, asset, posted::text AS posted FROM opening_balances JOIN journal_archive USING (sequence)',
  );
  const sums = await sql.query(
    `SELECT asset, genesis::text AS genesis, rewards::text AS rewards, burned::text AS burned, deltas::text AS deltas
     FROM archived_sums`,
  );
  const units = (row: (typeof sums)[number], name: string): bigint => BigInt(field(row, name));
  return {
    balances: balances.map((row) => ({
      account: field(row, 'account'),
      asset: field(row, 'asset'),
      posted: units(row, 'posted'),
    })),
    sums: sums.map((row) => [
      field(row, 'asset'),
      {
        genesis: units(row, 'genesis'),
        rewards: units(row, 'rewards'),
        burned: units(row, 'burned'),
        deltas: units(row, 'deltas'),
      },
    ]),
  };
}

async function detach(database: Database, archived: ArchivedRange): Promise<void> {
  await storeOpening(database, archived);
  // What only these entries tell of balances has to be in the table before they go; it may be done by anybody.
  while ((await settleAccounts(database)) < archived.head.sequence);
  await withTables(database, (sql) => letGo(sql, archived));
  await database.query('DELETE FROM opening_balances WHERE sequence < $1::bigint', [String(archived.head.sequence)]);
}

/** Nobody reads these rows until the range is gone. */
async function storeOpening(database: Database, { head, balances }: ArchivedRange): Promise<void> {
  const sequence = String(head.sequence);
  await database.query('DELETE FROM opening_balances WHERE sequence = $1::bigint', [sequence]);
  for (let at = 0; at < balances.length; at += PAGE_ROWS) {
    const page = balances.slice(at, at + PAGE_ROWS);
    await database.copy(
      'opening_balances (sequence, account, asset, posted)',
      page.map(({ account, asset, posted }) => copyLine([sequence, account, asset, String(posted)])).join(''),
    );
  }
  await database.query(
    `INSERT INTO opening_balances (sequence, account, asset, posted, held)
     SELECT DISTINCT ON (account, asset) $1::bigint, account, asset, 0, held FROM (
       SELECT sequence, held_account AS account, held_asset AS asset, held_after AS held FROM entries, held_history
         WHERE held_account IS NOT NULL AND sequence BETWEEN since_sequence AND $1::bigint
       UNION ALL
       SELECT sequence, account, asset, held_after FROM held_changes, held_history
         WHERE sequence BETWEEN since_sequence AND $1::bigint
       UNION ALL
       SELECT sequence, account, asset, held FROM opening_balances JOIN journal_archive USING (sequence)
     ) AS held_until ORDER BY account, asset, sequence DESC
     ON CONFLICT (sequence, account, asset) DO UPDATE SET held = excluded.held`,
    [sequence],
  );
}

async function letGo(sql: Sql, archived: ArchivedRange): Promise<void> {
  const { number, head, exportSha256, sums, genesisText } = archived;
  for (const table of ['entries', 'postings', 'held_changes']) {
    await sql.script(`ALTER TABLE ${table} DETACH PARTITION ${table}_${number}`);
  }
  const marked = await sql.query(
    `UPDATE journal_ranges SET export_sha256 = $2, archived_at = now()
     WHERE number = $1::integer AND archived_at IS NULL RETURNING 'marked' AS done`,
    [String(number), exportSha256],
  );
  if (marked.length !== 1) throw new Error(`range ${number} was archived by somebody else meanwhile`);
  await sql.query(
    `UPDATE journal_archive SET sequence = $1::bigint, hash = $2, genesis_payload = coalesce(genesis_payload, $3)`,
    [String(head.sequence), head.hash, genesisText ?? null],
  );
  for (const [asset, { genesis, rewards, burned, deltas }] of sums) {
    await sql.query(
      `INSERT INTO archived_sums VALUES ($1, $2::numeric, $3::numeric, $4::numeric, $5::numeric)
       ON CONFLICT (asset) DO UPDATE SET genesis = excluded.genesis, rewards = excluded.rewards,
         burned = excluded.burned, deltas = excluded.deltas`,
      [asset, ...[genesis, rewards, burned, deltas].map(String)],
    );
  }
}

/** In one transaction that waits for no table for long, tried again. */
async function withTables(database: Database, work: (sql: Sql) => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction(async (sql) => {
        await sql.script(`SET LOCAL lock_timeout = '${TABLE_WAIT}'`);
        await work(sql);
      });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && LOCK_STATES.has(error.code))) throw error;
      if (attempt === TRIES_MAX) throw new OutageError(database.kind, `a table stays locked: ${error.message}`);
    }
    await delay(RETRY_MS);
  }
}

async function reading<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof OutageError ? new StoreUnavailable(error.message, { cause: error }) : error;
  }
}
