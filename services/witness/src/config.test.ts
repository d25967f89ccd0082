import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readConfig } from './config.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'subnetes-witness-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

const MINIMAL = {
  LEDGER_URL: '127.0.0.1:9443',
  SCORING_URL: '127.0.0.1:9444',
  WITNESS_KEY_FILE: fileOf('key', `${'0a'.repeat(32)}\n`),
  INSECURE_MODE: 'loopback',
};

test('the key is read from its file', () => {
  const config = readConfig(MINIMAL);
  expect(config.key.publicKey).toHaveLength(32);
  expect(config).toMatchObject({ healthPort: 9464, caFile: undefined, takesUnnamedRows: false });
  expect(readConfig({ ...MINIMAL, UNNAMED_ROWS: 'accept' }).takesUnnamedRows).toBe(true);
});

test.for([
  ['TLS_CA_FILE', { INSECURE_MODE: '' }],
  ['LEDGER_URL', { LEDGER_URL: '' }],
  ['UNNAMED_ROWS', { UNNAMED_ROWS: 'some' }],
  ['WITNESS_KEY_FILE', { WITNESS_KEY_FILE: fileOf('short', 'c0ffee') }],
  ['/nowhere', { WITNESS_KEY_FILE: '/nowhere/key' }],
] as const)('a wrong environment is named: %s', ([name, change]) => {
  expect(() => readConfig({ ...MINIMAL, ...change })).toThrow(name);
});

test('what is wrong with a key is told without the key', () => {
  expect(() => readConfig({ ...MINIMAL, WITNESS_KEY_FILE: fileOf('wrong', 'hunter2') })).not.toThrow('hunter2');
});
