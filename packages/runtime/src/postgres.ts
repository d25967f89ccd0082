import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { awaitAnswer } from './await-answer.ts';
import { CopyQuery } from './copy-query.ts';
import { OutageError, fromUnknown } from './errors.ts';
import { OID_INT8, OID_NUMERIC, bigintFromText, type Database, type Row, type Sql } from './sql.ts';

export interface DatabaseOptions {
  /** `postgres://user@host:port/database`, `pglite:<folder>` or `pglite:memory`. No password: that is a file. */
  readonly url: string;
  /** Read at each new connection, so that a rotated password needs no restart. */
  readonly passwordFile?: string;
  /** Authority that must have signed the server's certificate; with it the connection is encrypted, or there is none. */
  readonly caFile?: string;
  /** Connections of the pool. Default 8. */
  readonly poolMax?: number;
  readonly applicationName?: string;
  /** Default 30 s. */
  readonly statementTimeoutMs?: number;
  /** Of each session, as `name=value`. */
  readonly settings?: readonly string[];
  /** Each connection parses a statement once and may keep its plan, and stays open when it idles: for few, frequent statements. */
  readonly keepsStatements?: boolean;
}

const CONNECT_MS = 5000;
const POSTGRES_PORT = 5432;

/** Opens what the URL names. @throws OutageError when a PostgreSQL does not answer within 8 s. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  if (options.url.startsWith('pglite:')) {
    // Loaded only here: it would cost every other process start-up time and memory.
    const { openPglite } = await import('./pglite.ts');
    return openPglite(options.url.slice('pglite:'.length));
  }
  const { host, port = POSTGRES_PORT } = addressOf(options.url);
  if (host !== undefined && !host.startsWith('/')) await awaitAnswer({ host, port });
  const pool = new pg.Pool(poolConfig(options));
  pool.on('error', () => {}); // an idle connection was lost: the pool drops it, the next query dials again
  const nameOf = options.keepsStatements === true ? statementNames() : undefined;
  const database: Database = {
    kind: 'postgres',
    query: (text, parameters) => runQuery(pool, { text, name: nameOf?.(text) }, parameters),
    script: (text) => runScript(pool, text),
    copy: (target, lines) => runCopy(pool, target, lines),
    transaction: (work) => inTransaction(pool, work),
    [Symbol.asyncDispose]: () => pool.end(),
  };
  try {
    await database.query('SELECT 1');
  } catch (error) {
    await pool.end();
    throw error;
  }
  return database;
}

/**
 * Where and as whom a `postgres://user@host:port/database` URL says to connect. Use it instead of `connectionString`: pg
 * lets the URL's missing password win over one that stands beside it.
 */
export function addressOf(url: string): Pick<pg.ClientConfig, 'host' | 'port' | 'user' | 'database'> {
  const { hostname, port, username, pathname } = new URL(url);
  return {
    host: decodeURIComponent(hostname),
    user: decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
    ...(port === '' ? {} : { port: Number(port) }),
  };
}

function poolConfig(options: DatabaseOptions): pg.PoolConfig {
  const { passwordFile } = options;
  return {
    ...addressOf(options.url),
    ...(passwordFile === undefined
      ? {}
      : { password: async () => (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '') }),
    ...(options.caFile === undefined ? {} : { ssl: { ca: readFileSync(options.caFile, 'utf8') } }),
    max: options.poolMax ?? 8,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: options.applicationName ?? 'subnetes',
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    idle_in_transaction_session_timeout: 60_000,
    ...(options.keepsStatements === true ? { idleTimeoutMillis: 0 } : {}),
    ...(options.settings === undefined ? {} : { options: options.settings.map((each) => `-c ${each}`).join(' ') }),
    keepAlive: true,
    types: { getTypeParser },
  };
}

/** pg's parsers, except that whole numbers wider than a double stay whole. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === OID_INT8 || oid === OID_NUMERIC) return bigintFromText;
  return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text');
}

type Runner = Pick<pg.Pool | pg.PoolClient, 'query'>;

/** Names statements by their text. */
function statementNames(): (text: string) => string {
  const names = new Map<string, string>();
  return (text) => {
    const name = names.get(text) ?? `kept-${names.size}`;
    names.set(text, name);
    return name;
  };
}

async function runQuery<R extends Row>(
  runner: Runner,
  { text, name }: { readonly text: string; readonly name?: string | undefined },
  parameters: readonly unknown[] = [],
): Promise<readonly R[]> {
  try {
    const values = [...parameters];
    const result = await (runner as pg.PoolClient).query<R>(
      name === undefined ? { text, values } : { text, name, values },
    );
    return result.rows;
  } catch (error) {
    throw named(error);
  }
}

async function runScript(runner: Runner, text: string): Promise<void> {
  try {
    await (runner as pg.PoolClient).query(text);
  } catch (error) {
    throw named(error);
  }
}

interface CopyRunner {
  query(query: CopyQuery, values: undefined, answered: (error?: Error | null) => void): void;
}

async function runCopy(runner: Runner, target: string, lines: string | Uint8Array): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      const answered = (error?: Error | null): void => (error ? reject(error) : resolve());
      // pg calls back for queries of one's own classes only; its types know no such call with a class.
      (runner as unknown as CopyRunner).query(new CopyQuery(target, lines), undefined, answered);
    });
  } catch (error) {
    throw named(error);
  }
}

async function inTransaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw named(error);
  });
  let lost: Error | undefined;
  const onLost = (error: Error): void => {
    lost = error;
  };
  client.on('error', onLost);
  try {
    await runScript(client, 'BEGIN');
    const result = await work({
      query: (text, parameters) => runQuery(client, { text }, parameters),
      script: (text) => runScript(client, text),
      copy: (target, lines) => runCopy(client, target, lines),
    });
    await runScript(client, 'COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: unknown) => {
      lost ??= fromUnknown(rollbackError);
    });
    throw error;
  } finally {
    client.off('error', onLost);
    client.release(lost);
  }
}

/** SQLSTATE classes that another try may mend: connection, resources, intervention by an operator, system. */
const OUTAGE_CLASSES = new Set(['08', '53', '57', '58']);
/** A stand-by, or a server whose volume is read-only: a fail-over is under way, or a name leads to the wrong server. */
const READ_ONLY = '25006';
/** What a stand-by says of a read that stood in the way of what it had to repeat; the next read sees it done. */
const GAVE_WAY = '40001';
const OUTAGE_STATES = new Set([READ_ONLY, GAVE_WAY]);

/** Errors with an SQLSTATE are answers and stay as they are, unless they tell of an outage; all others are outages. */
function named(error: unknown): unknown {
  const state = error instanceof pg.DatabaseError ? error.code : undefined;
  if (state !== undefined && !OUTAGE_STATES.has(state) && !OUTAGE_CLASSES.has(state.slice(0, 2))) return error;
  // pg reports wrong parameters as TypeError: a bug, not an outage.
  if (error instanceof TypeError || error instanceof OutageError) return error;
  return new OutageError('postgres', `the database does not answer: ${fromUnknown(error).message}`, error);
}
