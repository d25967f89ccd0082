import {
  filePath,
  list,
  logLevel,
  parseEnvironment,
  port,
  readSecret,
  servedTlsFilesOf,
  servedTlsVariables,
  wholeNumber,
  type Environment,
} from '@subnetes/runtime/config';
import type { TlsFiles } from '@subnetes/runtime/tls';
import { z } from 'zod';

const SCHEMA = z.object({
  NATS_URL: z.string().default('nats://127.0.0.1:4222'),
  LEDGER_URL: z.string().default('127.0.0.1:9443'),
  BILLING_URL: z.string().default('127.0.0.1:9444'),
  GATEWAY_KEY_FILE: filePath,
  SPOOL_DIR: filePath,
  SPOOL_BYTES_MAX: wholeNumber.default(512 * 1024 * 1024),
  HTTP_PORT: port.default(8080),
  INFERENCE_GRPC_PORT: port.default(8081),
  HEALTH_PORT: port.default(9464),
  LOG_LEVEL: logLevel,
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  ...servedTlsVariables,
  INSTANCE: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/)
    .default('serving-gateway'),
  HOSTNAME: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/)
    .optional(),
  LEASE_RAO: z
    .string()
    .regex(/^[1-9][0-9]{0,14}$/, 'write a whole number of rao')
    .default('100000000'),
  ENDPOINT_ALLOW_SUFFIXES: list.default(['.svc', '.svc.cluster.local']),
  ENDPOINT_ALLOW_NETWORKS: list.default([]),
  BODY_BYTES_MAX: wholeNumber.default(4 * 1024 * 1024),
  ANSWER_BYTES_MAX: wholeNumber.default(16 * 1024 * 1024),
  IN_FLIGHT_MAX: wholeNumber.default(512),
  ACCOUNT_IN_FLIGHT_MAX: wholeNumber.default(128),
});

/** All that the gateway is told, once. */
export interface GatewayConfig {
  readonly natsUrl: string;
  readonly ledgerUrl: string;
  readonly billingUrl: string;
  /** Hex of the ed25519 secret key. */
  readonly gatewayKey: string;
  readonly spoolDir: string;
  readonly spoolBytesMax: number;
  readonly httpPort: number;
  readonly inferenceGrpcPort: number;
  readonly healthPort: number;
  readonly logLevel: z.output<typeof logLevel>;
  readonly otlpEndpoint: string | undefined;
  readonly tls: TlsFiles | undefined;
  readonly instance: string;
  readonly leaseRao: bigint;
  readonly allowSuffixes: readonly string[];
  readonly allowNetworks: readonly string[];
  readonly bodyBytesMax: number;
  readonly answerBytesMax: number;
  readonly inFlightMax: number;
  readonly accountInFlightMax: number;
}

/** @throws ConfigError that names the variable or the file. */
export function readConfig(environment: Environment): GatewayConfig {
  const read = parseEnvironment(SCHEMA, environment);
  return Object.freeze({
    natsUrl: read.NATS_URL,
    ledgerUrl: read.LEDGER_URL,
    billingUrl: read.BILLING_URL,
    gatewayKey: readSecret(read.GATEWAY_KEY_FILE),
    spoolDir: read.SPOOL_DIR,
    spoolBytesMax: read.SPOOL_BYTES_MAX,
    httpPort: read.HTTP_PORT,
    inferenceGrpcPort: read.INFERENCE_GRPC_PORT,
    healthPort: read.HEALTH_PORT,
    logLevel: read.LOG_LEVEL,
    otlpEndpoint: read.OTEL_EXPORTER_OTLP_ENDPOINT,
    tls: servedTlsFilesOf(read),
    instance: read.HOSTNAME ?? read.INSTANCE,
    leaseRao: BigInt(read.LEASE_RAO),
    allowSuffixes: read.ENDPOINT_ALLOW_SUFFIXES,
    allowNetworks: read.ENDPOINT_ALLOW_NETWORKS,
    bodyBytesMax: read.BODY_BYTES_MAX,
    answerBytesMax: read.ANSWER_BYTES_MAX,
    inFlightMax: read.IN_FLIGHT_MAX,
    accountInFlightMax: read.ACCOUNT_IN_FLIGHT_MAX,
  });
}
