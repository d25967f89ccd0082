/** Runs statements; every value of a row comes as text, so that no number is rounded on its way. */
export interface Sql {
  query(text: string, values?: readonly SqlValue[]): Promise<SqlResult>;
}

export type SqlValue = string | number | null | readonly (string | null)[];
export type SqlRow = Readonly<Record<string, string | null>>;

export interface SqlResult {
  readonly rows: readonly SqlRow[];
  readonly rowCount: number;
}

/** A database as the journal needs it. Errors are Fenced, StoreUnavailable or CommitUnknown; anything else is a bug. */
export interface JournalDatabase {
  /** For reads outside of the writer's transactions. */
  readonly reader: Sql;
  /** Keeps other processes from writing while this one lives. Throws Fenced when another one does. */
  lock(): Promise<void>;
  /** Runs on the locked connection: commits when `work` resolves, and else rolls back. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

/** A column that is never null; its absence is a bug of the statement. */
export function field(row: SqlRow | undefined, name: string): string {
  const value = row?.[name];
  if (value === undefined || value === null) throw new Error(`the statement gave no ${name}`);
  return value;
}
