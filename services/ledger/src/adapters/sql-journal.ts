import type { Sql as RuntimeSql } from '@subnetes/runtime/sql';
import type { Account } from '#domain/book/account.ts';
import type { Hold } from '#domain/book/hold.ts';
import { addressName } from '#domain/book/journal.ts';
import type { TableChange } from '#domain/book/table.ts';
import { type Batch, Fenced, type JournalStore, type Snapshot, StoreUnavailable } from '#application/ports.ts';
import { documentOfText, documentText } from './document-text.ts';
import { field, type JournalDatabase } from './sql.ts';
import { lowerFloors } from './sql-account-floors.ts';
import { readEntries, readMismatches, readSums } from './sql-journal-reads.ts';

type Sql = Pick<RuntimeSql, 'query'>;

/** The journal on PostgreSQL's SQL, whoever runs it. */
export function sqlJournal(database: JournalDatabase): JournalStore {
  let epoch = '';
  const { reader } = database;
  return {
    async takeOver() {
      await database.lock();
      return database.transaction(async (sql) => {
        const raised = await sql.query('UPDATE writer SET epoch = epoch + 1 RETURNING epoch::text AS epoch');
        epoch = field(raised[0], 'epoch');
        return readSnapshot(sql);
      });
    },
    append: (batch) => fencing(reader, epoch, () => database.transaction((sql) => appendBatch(sql, batch, epoch))),
    // On the writer's connection: a reader could still see the state before a commit that was under way.
    readHead: () => fencing(reader, epoch, () => database.transaction(readHead)),
    async findClaims(keys) {
      const rows = await reader.query(
        'SELECT key, sequence::text AS sequence, content_sha256 FROM claims WHERE key = ANY($1::text[])',
        [keys],
      );
      return new Map(
        rows.map((row) => [
          field(row, 'key'),
          { sequence: Number(field(row, 'sequence')), contentSha256: field(row, 'content_sha256') },
        ]),
      );
    },
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
    if (isUniqueViolation(error)) throw new Fenced('another writer stored the same entry or key', { cause: error });
    if (!(error instanceof StoreUnavailable)) throw error;
    const rows = await reader.query('SELECT epoch::text AS epoch FROM writer');
    if (field(rows[0], 'epoch') !== epoch) throw new Fenced('another ledger took over', { cause: error });
    throw error;
  }
}

/** By SQLSTATE, which pg and PGlite both carry as `code`. */
function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505';
}

async function readHead(sql: Sql) {
  const rows = await sql.query('SELECT last_sequence::text AS last_sequence, last_hash FROM writer');
  return { sequence: Number(field(rows[0], 'last_sequence')), hash: field(rows[0], 'last_hash') };
}

async function readSnapshot(sql: Sql): Promise<Snapshot> {
  const head = await readHead(sql);
  const addresses = await sql.query('SELECT address, last_sequence::text AS last_sequence FROM event_addresses');
  const accounts = await sql.query('SELECT asset, id, posted::text AS posted, held::text AS held FROM accounts');
  const holds = await sql.query(
    'SELECT id, account, asset, amount::text AS amount, remaining::text AS remaining, expires_at_block::text AS expires FROM holds',
  );
  const documents = await sql.query('SELECT table_name, key, body FROM documents');
  return {
    head,
    lastEvents: addresses.map((row) => [field(row, 'address'), Number(field(row, 'last_sequence'))] as const),
    accounts: accounts.map((row) => ({
      id: field(row, 'id'),
      asset: field(row, 'asset'),
      posted: BigInt(field(row, 'posted')),
      held: BigInt(field(row, 'held')),
    })),
    holds: holds.map((row) => ({
      id: field(row, 'id'),
      account: field(row, 'account'),
      asset: field(row, 'asset'),
      amount: BigInt(field(row, 'amount')),
      remaining: BigInt(field(row, 'remaining')),
      expiresAtBlock: Number(field(row, 'expires')),
    })),
    documents: documents.map((row) => ({
      table: field(row, 'table_name'),
      key: field(row, 'key'),
      row: documentOfText(field(row, 'body')),
    })),
  };
}

/** The fence first: a writer that was replaced stores nothing, whatever its batch holds. */
async function appendBatch(sql: Sql, batch: Batch, epoch: string): Promise<void> {
  const last = batch.entries.at(-1);
  if (last === undefined) throw new Error('a batch without entries is not stored');
  const { previous } = batch;
  const fenced = await sql.query(
    `UPDATE writer SET last_sequence = $1::bigint, last_hash = $2
     WHERE epoch = $3::bigint AND last_sequence = $4::bigint AND last_hash = $5 RETURNING 'kept' AS fence`,
    [String(last.sequence), last.hash, epoch, String(previous.sequence), previous.hash],
  );
  if (fenced.length !== 1) throw new Fenced('another writer took over, or the journal is not where it was left');
  await insertEntries(sql, batch);
  await lowerFloors(sql, batch);
  await storeAccounts(sql, batch.accounts);
  await storeHolds(sql, batch.holds);
  await storeDocuments(sql, batch);
}

