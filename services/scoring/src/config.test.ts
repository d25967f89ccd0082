import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const MINIMAL = {
  DATABASE_URL: 'pglite:memory',
  NATS_URL: 'nats://127.0.0.1:4222',
  LEDGER_URL: '127.0.0.1:9443',
  INSECURE_MODE: 'loopback',
};

test('the ports of the cluster are the defaults, and plain text has to be asked for', () => {
  expect(readConfig(MINIMAL)).toMatchObject({ grpcPort: 9443, healthPort: 9464, tls: undefined, logLevel: 'info' });
});

test.for([
  ['DATABASE_URL', { DATABASE_URL: '' }],
  ['GRPC_PORT', { GRPC_PORT: '70000' }],
  ['TLS_CERT_FILE', { INSECURE_MODE: '', TLS_CA_FILE: '/ca.crt' }],
  ['INSECURE_MODE', { INSECURE_MODE: 'everywhere' }],
  ['WITNESS_KEYS: key 1', { WITNESS_KEYS: 'abc' }],
  ['/nowhere', { DATABASE_PASSWORD_FILE: '/nowhere/password' }],
] as const)('a wrong environment is named: %s', ([name, change]) => {
  expect(() => readConfig({ ...MINIMAL, ...change })).toThrow(name);
});
