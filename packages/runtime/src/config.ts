import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './errors.ts';
import type { DatabaseOptions } from './postgres.ts';
import type { TlsFiles } from './tls.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses the environment once, by a zod object whose keys are names of variables. An empty variable counts as absent.
 * The result is frozen.
 * @throws ConfigError that names each wrong variable and what it should be, never its value.
 */
export function parseEnvironment<S extends z.ZodObject>(schema: S, environment: Environment): Readonly<z.output<S>> {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return Object.freeze(parsed.data);
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`the environment is wrong: ${problems.join('; ')}`);
}

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const DURATION = /^([0-9]{1,9})(ms|s|m|h)$/;

/** `250ms`, `5s`, `2m`, `1h` as milliseconds. */
export const durationMs = z
  .string()
  .regex(DURATION, 'write a whole number with a unit, such as 250ms, 5s, 2m or 1h')
  .transform((text) => {
    const [, count = '0', unit = 'ms'] = DURATION.exec(text) ?? [];
    return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  });

/** A TCP port; 0 lets the system choose. */
export const port = z
  .string()
  .regex(/^[0-9]{1,5}$/, 'write a port number')
  .transform(Number)
  .refine((value) => value <= 65_535, 'a port is at most 65535');

/** A whole number of 0 or more. */
export const wholeNumber = z
  .string()
  .regex(/^[0-9]{1,15}$/, 'write a whole number')
  .transform(Number);

export const logLevel = z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info');

/** A comma separated list without empty items. */
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** An absolute or relative path of a file: secrets come as files, never in variables. */
export const filePath = z.string().min(1).max(4096);

type Read<Variables extends z.ZodRawShape> = Readonly<z.output<z.ZodObject<Variables>>>;

/** Variables of a part's database, for its schema. */
export const databaseVariables = {
  /** postgres:// URL without password, `pglite:<folder>` or `pglite:memory`. */
  DATABASE_URL: z.string().regex(/^(postgres(ql)?:\/\/|pglite:)/, 'write postgres://user@host/db or pglite:<folder>'),
  DATABASE_PASSWORD_FILE: filePath.optional(),
  /** Authority of the database's certificate; with it the connection is encrypted and verified. */
  DATABASE_CA_FILE: filePath.optional(),
} as const;

export type DatabaseConfig = Pick<DatabaseOptions, 'url' | 'passwordFile' | 'caFile'>;

/** Where the database is. @throws ConfigError where the password is not mounted. */
export function databaseOf(read: Read<typeof databaseVariables>): DatabaseConfig {
  const { DATABASE_URL: url, DATABASE_PASSWORD_FILE: passwordFile, DATABASE_CA_FILE: caFile } = read;
  if (passwordFile !== undefined) readSecret(passwordFile); // missing now, not at the first connection
  return {
    url,
    ...(passwordFile === undefined ? {} : { passwordFile }),
    ...(caFile === undefined ? {} : { caFile }),
  };
}

/** Variables of a part's certificate, for its schema. */
export const tlsVariables = {
  TLS_CA_FILE: filePath.optional(),
  TLS_CERT_FILE: filePath.optional(),
  TLS_KEY_FILE: filePath.optional(),
} as const;

/** Variables of a part that listens: `loopback` runs it in plain text on 127.0.0.1, where everybody may do everything. */
export const servedTlsVariables = { ...tlsVariables, INSECURE_MODE: z.enum(['loopback']).optional() } as const;

/** The certificate's files; undefined where none is named. @throws ConfigError where only some are. */
export function tlsFilesOf(read: Read<typeof tlsVariables>): TlsFiles | undefined {
  const { TLS_CA_FILE: caFile, TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = read;
  if (caFile !== undefined && certFile !== undefined && keyFile !== undefined) return { caFile, certFile, keyFile };
  if (caFile === undefined && certFile === undefined && keyFile === undefined) return undefined;
  throw new ConfigError('TLS_CA_FILE, TLS_CERT_FILE and TLS_KEY_FILE belong together: set all or none');
}

/** The same for a part that listens: it runs without certificates only when it was told so. @throws ConfigError */
export function servedTlsFilesOf(read: Read<typeof servedTlsVariables>): TlsFiles | undefined {
  const files = tlsFilesOf(read);
  if (files !== undefined || read.INSECURE_MODE === 'loopback') return files;
  throw new ConfigError(
    'TLS_CA_FILE, TLS_CERT_FILE and TLS_KEY_FILE are needed; INSECURE_MODE=loopback runs without them on 127.0.0.1',
  );
}

/** Reads a secret from its file, without the line break at its end. @throws ConfigError that names the file. */
export function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new ConfigError(`the file ${path} cannot be read: mount the secret there`, { cause });
  }
}
