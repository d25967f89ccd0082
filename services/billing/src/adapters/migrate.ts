import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database, Sql } from './database.ts';
import { text } from './database.ts';

/** Any number that no other program locks in this database. */
const LOCK = 5_170_071;

/** Applies the migrations that the database does not have, in order of name, all in one transaction. */
export async function migrate(database: Database, folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  return database.transaction(async (sql) => {
    await sql.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
    await sql.query('CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY)');
    const known = new Set((await sql.query('SELECT name FROM migrations')).map((row) => text(row, 'name')));
    const missing = names.filter((name) => !known.has(name));
    for (const name of missing) await apply(sql, name, await readFile(join(folder, name), 'utf8'));
    return missing;
  });
}

async function apply(sql: Sql, name: string, script: string): Promise<void> {
  // One by one: a prepared statement, as both drivers make them, holds a single command. No migration of ours has a
  // semicolon within a command.
  const commands = script
    .replaceAll(/^\s*--.*$/gm, '')
    .split(';')
    .map((command) => command.trim())
    .filter((command) => command !== '');
  for (const command of commands) await sql.query(command);
  await sql.query('INSERT INTO migrations (name) VALUES ($1)', [name]);
}
