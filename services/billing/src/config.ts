import {
  databaseOf,
  databaseVariables,
  logLevel,
  parseEnvironment,
  port,
  servedTlsFilesOf,
  servedTlsVariables,
  type DatabaseConfig,
  type Environment,
} from '@subnetes/runtime/config';
import type { TlsFiles } from '@subnetes/runtime/tls';
import { z } from 'zod';

const SCHEMA = z.object({
  ...databaseVariables,
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
  readonly database: DatabaseConfig;
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
  return Object.freeze({
    database: databaseOf(read),
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
