import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCase, type VectorCase } from './vector-case.ts';

/** The project's own cases. */
export const OWN_CASES: string = fileURLToPath(new URL('vectors', import.meta.url));

/** Texts of every case of a folder, ordered by file name. */
export function readTexts(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.toSorted().map((name) => readFileSync(join(folder, name), 'utf8'));
}

/** Every case of a folder, ordered by file name. */
export function readCases(folder: string): VectorCase[] {
  return readTexts(folder).map(readCase);
}
