import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readEndpoints } from './endpoints.ts';

let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'subnetes-endpoints-'));
  mkdirSync(join(checkout, '.local'));
  mkdirSync(join(checkout, 'deep'));
});
afterEach(() => rmSync(checkout, { recursive: true }));

const writeFile = (value: unknown) => writeFileSync(join(checkout, '.local/endpoints.json'), JSON.stringify(value));
const local = {
  ledger: '127.0.0.1:19443',
  scoring: '127.0.0.1:19444',
  gateway: 'http://127.0.0.1:8080',
  caFile: '.local/ca.crt',
  certFile: '.local/client.crt',
  keyFile: '.local/client.key',
};

test("the local cluster's file is found from any folder of the checkout, its files stand relative to the checkout", () => {
  writeFile(local);
  const found = readEndpoints({ flags: {}, env: {}, cwd: join(checkout, 'deep') });
  expect(found).toMatchObject({ ledger: '127.0.0.1:19443', tls: { caFile: join(checkout, '.local/ca.crt') } });
});

test('an address given by hand brings no certificate of the local cluster with it', () => {
  writeFile(local);
  expect(readEndpoints({ flags: { ledger: 'other:9443' }, env: {}, cwd: checkout })).toMatchObject({
    ledger: 'other:9443',
    scoring: undefined,
    tls: undefined,
  });
});

test('flags stand before the environment', () => {
  const found = readEndpoints({
    flags: { ledger: 'flag:1' },
    env: { SUBNETES_LEDGER: 'env:1', SUBNETES_SCORING: 'env:2' },
    cwd: checkout,
  });
  expect(found).toMatchObject({ ledger: 'flag:1', scoring: 'env:2' });
});

test('nothing known is undefined: kubectl is asked then', () => {
  expect(readEndpoints({ flags: {}, env: {}, cwd: checkout })).toBeUndefined();
});

test('what is no address, and two of three TLS files, are refused', () => {
  expect(() => readEndpoints({ flags: { ledger: 'http://x' }, env: {}, cwd: checkout })).toThrow('host:port');
  expect(() => readEndpoints({ flags: { ledger: 'x:1' }, env: { SUBNETES_CA_FILE: 'a' }, cwd: checkout })).toThrow(
    'all three',
  );
});
