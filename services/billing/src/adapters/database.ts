import { Outage } from '../application/ports.ts';

/** A row as both drivers give it: every number is selected as text, so that none is rounded. */
export type Row = Readonly<Record<string, unknown>>;

/** Runs statements on one connection. */
export interface Sql {
  query(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
}

/** A database that billing owns, whatever runs it. */
export interface Database extends Sql, AsyncDisposable {
  /** Commits when `work` returns, rolls back when it throws. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

/** Reads a text column; anything else means that the SELECT and its reader disagree. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} is ${typeof value}, not text`);
  return value;
}

/** Reads a whole number that was selected as text. */
export function whole(row: Row, column: string): bigint {
  return BigInt(text(row, column));
}

/** Whether a column is NULL. */
export function isNull(row: Row, column: string): boolean {
  return row[column] === null;
}

/** SQLSTATE classes of trouble with the server and not with the statement: connection, resources, shutdown, system. */
const OUTAGE_CLASSES = new Set(['08', '53', '57', '58']);

/** Errors of a driver as the rest of billing knows them: errors of statements are bugs, all others outages. */
export function asOutage(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Outage) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const isStatement = /^[0-9A-Z]{5}$/.test(code) && !OUTAGE_CLASSES.has(code.slice(0, 2));
  return isStatement ? error : new Outage(`database: ${error.message}`, { cause: error });
}
