import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

test('plain text has to be asked for', () => {
  const least = { DATABASE_URL: 'pglite:memory' };
  expect(() => readConfig(least)).toThrow('INSECURE_MODE=loopback');
  expect(readConfig({ ...least, INSECURE_MODE: 'loopback' })).toMatchObject({ tls: undefined, grpcPort: 9443 });
});
