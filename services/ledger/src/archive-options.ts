import { parseArgs } from 'node:util';
import {
  databaseOf,
  databaseVariables,
  filePath,
  parseEnvironment,
  type DatabaseConfig,
} from '@subnetes/runtime/config';
import { ConfigError } from '@subnetes/runtime/errors';
import { z } from 'zod';

const FLAGS = {
  database: 'DATABASE_URL',
  'password-file': 'DATABASE_PASSWORD_FILE',
  'ca-file': 'DATABASE_CA_FILE',
  to: 'ARCHIVE_FOLDER',
} as const;

const environmentSchema = z.object({ ...databaseVariables, ARCHIVE_FOLDER: filePath });

/** Flags win over the environment. @throws ConfigError that names the flag or variable */
export function readArchiveOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): { readonly database: DatabaseConfig; readonly folder: string } {
  const options = Object.fromEntries(Object.keys(FLAGS).map((flag) => [flag, { type: 'string' } as const]));
  let flags: Readonly<Record<string, unknown>>;
  try {
    flags = parseArgs({ args: [...argv], options }).values;
  } catch (cause) {
    throw new ConfigError(`archive: ${cause instanceof Error ? cause.message : 'the flags are wrong'}`, { cause });
  }
  const given = Object.entries(FLAGS).flatMap(([flag, name]) => {
    const text = flags[flag];
    return typeof text === 'string' ? [[name, text] as const] : [];
  });
  const parsed = parseEnvironment(environmentSchema, { ...environment, ...Object.fromEntries(given) });
  return { database: databaseOf(parsed), folder: parsed.ARCHIVE_FOLDER };
}
