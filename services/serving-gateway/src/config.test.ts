import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

test('plain text has to be asked for', () => {
  const least = { GATEWAY_KEY_FILE: import.meta.filename, SPOOL_DIR: '/var/lib/subnetes' };
  expect(() => readConfig(least)).toThrow('INSECURE_MODE=loopback');
  expect(readConfig({ ...least, INSECURE_MODE: 'loopback' })).toMatchObject({
    tls: undefined,
    inferenceGrpcPort: 8081,
  });
});
