import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OutageError } from './errors.ts';
import type { Database, Sql } from './sql.ts';

/** Key of the advisory lock under which one process at a time migrates a database. */
const LOCK_KEY = 7_236_001n;
/**
 * Whoever waits for a table's lock makes all that comes later wait behind it: while a long read goes on, an older version
 * that still serves would stand still. So a migration lets go after this, and tries again.
 */
const TABLE_WAIT = '2s';
const TRIES_MAX = 30;
const RETRY_MS = 1000;
/** SQLSTATEs of a lock that did not come: waited for too long, or in a circle with somebody else. */
const LOCK_STATES: ReadonlySet<unknown> = new Set(['55P03', '40P01']);

const FILE_NAME = /^([0-9]{4})_[a-z0-9_]+\.sql$/;

/** A migration that ran was edited, is missing, or comes out of order: a person has to look. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Brings a database to the newest version: runs the folder's `NNNN_name.sql` files that have not run, in order, each in a
 * transaction of its own under a lock, so that a file is either done or not begun, and no lock of a table is kept while the
 * next file reads all of it. What was done stays when a later file fails; the next start goes on there. Forward only.
 * @returns the numbers that ran now.
 * @throws MigrationError when files that ran before differ from those in the folder, OutageError when a table stays locked.
 */
export async function migrate(database: Database, folder: string): Promise<readonly number[]> {
  const files = await readMigrations(folder);
  const ran: number[] = [];
  for (let attempt = 1; ; attempt += 1) {
    try {
      for (let next = await runNext(database, files); next !== undefined; next = await runNext(database, files)) {
        ran.push(next);
        attempt = 1;
      }
      return ran;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && LOCK_STATES.has(error.code))) throw error;
      if (attempt === TRIES_MAX)
        throw new OutageError(database.kind, `a migration waits for a table: ${error.message}`);
    }
    await delay(RETRY_MS);
  }
}

const runNext = (database: Database, files: readonly Migration[]): Promise<number | undefined> =>
  database.transaction((sql) => runPending(sql, files));

type Migration = Awaited<ReturnType<typeof readMigrations>>[number];

/** Runs the first file that has not run; answers its number, or undefined when all have. Another process may run some of them. */
async function runPending(sql: Sql, files: readonly Migration[]): Promise<number | undefined> {
  await sql.query('SELECT pg_advisory_xact_lock($1::int8)', [LOCK_KEY]);
  await sql.script(
    'CREATE TABLE IF NOT EXISTS schema_migrations (version int4 PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
  );
  const done = await sql.query<{ version: number; sha256: string }>(
    'SELECT version, sha256 FROM schema_migrations ORDER BY version',
  );
  for (const [at, { version, sha256 }] of done.entries()) {
    const file = files[at];
    if (file?.version !== version)
      throw new MigrationError(
        `migration ${version} ran, but its file is not there: a newer version was here, run that`,
      );
    if (file.sha256 !== sha256)
      throw new MigrationError(`${file.name} was edited after it ran: add a new file instead`);
  }
  const next = files[done.length];
  if (next === undefined) return undefined;
  const { version, name, sha256, text } = next;
  await sql.script(`SET LOCAL lock_timeout = '${TABLE_WAIT}'`);
  await sql.script(text);
  await sql.query('INSERT INTO schema_migrations (version, name, sha256) VALUES ($1, $2, $3)', [version, name, sha256]);
  return version;
}

async function readMigrations(folder: string) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  return Promise.all(
    names.map(async (name, at) => {
      const version = Number(FILE_NAME.exec(name)?.[1]);
      if (version !== at + 1) throw new MigrationError(`${name}: files are named 0001_what.sql, 0002_… without gaps`);
      const text = await readFile(join(folder, name), 'utf8');
      return { version, name, text, sha256: createHash('sha256').update(text).digest('hex') };
    }),
  );
}
