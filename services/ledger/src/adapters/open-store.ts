import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { readSecret, type DatabaseConfig } from '@subnetes/runtime/config';
import { migrate } from '@subnetes/runtime/migrate';
import { addressOf, openDatabase } from '@subnetes/runtime/postgres';
import type { AccountHistory } from '#application/account-history.ts';
import type { Incidents } from '#application/incidents.ts';
import { LEASE_MS } from '#application/hold-lease.ts';
import type { JournalStore } from '#application/ports.ts';
import type { WriterSeat } from '#application/stand-by.ts';
import type { TreeStore } from '#application/tree-store.ts';
import { pgliteJournalDatabase } from './pglite-journal.ts';
import { BY_KEY_SETTINGS, postgresJournalDatabase, WRITER_LOCK_KEY } from './postgres-journal.ts';
import type { JournalDatabase } from './sql.ts';
import { sqlAccountHistory } from './sql-account-history.ts';
import { readDatabaseMs } from './sql-clock.ts';
import { sqlIncidents } from './sql-incidents.ts';
import { sqlJournal } from './sql-journal.ts';
import { sqlTree } from './sql-tree.ts';
import { soleSeat, sqlWriterSeat } from './sql-writer-seat.ts';

export interface StoreOptions extends DatabaseConfig {
  /** How long to wait for the ledger before to let go of the database. */
  readonly lockWaitMs?: number;
  /** Of the journal's next ranges. */
  readonly rangeEntries?: number;
  /** Folder of the migrations. */
  readonly migrations: string;
}

/** The journal and the tree over it, in one database. */
export interface LedgerStore extends AsyncDisposable {
  readonly store: JournalStore;
  readonly treeStore: TreeStore;
  readonly history: AccountHistory;
  readonly seat: WriterSeat;
  /** The database's clock, in Unix milliseconds. */
  readonly databaseMs: () => Promise<number>;
  readonly incidents: Incidents;
}

/** Opens and migrates the database that the URL names. @throws OutageError when it does not answer. */
export async function openStore(options: StoreOptions): Promise<LedgerStore> {
  const { migrations, lockWaitMs, rangeEntries, ...address } = options;
  await using opening = new AsyncDisposableStack();
  const database = opening.use(await openDatabase({ ...address, applicationName: 'subnetes-ledger' }));
  await migrate(database, migrations);
  if (database.kind === 'pglite') {
    const teardown = opening.move();
    return {
      ...storesOn(pgliteJournalDatabase(database), rangeEntries),
      seat: soleSeat(),
      incidents: sqlIncidents(database),
      [Symbol.asyncDispose]: () => teardown.disposeAsync(),
    };
  }
  const lookups = await openDatabase({
    ...address,
    applicationName: 'subnetes-ledger-keys',
    poolMax: 1,
    settings: BY_KEY_SETTINGS,
    keepsStatements: true,
  });
  opening.use(lookups);
  const journal = postgresJournalDatabase({
    database,
    lookups,
    connection: () => connectionOf(options),
    sleep: (ms) => delay(ms),
    ...(lockWaitMs === undefined ? {} : { lockWaitMs }),
  });
  opening.use(journal);
  const teardown = opening.move();
  return {
    ...storesOn(journal, rangeEntries),
    seat: sqlWriterSeat(journal, WRITER_LOCK_KEY),
    incidents: sqlIncidents(database),
    [Symbol.asyncDispose]: () => teardown.disposeAsync(),
  };
}

function storesOn(
  database: JournalDatabase,
  rangeEntries: number | undefined,
): Pick<LedgerStore, 'store' | 'treeStore' | 'history' | 'databaseMs'> {
  return {
    store: sqlJournal(database, rangeEntries),
    treeStore: sqlTree(database),
    history: sqlAccountHistory(database),
    databaseMs: () => readDatabaseMs(database),
  };
}

/** Read at each dial, so that a rotated password needs no restart. */
async function connectionOf({ url, passwordFile, caFile }: StoreOptions): Promise<pg.ClientConfig> {
  return {
    ...addressOf(url),
    application_name: 'subnetes-ledger-writer',
    ...(passwordFile === undefined ? {} : { password: readSecret(passwordFile) }),
    ...(caFile === undefined ? {} : { ssl: { ca: await readFile(caFile, 'utf8') } }),
    connectionTimeoutMillis: 5000,
    statement_timeout: 30_000,
    query_timeout: 35_000,
    // The session is the lease: of a writer that is silent, stopped in the middle of a transaction, or cut off from the
    // network with an answer on the way, the server lets go after it.
    idle_in_transaction_session_timeout: LEASE_MS,
    keepAlive: true,
    options: `-c idle_session_timeout=${LEASE_MS} -c tcp_user_timeout=${LEASE_MS}`,
  };
}
