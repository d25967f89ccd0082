/** A row as the drivers return it: int8 and NUMERIC are bigint, bytea is Uint8Array, timestamptz is Date. */
export type Row = { readonly [column: string]: unknown };

/** Runs statements on one connection, or on any of a pool's. Throws OutageError when the database is not there. */
export interface Sql {
  /** One statement with `$1…` parameters; bigint, string, number, boolean, Date, Uint8Array, arrays of them and null. */
  query<R extends Row = Row>(text: string, parameters?: readonly unknown[]): Promise<readonly R[]>;
  /** Several statements without parameters, for migrations. */
  script(text: string): Promise<void>;
  /** Adds rows in COPY's text format to a table: `target` is its name with its columns. Many times as fast as INSERT. */
  copy(target: string, lines: string | Uint8Array<ArrayBuffer>): Promise<void>;
}

/** A database that one service owns, whatever runs it. */
export interface Database extends Sql, AsyncDisposable {
  readonly kind: 'postgres' | 'pglite';
  /** Commits when `work` returns, rolls back when it throws. Statements within go through the given `Sql` only. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

/** int8 and NUMERIC(39,0) text as bigint. A fraction is a bug of the statement: it casts to text or float8 instead. */
export function bigintFromText(text: string): bigint {
  if (!/^-?[0-9]+$/.test(text))
    throw new TypeError('a NUMERIC with a fraction was selected: cast it to text or float8');
  return BigInt(text);
}

/** Type ids of PostgreSQL's int8 and numeric. */
export const OID_INT8 = 20;
export const OID_NUMERIC = 1700;
