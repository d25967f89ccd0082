import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { startPostgresPair } from '@subnetes/testkit/postgres-pair';
import { waitFor } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../src/postgres.ts';
import { databaseContract } from './database.contract.ts';

let server: TestPostgres;
let folder: string;
beforeAll(async () => {
  server = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'subnetes-pglite-'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

databaseContract('PostgreSQL', async () => openDatabase({ url: await server.createDatabase() }));
databaseContract('PGlite in memory', () => openDatabase({ url: 'pglite:memory' }));
databaseContract('PGlite in a folder', () => openDatabase({ url: `pglite:${join(folder, 'contract')}` }));

test('sessions have the settings that were asked for, and keep statements where that was asked for', async () => {
  const url = await server.createDatabase();
  await using database = await openDatabase({
    url,
    poolMax: 1,
    settings: ['jit=off', 'enable_seqscan=off'],
    keepsStatements: true,
  });
  for (const text of ['a', 'b'])
    expect(await database.query('SELECT $1::text AS kept', [text])).toEqual([{ kept: text }]);
  expect(await database.query('SHOW jit')).toEqual([{ jit: 'off' }]);
  expect(await database.query('SHOW enable_seqscan')).toEqual([{ enable_seqscan: 'off' }]);
  const [kept] = await database.query(
    "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement LIKE '%AS kept'",
  );
  expect(kept).toEqual({ n: 1n });
});

test('a folder has one opener; it can be opened again after it was closed, with its data', async () => {
  const url = `pglite:${join(folder, 'one')}`;
  const first = await openDatabase({ url });
  await first.query('CREATE TABLE kept AS SELECT 7 AS n');
  await expect(openDatabase({ url })).rejects.toThrow(/is open in process/);
  await first[Symbol.asyncDispose]();
  await using second = await openDatabase({ url });
  expect(await second.query('SELECT n FROM kept')).toEqual([{ n: 7 }]);
});

test('the lock of a process that died is taken over', async () => {
  const place = join(folder, 'stale');
  const first = await openDatabase({ url: `pglite:${place}` });
  await first[Symbol.asyncDispose]();
  await writeFile(join(place, 'subnetes.lock'), '4194304 12345');
  await using second = await openDatabase({ url: `pglite:${place}` });
  expect(await second.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('an outage is an OutageError and ends by itself', async () => {
  await using crashing = await startPostgres();
  await using database = await openDatabase({ url: await crashing.createDatabase() });
  const interrupted = database.transaction(async (sql) => {
    await sql.query('SELECT 1');
    await crashing.stop('SIGQUIT');
    await sql.query('SELECT 1');
  });
  await expect(interrupted).rejects.toMatchObject({ name: 'OutageError', system: 'postgres' });
  await expect(database.query('SELECT 1')).rejects.toMatchObject({ name: 'OutageError' });
  await crashing.start();
  expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a server that is not there is an OutageError at once', async () => {
  const opening = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' });
  await expect(opening).rejects.toMatchObject({ name: 'OutageError' });
});

test('a read that a stand-by ends for what it has to repeat is an OutageError, and the next one is answered', async () => {
  await using pair = await startPostgresPair();
  await using primary = await openDatabase({ url: pair.primary.url() });
  await primary.script('CREATE TABLE read_there AS SELECT 7 AS n');
  await using copy = await openDatabase({ url: pair.standby.url() });
  await copy.script('ALTER SYSTEM SET max_standby_streaming_delay = 0');
  await copy.query('SELECT pg_reload_conf()');
  const reading = copy.transaction(async (sql) => {
    await sql.query('SELECT n FROM read_there');
    await sql.query('SELECT pg_sleep(60)');
  });
  const outcome = reading.then(
    () => undefined,
    (error: unknown) => error,
  );
  await waitFor('the read to be under way', async () => {
    const busy = await copy.query("SELECT 1 AS one FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    return busy.length > 0;
  });
  await primary.script('TRUNCATE read_there');
  expect(await outcome).toMatchObject({ name: 'OutageError', system: 'postgres' });
  expect(await copy.query('SELECT n FROM read_there')).toEqual([]);
});
