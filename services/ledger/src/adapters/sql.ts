import type { Row, Sql } from '@subnetes/runtime/sql';

/** A database as the journal needs it. Errors are Fenced, StoreUnavailable or CommitUnknown; anything else is a bug. */
export interface JournalDatabase {
  /** For reads outside of the writer's transactions. */
  readonly reader: Pick<Sql, 'query'>;
  /** Keeps other processes from writing while this one lives. Throws Fenced when another one does. */
  lock(): Promise<void>;
  /** Runs on the locked connection, one at a time: commits when `work` resolves, and else rolls back. */
  transaction<T>(work: (sql: Pick<Sql, 'query'>) => Promise<T>): Promise<T>;
}

/** A column as text, which every statement of the journal casts to, so that no driver rounds or renames a type. */
export function field(row: Row | undefined, name: string): string {
  const value = row?.[name];
  if (typeof value !== 'string') throw new TypeError(`the statement gave no text in ${name}`);
  return value;
}
