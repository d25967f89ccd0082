import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { count, type Database } from './database.ts';

/** One lock for all instances, so that two that start together do not migrate at once. Any number, but always the same. */
const MIGRATION_LOCK = 7_305_812;

/** Brings the schema forward by the files `NNNN_name.sql` that were not run yet, each in a transaction of its own. */
export async function migrate(database: Database, folder: string): Promise<void> {
  await database.query('CREATE TABLE IF NOT EXISTS migrations (version bigint PRIMARY KEY, name text NOT NULL)');
  const names = (await readdir(folder)).filter((name) => /^[0-9]{4}_.+\.sql$/.test(name)).toSorted();
  for (const name of names) await runOnce(database, folder, name);
}

async function runOnce(database: Database, folder: string, name: string): Promise<void> {
  const statements = await readFile(join(folder, name), 'utf8');
  const version = Number(name.slice(0, 4));
  await database.transaction(async (sql) => {
    await sql.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const done = await sql.query('SELECT count(*)::text AS runs FROM migrations WHERE version = $1', [version]);
    if (done[0] !== undefined && count(done[0], 'runs') > 0) return;
    for (const statement of splitStatements(statements)) await sql.query(statement);
    await sql.query('INSERT INTO migrations (version, name) VALUES ($1, $2)', [version, name]);
  });
}

/** Our migrations hold plain statements: no function bodies, no semicolon inside a literal. */
function splitStatements(text: string): string[] {
  return text
    .replaceAll(/^--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
