import pg from 'pg';
import { asOutage, type Database, type Row, type Sql } from './database.ts';

export interface PostgresOptions {
  /** `postgres://user@host:port/database`. */
  readonly url: string;
  readonly password?: string;
  /** PEM of the authority that signs the server's certificate; without it the connection is not encrypted. */
  readonly ca?: string;
  readonly onIdleError: (error: Error) => void;
}

const CONNECTIONS_MAX = 4;
const STATEMENT_TIMEOUT_MS = 15_000;

/** A pool of connections to PostgreSQL; nothing is dialled before the first query. */
export function openPostgres(options: PostgresOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: 5000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.ca === undefined ? {} : { ssl: { ca: options.ca, rejectUnauthorized: true } }),
  });
  pool.on('error', options.onIdleError);
  return {
    query: (statement, parameters) => run(pool, statement, parameters),
    transaction: (work) => inTransaction(pool, work),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

async function run(
  runner: pg.Pool | pg.PoolClient,
  statement: string,
  parameters: readonly unknown[] = [],
): Promise<readonly Row[]> {
  try {
    return (await runner.query<Row>(statement, [...parameters])).rows;
  } catch (error) {
    throw asOutage(error);
  }
}

async function inTransaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw asOutage(error);
  });
  let isBroken = true;
  try {
    await run(client, 'BEGIN');
    const result = await work({ query: (statement, parameters) => run(client, statement, parameters) });
    await run(client, 'COMMIT');
    isBroken = false;
    return result;
  } finally {
    // A connection with an open transaction goes; the server rolls back what it began.
    client.release(isBroken);
  }
}
