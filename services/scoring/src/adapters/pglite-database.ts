import { PGlite } from '@electric-sql/pglite';
import type { Database, Row, Sql } from './database.ts';

/** PostgreSQL inside this process, for development and tests; in memory when no folder is given. One connection. */
export async function openPglite(folder?: string): Promise<Database> {
  const pglite = await (folder === undefined ? PGlite.create() : PGlite.create(folder));
  return {
    query: (text, parameters) => run(pglite, text, parameters),
    transaction: (work) =>
      pglite.transaction((transaction) => {
        const sql: Sql = { query: (text, parameters) => run(transaction, text, parameters) };
        return work(sql);
      }),
    [Symbol.asyncDispose]: () => pglite.close(),
  };
}

interface Runner {
  query<T>(text: string, parameters?: unknown[]): Promise<{ rows: T[] }>;
}

async function run(runner: Runner, text: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
  const result = await runner.query<Row>(text, [...parameters]);
  return result.rows;
}
