import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cosigner, noteSigner } from '@subnetes/transparency/note-signer';
import { formatVerifierKey } from '@subnetes/transparency/verifier-key';
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

test('checkpoints are signed where there is a folder, a key, a name and a ledger to follow', () => {
  const log = formatVerifierKey(valueOf(noteSigner('subnetes.io/ledger/ab', new Uint8Array(32).fill(1))).key);
  const duty = {
    CHECKPOINT_DIR: folder,
    CHECKPOINT_KEY_FILE: fileOf('checkpoints', '0b'.repeat(32)),
    CHECKPOINT_NAME: 'witness.example/one',
    LOG_KEYS: log,
  };
  expect(readConfig(MINIMAL).checkpoints).toBeUndefined();
  const { checkpoints } = readConfig({ ...MINIMAL, ...duty });
  expect(checkpoints).toMatchObject({ folder, port: 8080, cosigner: { key: { name: 'witness.example/one' } } });
  expect([...(checkpoints?.logs.keys() ?? [])]).toEqual(['subnetes.io/ledger/ab']);
  for (const [name, change] of Object.entries({
    CHECKPOINT_DIR: { CHECKPOINT_KEY_FILE: '' },
    CHECKPOINT_NAME: { CHECKPOINT_NAME: 'has a space' },
    LOG_KEYS: { LOG_KEYS: formatVerifierKey(valueOf(cosigner('w', new Uint8Array(32).fill(2))).key) },
    CHECKPOINT_KEY_FILE: { CHECKPOINT_KEY_FILE: fileOf('not-hex', 'zz') },
  })) {
    expect(() => readConfig({ ...MINIMAL, ...duty, ...change })).toThrow(name);
  }
});

function valueOf<T>(decision: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!decision.ok) throw new Error('refused');
  return decision.value;
}

test('what is wrong with a key is told without the key', () => {
  expect(() => readConfig({ ...MINIMAL, WITNESS_KEY_FILE: fileOf('wrong', 'hunter2') })).not.toThrow('hunter2');
});
