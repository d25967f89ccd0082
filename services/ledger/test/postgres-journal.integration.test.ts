import { setTimeout as delay } from 'node:timers/promises';
import path from 'node:path';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { waitFor } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../src/adapters/open-store.ts';
import { postgresJournalDatabase } from '../src/adapters/postgres-journal.ts';
import { sqlJournal } from '../src/adapters/sql-journal.ts';
import { sqlTree } from '../src/adapters/sql-tree.ts';
import { Fenced, StoreUnavailable } from '../src/application/ports.ts';
import { DEFAULT_TERMS } from '../src/domain/book/account-terms.ts';
import type { JournalHead } from '../src/domain/book/journal.ts';
import { accountHistoryContract } from './account-history.contract.ts';
import { journalContract, mint, type Written } from './journal.contract.ts';
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
  return { open: async () => store, close: async () => store[Symbol.asyncDispose](), hasClock: true };
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

/** A unit for each of three accounts; the terms of those with a floor are changed, in this order. */
function spread(head: JournalHead, floors: readonly string[]): Written {
  const total = BigInt(head.sequence + 1);
  const names = ['a', 'm', 'z'];
  const leg = (account: string, delta: bigint) => ({ account, asset: 'TAO', delta, balanceAfter: delta * total });
  const written = mint(head, 1n, { postings: [leg('mint', -3n), ...names.map((name) => leg(name, 1n))] });
  const account = (id: string, posted: bigint) => ({ key: `TAO/${id}`, row: { id, asset: 'TAO', posted, held: 0n } });
  const accounts = [account('mint', -3n * total), ...names.map((name) => account(name, total))];
  const batch = {
    ...written.batch,
    accounts: accounts.map((each) => ({ ...each, wasThere: head.sequence > 0 })),
    documents: floors.map((name) => ({
      table: 'account-terms',
      key: `TAO/${name}`,
      row: { ...DEFAULT_TERMS, floor: -5n },
    })),
  };
  return { ...written, batch };
}

test('a settle that the database takes back, for a batch that waits for it and it for the batch, is an outage', async () => {
  const url = await postgres.createDatabase();
  await using database = await openDatabase({ url, settings: ['deadlock_timeout=100ms'] });
  await using admin = await openDatabase({ url });
  await migrate(database, migrations);
  await using journal = postgresJournalDatabase({
    database,
    lookups: database,
    // It never looks whether it waits for itself, so settling is what gives way.
    connection: async () => ({ connectionString: url, options: '-c deadlock_timeout=1h' }),
    sleep: (ms) => delay(ms),
  });
  const store = sqlJournal(journal);
  const waiting = (what: string) =>
    waitFor(what, async () => {
      const [row] = await admin.query(
        "SELECT count(*) AS waiting FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'",
      );
      return row?.['waiting'] === (what === 'the batch to wait' ? 2n : 1n);
    });
  const first = spread((await store.takeOver()).head, []);
  await store.append(first.batch);
  const second = spread(first.head, ['z', 'a']);
  let settling: Promise<unknown> = Promise.resolve();
  let appending: Promise<void> = Promise.resolve();
  await admin.transaction(async (sql) => {
    await sql.query("SELECT id FROM settled_accounts WHERE id = 'm' FOR UPDATE");
    settling = store.settle().then(
      () => 'settled',
      (error: unknown) => error,
    );
    await waiting('settling to wait in the middle');
    appending = store.append(second.batch);
    appending.catch(() => {}); // awaited below
    await waiting('the batch to wait');
  });
  expect(await settling).toMatchObject({ name: 'StoreUnavailable', cause: { code: '40P01' } });
  await appending;
  expect(await store.settle()).toBe(2);
  expect(await store.findBalanceMismatches(10)).toEqual([]);
});
