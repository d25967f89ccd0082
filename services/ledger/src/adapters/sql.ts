import type { Row, Sql } from '@subnetes/runtime/sql';

/** A database as the journal needs it. Errors are Fenced, StoreUnavailable or CommitUnknown; anything else is a bug. */
export interface JournalDatabase {
  /** For reads outside of the writer's transactions. */
  readonly reader: Pick<Sql, 'query'>;
  /** For look-ups by key before each batch. */
  readonly lookups: Pick<Sql, 'query'>;
  /** Keeps other processes from writing while this one lives. Throws Fenced when another one does. */
  lock(): Promise<void>;
  /** Runs on the locked connection, one at a time: commits when `work` resolves, and else rolls back. */
  transaction<T>(work: (sql: Pick<Sql, 'query'>) => Promise<T>): Promise<T>;
  /**
   * Runs steps as one transaction, on the locked connection as well: all or nothing. May be called again before it has answered;
   * lists run in the order of the calls.
   */
  runSteps(steps: readonly Step[]): Promise<void>;
}

/** A step of a transaction of which no step asks for another one's answer. */
export type Step = InsertStep | StatementStep;

/** New rows. */
export interface InsertStep {
  readonly kind: 'insert';
  /** The same for the same target. */
  readonly name: string;
  /** A table and its columns. */
  readonly target: string;
  /** In COPY's text format, see `copyLine`; UTF-8. */
  readonly lines: Uint8Array<ArrayBuffer>;
}

/** A statement with text parameters. */
export interface StatementStep {
  readonly kind: 'statement';
  /** The same for the same text: the database keeps its plan by it. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly string[];
}

/** NULL in COPY's text format. */
export const COPY_NULL = String.raw`\N`;

/** A row in COPY's text format; null is NULL. */
export function copyLine(values: readonly (string | number | bigint | null)[]): string {
  let line = '';
  for (const value of values) {
    if (typeof value === 'string') line += copyField(value);
    else line += value ?? COPY_NULL;
    line += '\t';
  }
  return `${line.slice(0, -1)}\n`;
}

/** A text in COPY's format, between its tabs. */
export function copyField(text: string): string {
  return /[\\\t\n\r]/.test(text)
    ? text.replace(/[\\\t\n\r]/g, (character) => COPY_ESCAPES[character] ?? character)
    : text;
}

const COPY_ESCAPES: Readonly<Record<string, string>> = {
  '\\': String.raw`\\`,
  '\t': String.raw`\t`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
};

/** Texts (numbers among them) as one parameter of an array type. */
export function arrayText(values: readonly string[]): string {
  if (values.length === 0) return '{}';
  return values.some((value) => /["\\]/.test(value))
    ? `{${values.map((value) => `"${value.replace(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`
    : `{"${values.join('","')}"}`;
}

/** A column as text, which every statement of the journal casts to, so that no driver rounds or renames a type. */
export function field(row: Row | undefined, name: string): string {
  const value = row?.[name];
  if (typeof value !== 'string') throw new TypeError(`the statement gave no text in ${name}`);
  return value;
}

/** A row that breaks a unique key was refused. */
export function isKeyTaken(error: unknown): boolean {
  return stateOf(error) === '23505';
}

/** NULL was refused: how statements fail whose answers nobody waits for. */
export function isNullRefused(error: unknown): boolean {
  return stateOf(error) === '23502';
}

/** The journal has come to its last range's end before the next one was there. */
export function isOutOfRange(error: unknown): boolean {
  return stateOf(error) === '23514' && error instanceof Error && NO_RANGE.test(error.message);
}

const NO_RANGE = /^no partition of relation/;

/** SQLSTATE, which pg and PGlite both carry as `code`. */
function stateOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
