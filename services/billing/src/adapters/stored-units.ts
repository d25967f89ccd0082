import { z } from 'zod';
import type { Units } from '../domain/rating.ts';
import type { Row } from '@subnetes/runtime/sql';
import { text } from './row.ts';

/** Counts as text: JSON numbers are doubles. */
const STORED_UNITS = z.record(z.string(), z.string().regex(/^[0-9]{1,20}$/));

export function unitsJson(units: Units): string {
  return JSON.stringify(Object.fromEntries(Object.entries(units).map(([unit, count]) => [unit, count.toString()])));
}

export function unitsOf(row: Row, column: string): Units {
  const stored = STORED_UNITS.parse(JSON.parse(text(row, column)));
  return Object.fromEntries(Object.entries(stored).map(([unit, count]) => [unit, BigInt(count)]));
}
