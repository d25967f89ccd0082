import { expect, test } from 'vitest';
import { cosigner, noteSigner } from '@subnetes/transparency/note-signer';
import { formatVerifierKey } from '@subnetes/transparency/verifier-key';
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

test('witnesses of checkpoints are an address and the key of a witness each', () => {
  const keyOf = (secret: number): string => {
    const made = cosigner('witness.example/one', new Uint8Array(32).fill(secret));
    return made.ok ? formatVerifierKey(made.value.key) : '';
  };
  const log = noteSigner('subnetes.io/ledger/ab', new Uint8Array(32).fill(1));
  const read = (text: string) => readConfig({ ...MINIMAL, CHECKPOINT_WITNESSES: text }).checkpointWitnesses;
  expect(readConfig(MINIMAL).checkpointWitnesses).toEqual([]);
  const two = read(`https://one.example/log ${keyOf(1)}, http://two.example:8080 ${keyOf(2)}`);
  expect(two.map(({ url }) => url.href)).toEqual(['https://one.example/log', 'http://two.example:8080/']);
  for (const wrong of [
    keyOf(1),
    'https://one.example',
    `ftp://one.example ${keyOf(1)}`,
    `https://one.example ${keyOf(1)} more`,
    `https://one.example ${log.ok ? formatVerifierKey(log.value.key) : ''}`,
    `https://one.example ${keyOf(1)},https://two.example ${keyOf(1)}`,
  ]) {
    expect(() => read(wrong)).toThrow('CHECKPOINT_WITNESSES');
  }
});
