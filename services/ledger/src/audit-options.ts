import { parseArgs } from 'node:util';
import {
  databaseOf,
  databaseVariables,
  durationMs,
  filePath,
  logLevel,
  parseEnvironment,
  port,
  type DatabaseConfig,
} from '@subnetes/runtime/config';
import { ConfigError } from '@subnetes/runtime/errors';
import { z } from 'zod';
import { CHECKS } from '#domain/audit/finding.ts';

/** Names of flags, and of the variables that say the same where a pod is told. */
const environmentSchema = z.object({
  ...databaseVariables,
  /** Database that takes the findings; the same account and authority as the one that is read. */
  AUDIT_REPORT_URL: databaseVariables.DATABASE_URL.optional(),
  /** Pause between two audits of what is new; without it there is one audit. */
  AUDIT_EVERY: durationMs.optional(),
  AUDIT_FULL_EVERY: durationMs.default(3_600_000),
  /** File with a checkpoint that the journal has to hold. */
  AUDIT_KEPT_FILE: filePath.optional(),
  /** Folder with the files of archived ranges; needed once there are some. */
  AUDIT_ARCHIVES: filePath.optional(),
  HEALTH_PORT: port.default(9464),
  LOG_LEVEL: logLevel,
});

const FLAGS = {
  database: 'DATABASE_URL',
  'password-file': 'DATABASE_PASSWORD_FILE',
  'ca-file': 'DATABASE_CA_FILE',
  'report-to': 'AUDIT_REPORT_URL',
  every: 'AUDIT_EVERY',
  'full-every': 'AUDIT_FULL_EVERY',
  kept: 'AUDIT_KEPT_FILE',
  archives: 'AUDIT_ARCHIVES',
  'health-port': 'HEALTH_PORT',
} as const;

interface Reading {
  readonly database: DatabaseConfig;
  /** Undefined: findings are told and not stored. */
  readonly reportTo: DatabaseConfig | undefined;
  readonly keptFile: string | undefined;
  readonly archives: string | undefined;
}

/** What `audit` was asked for. */
export type AuditOptions =
  | (Reading & { readonly mode: 'once'; readonly json: boolean })
  | (Reading & {
      readonly mode: 'always';
      readonly everyMs: number;
      readonly fullEveryMs: number;
      readonly healthPort: number;
      readonly logLevel: z.output<typeof logLevel>;
    })
  | {
      readonly mode: 'clear';
      readonly database: DatabaseConfig;
      /** Undefined: all. */
      readonly check: string | undefined;
      readonly because: string;
    };

/** Flags win over the environment. @throws ConfigError that names the flag or variable */
export function readAuditOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): AuditOptions {
  const flags = flagsOf(argv);
  const named = Object.entries(FLAGS).map(([flag, name]) => [name, flags[flag]] as const);
  const given = named.filter(([, text]) => typeof text === 'string') as readonly (readonly [string, string])[];
  const parsed = parseEnvironment(environmentSchema, { ...environment, ...Object.fromEntries(given) });
  const database = databaseOf(parsed);
  if (flags['clear'] === true) return clearOf(database, flags);
  const url = parsed.AUDIT_REPORT_URL;
  const reading = {
    database,
    reportTo: url === undefined ? undefined : databaseOf({ ...parsed, DATABASE_URL: url }),
    keptFile: parsed.AUDIT_KEPT_FILE,
    archives: parsed.AUDIT_ARCHIVES,
  };
  if (parsed.AUDIT_EVERY === undefined) return { ...reading, mode: 'once', json: flags['json'] === true };
  return {
    ...reading,
    mode: 'always',
    everyMs: parsed.AUDIT_EVERY,
    fullEveryMs: parsed.AUDIT_FULL_EVERY,
    healthPort: parsed.HEALTH_PORT,
    logLevel: parsed.LOG_LEVEL,
  };
}

type Flags = Readonly<Record<string, string | boolean | undefined>>;

function flagsOf(argv: readonly string[]): Flags {
  const text = { type: 'string' } as const;
  const yes = { type: 'boolean' } as const;
  const texts = Object.fromEntries([...Object.keys(FLAGS), 'check', 'because'].map((flag) => [flag, text]));
  try {
    return parseArgs({ args: [...argv], options: { ...texts, json: yes, clear: yes } }).values;
  } catch (cause) {
    throw new ConfigError(`audit: ${cause instanceof Error ? cause.message : 'the flags are wrong'}`, { cause });
  }
}

function clearOf(database: DatabaseConfig, { check, because }: Flags): AuditOptions {
  if (typeof because !== 'string' || because.trim() === '') {
    throw new ConfigError('audit --clear needs --because: what was wrong and why it is right now');
  }
  const known: readonly string[] = CHECKS;
  if (typeof check === 'string' && !known.includes(check)) {
    throw new ConfigError(`--check ${check}: there are ${CHECKS.join(', ')}`);
  }
  return { mode: 'clear', database, check: typeof check === 'string' ? check : undefined, because };
}
