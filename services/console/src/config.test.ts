import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const least = { LEDGER_URL: 'ledger:9443', SCORING_URL: 'scoring:9443' };

test('needs the two addresses and nothing else', () => {
  expect(readConfig(least)).toMatchObject({
    ledgerAddress: 'ledger:9443',
    http: { port: 8080 },
    healthPort: 9464,
    tls: undefined,
  });
  expect(() => readConfig({})).toThrow(/LEDGER_URL.*SCORING_URL/);
});

test('names what is wrong', () => {
  expect(() => readConfig({ ...least, LEDGER_URL: 'https://ledger' })).toThrow('host:port');
  expect(() => readConfig({ ...least, TLS_CA_FILE: '/ca' })).toThrow('together');
});
