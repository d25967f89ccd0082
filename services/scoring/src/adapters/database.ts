/** A row as both drivers return it: numbers are selected as text, so that neither rounds nor differs. */
export type Row = { readonly [column: string]: unknown };

/** Runs statements on one connection. */
export interface Sql {
  query(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
}

/** A database that scoring owns, whatever runs it. */
export interface Database extends Sql, AsyncDisposable {
  /** Commits when `work` returns, rolls back when it throws. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

/** The database cannot be reached or refuses to work: an outage, not a refusal. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} is ${typeof value}, not text`);
  return value;
}

/** A count selected as text; throws when it does not fit in a double. */
export function count(row: Row, column: string): number {
  const value = Number(text(row, column));
  if (!Number.isSafeInteger(value)) throw new TypeError(`column ${column} is no safe whole number`);
  return value;
}

export function flag(row: Row, column: string): boolean {
  const value = row[column];
  if (typeof value !== 'boolean') throw new TypeError(`column ${column} is ${typeof value}, not a boolean`);
  return value;
}

export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} is ${typeof value}, not bytes`);
  return new Uint8Array(value);
}
