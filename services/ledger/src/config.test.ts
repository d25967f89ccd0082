import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const MINIMAL = {
  DATABASE_URL: 'pglite:memory',
  NATS_URL: 'nats://127.0.0.1:4222',
  GENESIS_FILE: '/genesis.json',
  INSECURE_MODE: 'loopback',
};
const KEYS = ['aa'.repeat(32), 'BB'.repeat(32)];

test('by default nobody has to sign', () => {
  expect(readConfig(MINIMAL).witnesses).toEqual({ required: 0, keys: [] });
});

test('as many may have to sign as there are keys', () => {
  const config = readConfig({ ...MINIMAL, WITNESSES_REQUIRED: '2', WITNESS_KEYS: KEYS.join(', ') });
  expect(config.witnesses).toEqual({ required: 2, keys: ['aa'.repeat(32), 'bb'.repeat(32)] });
});

test.for([
  ['WITNESSES_REQUIRED', { WITNESSES_REQUIRED: '1' }],
  ['WITNESSES_REQUIRED', { WITNESSES_REQUIRED: '3', WITNESS_KEYS: KEYS.join(',') }],
  ['WITNESSES_REQUIRED', { WITNESSES_REQUIRED: '-1' }],
  ['WITNESS_KEYS', { WITNESS_KEYS: 'cc' }],
  ['key 2 stands there twice', { WITNESS_KEYS: `${KEYS[0]},${KEYS[0]}` }],
] as const)('a wrong environment is named: %s', ([name, change]) => {
  expect(() => readConfig({ ...MINIMAL, ...change })).toThrow(name);
});
