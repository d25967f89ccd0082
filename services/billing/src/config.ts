import {
  filePath,
  logLevel,
  parseEnvironment,
  port,
  servedTlsFilesOf,
  servedTlsVariables,
  type Environment,
} from '@subnetes/runtime/config';
import type { TlsFiles } from '@subnetes/runtime/tls';
import { z } from 'zod';

const SCHEMA = z.object({
  DATABASE_URL: z.string().regex(/^(postgres(ql)?:\/\/|pglite:)/, 'write postgres://user@host/db or pglite:<folder>'),
  DATABASE_PASSWORD_FILE: filePath.optional(),
  /** Authority of the database's certificate; with it the connection is encrypted and verified. */
  DATABASE_CA_FILE: filePath.optional(),
  NATS_URL: z.string().default('nats://127.0.0.1:4222'),
  LEDGER_URL: z.string().default('127.0.0.1:9443'),
  SYSTEM_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/)
    .default('subnetes-system'),
  HTTP_PORT: port.default(8080),
  GRPC_PORT: port.default(9443),
  HEALTH_PORT: port.default(9464),
  LOG_LEVEL: logLevel,
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  ...servedTlsVariables,
});

/** All that billing is told, once. */
export interface BillingConfig {
  readonly database: { readonly url: string; readonly passwordFile?: string; readonly caFile?: string };
  readonly natsUrl: string;
  readonly ledgerUrl: string;
  readonly systemNamespace: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly healthPort: number;
  readonly logLevel: z.output<typeof logLevel>;
  readonly otlpEndpoint: string | undefined;
  readonly tls: TlsFiles | undefined;
}

/** @throws ConfigError that names the variable. */
export function readConfig(environment: Environment): BillingConfig {
  const read = parseEnvironment(SCHEMA, environment);
  const { DATABASE_URL: url, DATABASE_PASSWORD_FILE: passwordFile, DATABASE_CA_FILE: caFile } = read;
  return Object.freeze({
    database: {
      url,
      ...(passwordFile === undefined ? {} : { passwordFile }),
      ...(caFile === undefined ? {} : { caFile }),
    },
    natsUrl: read.NATS_URL,
    ledgerUrl: read.LEDGER_URL,
    systemNamespace: read.SYSTEM_NAMESPACE,
    httpPort: read.HTTP_PORT,
    grpcPort: read.GRPC_PORT,
    healthPort: read.HEALTH_PORT,
    logLevel: read.LOG_LEVEL,
    otlpEndpoint: read.OTEL_EXPORTER_OTLP_ENDPOINT,
    tls: servedTlsFilesOf(read),
  });
}
