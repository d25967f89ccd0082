import { PGlite } from '@electric-sql/pglite';
import type { Database, Row, Sql } from './database.ts';

/** PostgreSQL inside this process, for development and tests; in memory when no folder is given. One connection. */
export async function openPglite(folder?: string): Promise<Database> {
  const pglite = await (folder === undefined ? PGlite.create() : PGlite.create(folder));
  return {
    query: (statement, parameters) => run(pglite, statement, parameters),
    transaction: (work) =>
      pglite.transaction((inner) => {
        const sql: Sql = { query: (statement, parameters) => run(inner, statement, parameters) };
        return work(sql);
      }),
    [Symbol.asyncDispose]: () => pglite.close(),
  };
}

interface Runner {
  query<T>(statement: string, parameters?: unknown[]): Promise<{ rows: T[] }>;
}

async function run(runner: Runner, statement: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
  return (await runner.query<Row>(statement, [...parameters])).rows;
}
