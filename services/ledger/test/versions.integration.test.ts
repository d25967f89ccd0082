import { cp, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { temporaryFolder, waitFor } from '@subnetes/testkit/processes';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LedgerProcess, startLedger } from './ledger-process.ts';
import { genesis } from './market.ts';
import { expectBooks, fund, type RetryingLoad, startLoad, untilMore } from './retrying-client.ts';

/** Two versions on one database: an older ledger writes and clients pay while a newer one migrates and takes over. */
const HOME = path.join(import.meta.dirname, '..');

/** Each statement takes a lock that no batch and no read goes beside. */
const NEXT_MIGRATION = `
  ALTER TABLE settled_accounts ADD COLUMN next_note text;
  ALTER TABLE entries ADD COLUMN next_note text;
  CREATE INDEX entries_next ON entries (block);
  ALTER TABLE writer ADD COLUMN next_note text;`;

let postgres: TestPostgres;
let nats: TestNats;
let newerHome: Awaited<ReturnType<typeof temporaryFolder>>;
let newest: number;
let databaseUrl: string;

beforeAll(async () => {
  [postgres, nats, newerHome] = await Promise.all([
    startPostgres({ fsync: true }),
    startNats(),
    temporaryFolder('newer-ledger'),
  ]);
  newest = 1 + (await readdir(path.join(HOME, 'migrations'))).length;
  for (const part of ['src', 'migrations', 'package.json']) {
    await cp(path.join(HOME, part), path.join(newerHome.path, part), { recursive: true });
  }
  await symlink(path.join(HOME, '../../node_modules'), path.join(newerHome.path, 'node_modules'));
  const file = `${String(newest).padStart(4, '0')}_next.sql`;
  await writeFile(path.join(newerHome.path, 'migrations', file), NEXT_MIGRATION);
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
  await newerHome[Symbol.asyncDispose]();
});
beforeEach(async () => {
  databaseUrl = await postgres.createDatabase();
});

const startOlder = (): Promise<LedgerProcess> => startLedger({ databaseUrl, natsUrl: nats.url, genesis });
const startNewer = (): Promise<LedgerProcess> =>
  startLedger({ databaseUrl, natsUrl: nats.url, genesis, main: path.join(newerHome.path, 'src/main.ts') });

async function expectBooksOf(ledger: LedgerProcess, load: RetryingLoad): Promise<void> {
  // Whoever takes over is not to be reached for a moment, and a client that has met that does not dial again at once.
  await waitFor('the ledger to answer', () =>
    ledger.client.getNetwork({}).then(
      () => true,
      () => undefined,
    ),
  );
  await expectBooks(ledger, load);
}

/** A session of a person, or of an audit: superuser, so that it may say who gives way in a deadlock. */
async function openSession(): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

const untilWaits = (session: pg.Client, application: string): Promise<true> =>
  waitFor(`a session of ${application} to wait for a lock`, async () => {
    const { rowCount } = await session.query(
      "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = $1 AND datname = current_database()",
      [application],
    );
    return rowCount !== 0;
  });

async function deadlocksOf(session: pg.Client): Promise<number> {
  const { rows } = await session.query<{ deadlocks: number }>(
    'SELECT deadlocks::integer FROM pg_stat_database WHERE datname = current_database()',
  );
  return rows[0]?.deadlocks ?? 0;
}

test('two newer ones migrate at once, under load, while an older one writes: it goes on until it hands over', async () => {
  await using older = await startOlder();
  await fund(older);
  const load = startLoad(() => [older], 4);
  await untilMore(load, 50);
  const started = await Promise.all([startNewer(), startNewer()]);
  await using first = started[0];
  await using second = started[1];
  await using session = await openSession();
  const { rows } = await session.query('SELECT version FROM schema_migrations ORDER BY version');
  expect(rows.map(({ version }) => version)).toEqual(Array.from({ length: newest }, (_, at) => at + 1));
  expect(await Promise.all([older, first, second].map((ledger) => ledger.writes()))).toEqual([true, false, false]);
  await untilMore(load, 50);
  await load.stop();
  const after = startLoad(() => [first, second], 4, 'after');
  await older.kill('SIGTERM');
  await untilMore(after, 50);
  await after.stop();
  expect((await Promise.all([first, second].map((ledger) => ledger.writes()))).filter(Boolean)).toHaveLength(1);
  await expectBooksOf(first, {
    ...after,
    acknowledged: [...load.acknowledged, ...after.acknowledged],
    sequences: new Map([...load.sequences, ...after.sequences]),
  });
  await expect(startOlder()).rejects.toThrow(new RegExp(`migration ${newest} ran, but its file is not there`));
});

test('a long read keeps a migration waiting and not the payments', async () => {
  await using older = await startOlder();
  await fund(older);
  const load = startLoad(() => [older], 4);
  await using reader = await openSession();
  await reader.query('BEGIN');
  await reader.query('SELECT count(*) FROM entries, accounts');
  await using watcher = await openSession();
  const starting = startNewer();
  starting.catch(() => {}); // awaited below
  await untilWaits(watcher, 'subnetes-ledger');
  await untilMore(load, 200);
  expect((await watcher.query(`SELECT FROM schema_migrations WHERE version = ${newest}`)).rowCount).toBe(0);
  await reader.query('COMMIT');
  await using newer = await starting;
  expect(await newer.writes()).toBe(false);
  await untilMore(load, 50);
  await load.stop();
  await expectBooksOf(newer, load);
});

test('a batch that has to give way in a deadlock is stored after it, by the same writer', async () => {
  await using session = await openSession();
  const { database } = session;
  // The writer finds the circle first. It looks once, so long after it began to wait: by then the circle has to be closed.
  await session.query(`ALTER DATABASE ${pg.escapeIdentifier(database ?? '')} SET deadlock_timeout = '10s'`);
  await session.query("SET deadlock_timeout = '1h'");
  await using ledger = await startOlder();
  await fund(ledger);
  const load = startLoad(() => [ledger], 4);
  await untilMore(load, 50);
  const before = await deadlocksOf(session);
  await session.query('BEGIN');
  await session.query('LOCK TABLE claims');
  await using watcher = await openSession();
  await untilWaits(watcher, 'subnetes-ledger-writer');
  await session.query('LOCK TABLE entries');
  await session.query('COMMIT');
  await untilMore(load, 50);
  await load.stop();
  await waitFor('the deadlock to be counted', async () => (await deadlocksOf(session)) > before);
  expect([await ledger.writes(), ledger.child.exitCode]).toEqual([true, null]);
  expect(await watcher.query('SELECT epoch::text AS epoch FROM writer')).toMatchObject({ rows: [{ epoch: '1' }] });
  await expectBooksOf(ledger, load);
});