async function insertEntries(sql: Sql, { entries }: Batch): Promise<void> {
  await sql.query(
    `INSERT INTO entries (sequence, block, kind, payload, hash, event_address, previous_event_sequence)
     SELECT s::bigint, b::bigint, k, p, h, e, v::bigint
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) AS t (s, b, k, p, h, e, v)`,
    [
      entries.map((entry) => String(entry.sequence)),
      entries.map((entry) => String(entry.block)),
      entries.map((entry) => entry.kind),
      entries.map((entry) => entry.payloadText),
      entries.map((entry) => entry.hash),
      entries.map((entry) => (entry.event === undefined ? null : addressName(entry.event))),
      entries.map((entry) => String(entry.previousEventSequence)),
    ],
  );
  const postings = entries.flatMap(({ sequence, postings: legs }) =>
    legs.map((leg, position) => ({ ...leg, sequence, position })),
  );
  if (postings.length > 0) {
    await sql.query(
      `INSERT INTO postings (sequence, position, account, asset, delta, balance_after)
       SELECT s::bigint, p::integer, c, a, d::numeric, b::numeric
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS t (s, p, c, a, d, b)`,
      [
        postings.map((leg) => String(leg.sequence)),
        postings.map((leg) => String(leg.position)),
        postings.map((leg) => leg.account),
        postings.map((leg) => leg.asset),
        postings.map((leg) => leg.delta.toString()),
        postings.map((leg) => leg.balanceAfter.toString()),
      ],
    );
  }
  const claims = entries.flatMap(({ sequence, keys }) => keys.map((claim) => ({ ...claim, sequence })));
  if (claims.length > 0) {
    await sql.query(
      `INSERT INTO claims (key, sequence, content_sha256)
       SELECT k, s::bigint, c FROM unnest($1::text[], $2::text[], $3::text[]) AS t (k, s, c)`,
      [
        claims.map((claim) => claim.key),
        claims.map((claim) => String(claim.sequence)),
        claims.map((claim) => claim.contentSha256),
      ],
    );
  }
  await storeAddresses(sql, entries);
}

async function storeAddresses(sql: Sql, entries: Batch['entries']): Promise<void> {
  const addresses = new Map<string, number>();
  for (const { event, sequence } of entries) if (event !== undefined) addresses.set(addressName(event), sequence);
  if (addresses.size === 0) return;
  await sql.query(
    `INSERT INTO event_addresses (address, last_sequence)
     SELECT a, s::bigint FROM unnest($1::text[], $2::text[]) AS t (a, s)
     ON CONFLICT (address) DO UPDATE SET last_sequence = excluded.last_sequence`,
    [[...addresses.keys()], [...addresses.values()].map(String)],
  );
}

async function storeAccounts(sql: Sql, changes: readonly TableChange<Account>[]): Promise<void> {
  // An account that a refused command would have made was never stored; it has nothing to delete.
  const rows = changes.map(({ row }) => row).filter((row) => row !== undefined);
  if (rows.length === 0) return;
  await sql.query(
    `INSERT INTO accounts (asset, id, posted, held)
     SELECT a, i, p::numeric, h::numeric FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS t (a, i, p, h)
     ON CONFLICT (asset, id) DO UPDATE SET posted = excluded.posted, held = excluded.held`,
    [
      rows.map((row) => row.asset),
      rows.map((row) => row.id),
      rows.map((row) => row.posted.toString()),
      rows.map((row) => row.held.toString()),
    ],
  );
}

async function storeHolds(sql: Sql, changes: readonly TableChange<Hold>[]): Promise<void> {
  const closed = changes.filter(({ row }) => row === undefined).map(({ key }) => key);
  if (closed.length > 0) await sql.query('DELETE FROM holds WHERE id = ANY($1::text[])', [closed]);
  const rows = changes.map(({ row }) => row).filter((row) => row !== undefined);
  if (rows.length === 0) return;
  await sql.query(
    `INSERT INTO holds (id, account, asset, amount, remaining, expires_at_block)
     SELECT i, c, a, m::numeric, r::numeric, e::bigint
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS t (i, c, a, m, r, e)
     ON CONFLICT (id) DO UPDATE SET remaining = excluded.remaining`,
    [
      rows.map((row) => row.id),
      rows.map((row) => row.account),
      rows.map((row) => row.asset),
      rows.map((row) => row.amount.toString()),
      rows.map((row) => row.remaining.toString()),
      rows.map((row) => String(row.expiresAtBlock)),
    ],
  );
}

async function storeDocuments(sql: Sql, { documents }: Batch): Promise<void> {
  const removed = documents.filter(({ row }) => row === undefined);
  if (removed.length > 0) {
    await sql.query(
      `DELETE FROM documents USING unnest($1::text[], $2::text[]) AS gone (t, k)
       WHERE table_name = gone.t AND key = gone.k`,
      [removed.map(({ table }) => table), removed.map(({ key }) => key)],
    );
  }
  const rows = documents.filter(({ row }) => row !== undefined);
  if (rows.length === 0) return;
  await sql.query(
    `INSERT INTO documents (table_name, key, body)
     SELECT t, k, b FROM unnest($1::text[], $2::text[], $3::text[]) AS r (t, k, b)
     ON CONFLICT (table_name, key) DO UPDATE SET body = excluded.body`,
    [rows.map(({ table }) => table), rows.map(({ key }) => key), rows.map(({ row }) => documentText(row))],
  );
}
