import { setTimeout as delay } from 'node:timers/promises';
import path from 'node:path';
import { openDatabase } from '@subnetes/runtime/postgres';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { waitFor } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../src/adapters/open-store.ts';
import { postgresJournalDatabase } from '../src/adapters/postgres-journal.ts';
import { sqlJournal } from '../src/adapters/sql-journal.ts';
import { sqlTree } from '../src/adapters/sql-tree.ts';
import { Fenced, StoreUnavailable } from '../src/application/ports.ts';
import { accountHistoryContract } from './account-history.contract.ts';
import { journalContract, mint } from './journal.contract.ts';
import { settledContract } from './settled.contract.ts';
import { type OpenToTampering, tamperingContract } from './tampering.contract.ts';
import { treeContract, type TreeUnderTest } from './tree.contract.ts';

const migrations = path.join(import.meta.dirname, '../migrations');
let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
});

const openOn = (url: string, lockWaitMs: number) => openStore({ url, migrations, lockWaitMs });

async function setUpBoth(): Promise<TreeUnderTest & { readonly tamper: OpenToTampering['tamper'] }> {
  const url = await postgres.createDatabase();
  const first = await openOn(url, 0);
  const database = await openDatabase({ url });
  await using teardown = new AsyncDisposableStack();
  teardown.use(database);
  teardown.use(first);
  let opened = 0;
  const kept = teardown.move();
  return {
    // A second opener gets no session lock here: the epoch in the database is the fence that is judged.
    open: async () => {
      opened += 1;
      if (opened === 1) return first;
      const unlocked = postgresJournalDatabase({
        database,
        lookups: database,
        lockKey: String(1000 + opened),
        connection: async () => ({ connectionString: url }),
        sleep: (ms) => delay(ms),
      });
      kept.use(unlocked);
      return { store: sqlJournal(unlocked), treeStore: sqlTree(unlocked) };
    },
    tamper: (statement) => database.script(statement),
    close: () => kept.disposeAsync(),
  };
}

async function setUp(): Promise<OpenToTampering> {
  const both = await setUpBoth();
  return { ...both, open: async () => (await both.open()).store };
}

journalContract('PostgreSQL', setUp);
settledContract('PostgreSQL', setUp);
treeContract('PostgreSQL', setUpBoth);
accountHistoryContract('PostgreSQL', async () => {
  const store = await openOn(await postgres.createDatabase(), 0);
  return { open: async () => store, close: async () => store[Symbol.asyncDispose]() };
});
tamperingContract('PostgreSQL', setUp);

test('while one ledger lives no other one takes over its database', async () => {
  const url = await postgres.createDatabase();
  await using first = await openOn(url, 0);
  await first.store.takeOver();
  await using second = await openOn(url, 500);
  await expect(second.store.takeOver()).rejects.toThrow(Fenced);
});

test('a starting ledger waits for the one before to end', async () => {
  const url = await postgres.createDatabase();
  const first = await openOn(url, 0);
  await first.store.takeOver();
  await using second = await openOn(url, 20_000);
  const takenOver = second.store.takeOver();
  await first[Symbol.asyncDispose]();
  expect((await takenOver).head.sequence).toBe(0);
});

test('a lost connection is an outage, and the lock is taken again', async () => {
  const url = await postgres.createDatabase();
  await using opened = await openOn(url, 0);
  await using admin = await openDatabase({ url });
  await opened.store.takeOver();
  await admin.query(
    "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE application_name = 'subnetes-ledger-writer' AND datname = current_database()",
  );
  const heads: unknown[] = [];
  while (heads.length === 0) {
    await opened.store.readHead().then(
      (head) => heads.push(head),
      (error: unknown) => expect(error).toBeInstanceOf(StoreUnavailable),
    );
  }
  expect(heads).toEqual([{ sequence: 0, hash: '0'.repeat(64) }]);
});

test('plans that are made while the tables are known to be small find rows by key', async () => {
  const url = await postgres.createDatabase();
  await using admin = await openDatabase({ url });
  const scansOf = async (kind: 'seq_scan' | 'idx_scan') => {
    const rows = await admin.query<{ scans: bigint }>(
      `SELECT ${kind} AS scans FROM pg_stat_user_tables WHERE relname IN ('accounts', 'claims') ORDER BY relname`,
    );
    return rows.map(({ scans }) => Number(scans));
  };
  {
    await using opened = await openOn(url, 0);
    let { head } = await opened.store.takeOver();
    for (let at = 0; at < 40; at += 1) {
      if (at === 5) await admin.script('ANALYZE accounts; ANALYZE claims');
      const { batch, head: next } = mint(head, 1n);
      await opened.store.findClaims([`key-${head.sequence}`, 'none']);
      await opened.store.append({ ...batch, accounts: batch.accounts.map((each) => ({ ...each, wasThere: at > 0 })) });
      head = next;
    }
  }
  // Sessions tell what they counted when they end.
  await waitFor('the scans to be told', async () => (await scansOf('idx_scan')).every((scans) => scans >= 78));
  // Migrations and a take-over read them a few times; batches and look-ups never.
  expect(Math.max(...(await scansOf('seq_scan')))).toBeLessThan(10);
});

test('a session that is ended between two statements takes its whole transaction with it', async () => {
  const url = await postgres.createDatabase();
  await using opened = await openOn(url, 0);
  await using database = await openDatabase({ url });
  await using journal = postgresJournalDatabase({
    database,
    lookups: database,
    lockKey: '77',
    connection: async () => ({ connectionString: url }),
    sleep: (ms) => delay(ms),
  });
  const half = journal.transaction(async (sql) => {
    await sql.query('UPDATE writer SET outbox_cursor = 7');
    const [own] = await sql.query('SELECT pg_backend_pid()::text AS pid');
    await database.query('SELECT pg_terminate_backend($1::int)', [own?.['pid']]);
    await sql.query('UPDATE writer SET last_sequence = 7');
  });
  await expect(half).rejects.toThrow(StoreUnavailable);
  expect(await opened.store.readOutboxCursor()).toBe(0);
  // The server may take a moment to let go of the ended session's lock: that is an outage like any other.
  const write = async (): Promise<true> => {
    await journal.transaction((sql) => sql.query('UPDATE writer SET outbox_cursor = 8'));
    return true;
  };
  await waitFor('the lock to be free', () =>
    write().catch((error: unknown) => {
      if (error instanceof StoreUnavailable) return false;
      throw error;
    }),
  );
  expect(await opened.store.readOutboxCursor()).toBe(8);
});
