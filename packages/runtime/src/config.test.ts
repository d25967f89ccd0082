import { expect, test } from 'vitest';
import { z } from 'zod';
import { durationMs, list, logLevel, parseEnvironment, port, readSecret, wholeNumber } from './config.ts';
import { databaseOf, databaseVariables, servedTlsFilesOf, servedTlsVariables, tlsFilesOf } from './config.ts';
import { ConfigError } from './errors.ts';

test.for([
  ['250ms', 250],
  ['5s', 5000],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['0s', 0],
] as const)('%s is %d ms', ([text, ms]) => {
  expect(durationMs.parse(text)).toBe(ms);
});

test.for(['5', '-5s', '1.5s', '5 s', '1d', 's', '1m30s'])('refuses %j as a duration', (text) => {
  expect(durationMs.safeParse(text).success).toBe(false);
});

test.for(['65536', '-1', '80a', '0x50'])('refuses %j as a port', (text) => {
  expect(port.safeParse(text).success).toBe(false);
});

const schema = z.object({
  GRPC_PORT: port.default(9443),
  NAMES: list.optional(),
  LOG_LEVEL: logLevel,
  SIZE: wholeNumber,
});

test('reads typed values with defaults; an empty variable is an absent one', () => {
  const config = parseEnvironment(schema, { GRPC_PORT: '', NAMES: 'a, b,', SIZE: '7', OTHER: 'x' });
  expect(config).toEqual({ GRPC_PORT: 9443, NAMES: ['a', 'b'], LOG_LEVEL: 'info', SIZE: 7 });
  expect(Object.isFrozen(config)).toBe(true);
});

test('names every wrong variable and keeps the value to itself', () => {
  const wrong = () => parseEnvironment(schema, { GRPC_PORT: 'hunter2', LOG_LEVEL: 'loud' });
  expect(wrong).toThrow(ConfigError);
  expect(wrong).toThrow(/GRPC_PORT: write a port number.*SIZE/);
  expect(wrong).not.toThrow(/hunter2/);
});

test('a secret that is not mounted is a ConfigError that names the file', () => {
  expect(() => readSecret('/nowhere/password')).toThrow(/\/nowhere\/password/);
});

const tlsSchema = z.object(servedTlsVariables);
const ALL = { TLS_CA_FILE: '/ca', TLS_CERT_FILE: '/cert', TLS_KEY_FILE: '/key' };

test('a certificate is three files or none', () => {
  const read = (environment: Record<string, string>) => tlsFilesOf(parseEnvironment(tlsSchema, environment));
  expect(read(ALL)).toEqual({ caFile: '/ca', certFile: '/cert', keyFile: '/key' });
  expect(read({})).toBeUndefined();
  expect(() => read({ ...ALL, TLS_KEY_FILE: '' })).toThrow(/TLS_KEY_FILE belong together/);
});

test('a part that listens without certificates was told so', () => {
  const read = (environment: Record<string, string>) => servedTlsFilesOf(parseEnvironment(tlsSchema, environment));
  expect(read({ INSECURE_MODE: 'loopback' })).toBeUndefined();
  expect(read({ ...ALL, INSECURE_MODE: 'loopback' })).toMatchObject({ certFile: '/cert' });
  expect(() => read({})).toThrow(/are needed; INSECURE_MODE=loopback/);
  expect(() => read({ INSECURE_MODE: 'everywhere' })).toThrow(/INSECURE_MODE/);
  expect(() => read({ TLS_CA_FILE: '/ca', INSECURE_MODE: 'loopback' })).toThrow(/belong together/);
});

test('a database is named with its files, and its password must be there now', () => {
  const read = (environment: Record<string, string>) =>
    databaseOf(parseEnvironment(z.object(databaseVariables), environment));
  expect(read({ DATABASE_URL: 'pglite:memory' })).toEqual({ url: 'pglite:memory' });
  const passwordFile = import.meta.filename;
  expect(
    read({ DATABASE_URL: 'postgres://a@b/c', DATABASE_PASSWORD_FILE: passwordFile, DATABASE_CA_FILE: '/ca' }),
  ).toEqual({ url: 'postgres://a@b/c', passwordFile, caFile: '/ca' });
  expect(() => read({ DATABASE_URL: 'mysql://a' })).toThrow(/DATABASE_URL: write postgres:/);
  expect(() => read({ DATABASE_URL: 'pglite:memory', DATABASE_PASSWORD_FILE: '/nowhere' })).toThrow(/nowhere/);
});
