import { availableParallelism } from 'node:os';
import { witnessKeys } from '@subnetes/keys/witness';
import {
  databaseOf,
  databaseVariables,
  list,
  logLevel,
  parseEnvironment,
  port,
  servedTlsFilesOf,
  servedTlsVariables,
  type DatabaseConfig,
  type Environment,
} from '@subnetes/runtime/config';
import { ConfigError } from '@subnetes/runtime/errors';
import type { TlsFiles } from '@subnetes/runtime/tls';
import { z } from 'zod';

const schema = z.object({
  LOG_LEVEL: logLevel,
  ...databaseVariables,
  /** `nats://host:port` or `tls://host:port`. */
  NATS_URL: z.string().min(1),
  /** `host:port` of the ledger's gRPC: asked once which network this is. */
  LEDGER_URL: z.string().min(1),
  /** Base URLs of drand's HTTP API, comma-separated; `{chain}` is the beacon's chain hash. None: no time-locked weights. */
  BEACON_URLS: list.default([]).pipe(z.array(z.url({ protocol: /^https?$/ })).max(8)),
  /** Keys of witnesses whose signatures are taken, hex or SS58, comma-separated; at most 16. */
  WITNESS_KEYS: list.default([]),
  /** Threads that verify signatures when there are many; 0: none beside the main one. Default: a core each, at most 4. */
  VERIFY_THREADS: z.coerce.number().int().min(0).max(16).default(Math.min(4, availableParallelism())),
  GRPC_PORT: port.default(9443),
  HEALTH_PORT: port.default(9464),
  /** Base URL of an OTLP/HTTP collector; without it nothing is traced. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  ...servedTlsVariables,
});

/** Everything that scoring is told from outside. */
export interface Config {
  readonly logLevel: z.infer<typeof logLevel>;
  readonly database: DatabaseConfig;
  readonly natsUrl: string;
  readonly ledgerAddress: string;
  readonly beaconUrls: readonly string[];
  /** Hex. */
  readonly witnessKeys: ReadonlySet<string>;
  readonly verifyThreads: number;
  readonly tracing: { readonly otlpEndpoint?: string };
  readonly grpcPort: number;
  readonly healthPort: number;
  /** Undefined: plain text on 127.0.0.1, for processes on one machine. */
  readonly tls: TlsFiles | undefined;
}

/** @throws ConfigError that names each wrong variable. */
export function readConfig(environment: Environment): Config {
  const env = parseEnvironment(schema, environment);
  const { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint } = env;
  return {
    logLevel: env.LOG_LEVEL,
    database: databaseOf(env),
    natsUrl: env.NATS_URL,
    ledgerAddress: env.LEDGER_URL,
    beaconUrls: env.BEACON_URLS,
    witnessKeys: witnessKeysOf(env.WITNESS_KEYS),
    verifyThreads: env.VERIFY_THREADS,
    tracing: otlpEndpoint === undefined ? {} : { otlpEndpoint },
    grpcPort: env.GRPC_PORT,
    healthPort: env.HEALTH_PORT,
    tls: servedTlsFilesOf(env),
  };
}

/** @throws ConfigError that says which key is none */
function witnessKeysOf(texts: readonly string[]): ReadonlySet<string> {
  try {
    return new Set(witnessKeys(texts));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ConfigError(`WITNESS_KEYS: ${cause.message}`, { cause });
  }
}
