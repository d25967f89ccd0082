import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { REFUSAL_CODES } from './refusal.ts';

const readme = readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8');
const rows = [...readme.matchAll(/^\| (`[A-Z].*?`) \| (.{10,}) \|$/gm)].flatMap(([, codes = '']) =>
  [...codes.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code),
);

test('every code has its place in the README, and nothing else has one', () => {
  expect(new Set(rows)).toEqual(new Set(REFUSAL_CODES));
  expect(rows).toHaveLength(REFUSAL_CODES.length);
});
