import type { Row } from '@subnetes/runtime/sql';

/** Reads a text column; anything else means that the SELECT and its reader disagree. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} is ${typeof value}, not text`);
  return value;
}

/** Reads an int8, a NUMERIC(39,0) or a count; all of them come as bigint. */
export function whole(row: Row, column: string): bigint {
  const value = row[column];
  if (typeof value !== 'bigint') throw new TypeError(`column ${column} is ${typeof value}, not a whole number`);
  return value;
}

/** Reads an int4. */
export function small(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`column ${column} is ${typeof value}, not an int4`);
  return value;
}

/** Whether a column is NULL. */
export function isNull(row: Row, column: string): boolean {
  return row[column] === null;
}

/** Reads a bytea, as a copy of its own: a driver's may be a view of all that it received. */
export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} is ${typeof value}, not bytes`);
  return Uint8Array.from(value);
}
