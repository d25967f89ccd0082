import pg from 'pg';
import { type Database, DatabaseUnavailable, type Row, type Sql } from './database.ts';

export interface PostgresOptions {
  /** postgres:// URL; the password may come from `password` instead. */
  readonly url: string;
  readonly password?: string;
  readonly poolMax: number;
  /** Told of connections that break while idle; the pool opens new ones. */
  readonly onIdleError: (error: Error) => void;
}

/** SQLSTATE classes that mean the server, not the statement: connection, resources, operator intervention, system. */
const OUTAGE_CLASSES = new Set(['08', '53', '57', '58']);

/** A pool of connections to PostgreSQL. Connects on first use. */
export function openPostgres(options: PostgresOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolMax,
    connectionTimeoutMillis: 5000,
    ...(options.password === undefined ? {} : { password: options.password }),
  });
  pool.on('error', options.onIdleError);
  return {
    query: (text, parameters) => run(pool, text, parameters),
    transaction: (work) => inTransaction(pool, work),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

async function run(
  client: pg.Pool | pg.PoolClient,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<readonly Row[]> {
  try {
    const result = await client.query<Row>(text, [...parameters]);
    return result.rows;
  } catch (error) {
    throw asOutage(error);
  }
}

async function inTransaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw asOutage(error);
  });
  let broken: Error | undefined;
  try {
    await run(client, 'BEGIN');
    const result = await work({ query: (text, parameters) => run(client, text, parameters) });
    await run(client, 'COMMIT');
    return result;
  } catch (error) {
    broken = error instanceof DatabaseUnavailable ? error : undefined;
    // A connection that cannot even roll back is thrown away below; the error that counts is the first.
    await run(client, 'ROLLBACK').catch((rollback: Error) => (broken = rollback));
    throw error;
  } finally {
    client.release(broken);
  }
}

function asOutage(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const isStatementError = code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !OUTAGE_CLASSES.has(code.slice(0, 2));
  return isStatementError ? error : new DatabaseUnavailable(`PostgreSQL: ${error.message}`, { cause: error });
}
