import { join } from 'node:path';
import {
  type Environment,
  filePath,
  logLevel,
  parseEnvironment,
  port,
  tlsFilesOf,
  tlsVariables,
} from '@subnetes/runtime/config';
import type { TlsFiles } from '@subnetes/runtime/tls';
import { z } from 'zod';

const hostPort = z.string().regex(/^[^\s:/]+:[0-9]{1,5}$/, 'write host:port, such as ledger:9443');

const schema = z.object({
  LOG_LEVEL: logLevel,
  LEDGER_URL: hostPort,
  SCORING_URL: hostPort,
  HTTP_PORT: port.default(8080),
  /** Address that the page is served on; loopback keeps it to this machine. */
  HTTP_HOST: z.string().min(1).default('0.0.0.0'),
  HEALTH_PORT: port.default(9464),
  /** Folder of the built page; the build's own by default. */
  PAGE_DIR: filePath.default(join(import.meta.dirname, '../dist/page')),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  ...tlsVariables,
});

/** Everything that the console is told from outside. */
export interface Config {
  readonly logLevel: z.infer<typeof logLevel>;
  /** host:port. */
  readonly ledgerAddress: string;
  readonly scoringAddress: string;
  readonly http: { readonly host: string; readonly port: number };
  readonly healthPort: number;
  readonly pageDir: string;
  readonly tracing: { readonly otlpEndpoint?: string };
  /** Undefined: plain text, for processes on one machine. */
  readonly tls: TlsFiles | undefined;
}

/** @throws ConfigError that names each wrong variable. */
export function readConfig(environment: Environment): Config {
  const env = parseEnvironment(schema, environment);
  const { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint } = env;
  return {
    logLevel: env.LOG_LEVEL,
    ledgerAddress: env.LEDGER_URL,
    scoringAddress: env.SCORING_URL,
    http: { host: env.HTTP_HOST, port: env.HTTP_PORT },
    healthPort: env.HEALTH_PORT,
    pageDir: env.PAGE_DIR,
    tracing: otlpEndpoint === undefined ? {} : { otlpEndpoint },
    tls: tlsFilesOf(env),
  };
}
