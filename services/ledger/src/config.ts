import { witnessKeys } from '@subnetes/keys/witness';
import {
  databaseOf,
  databaseVariables,
  durationMs,
  filePath,
  list,
  logLevel,
  parseEnvironment,
  port,
  readSecret,
  servedTlsFilesOf,
  servedTlsVariables,
  wholeNumber,
  type DatabaseConfig,
} from '@subnetes/runtime/config';
import { ConfigError } from '@subnetes/runtime/errors';
import type { TlsFiles } from '@subnetes/runtime/tls';
import { parseVerifierKey } from '@subnetes/transparency/verifier-key';
import { z } from 'zod';
import { RANGE_ENTRIES } from '#adapters/sql-archive.ts';
import type { WitnessAddress } from '#adapters/checkpoint-witnesses.ts';
import type { WitnessRule } from '#application/pay-epoch.ts';

/** Each is asked for each checkpoint. */
const CHECKPOINT_WITNESSES_MAX = 16;

const environmentSchema = z.object({
  ...databaseVariables,
  NATS_URL: z.string().regex(/^(nats|tls):\/\//, 'must begin with nats:// or tls://'),
  GENESIS_FILE: filePath,
  ...servedTlsVariables,
  /** Namespace in the names of the system's certificates. */
  SYSTEM_NAMESPACE: z.string().default('subnetes-system'),
  GRPC_PORT: port.default(9443),
  /** How another ledger of the same database reaches this one. */
  ADVERTISED_HOST: z.string().min(1).max(255).optional(),
  HEALTH_PORT: port.default(9464),
  /** Serves the log's checkpoint and tiles; they are not served where it is absent. */
  HTTP_PORT: port.optional(),
  AUDIT_INTERVAL: durationMs.default(5000),
  /** Hex of the ed25519 secret that signs checkpoints. Without it the journal's tree is kept and nothing is signed. */
  LOG_KEY_FILE: filePath.optional(),
  /** Entries of each range that the journal is kept in, from the next one on. */
  JOURNAL_RANGE_ENTRIES: wholeNumber
    .refine((count) => count >= 1000 && count <= 1_000_000_000, 'must be 1000 to 1000000000')
    .default(RANGE_ENTRIES),
  /** Blocks from one signed checkpoint to the next. */
  CHECKPOINT_BLOCKS: wholeNumber.refine((count) => count >= 1 && count <= 10_000, 'must be 1 to 10000').default(5),
  /** Replicas of the LEDGER stream. */
  STREAM_REPLICAS: wholeNumber.refine((count) => count >= 1 && count <= 5, 'must be 1 to 5').default(1),
  /** Keys of witnesses, hex or SS58, comma-separated; at most 16. */
  WITNESS_KEYS: list.default([]),
  /** So many of them have to sign an epoch before it is paid; 0: none. */
  WITNESSES_REQUIRED: wholeNumber.default(0),
  /** Witnesses that sign checkpoints: `<URL> <verifier key>` each, comma-separated; at most 16. */
  CHECKPOINT_WITNESSES: list.default([]),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  LOG_LEVEL: logLevel,
});

export interface LedgerConfig {
  readonly database: DatabaseConfig;
  readonly natsUrl: string;
  readonly streamReplicas: number;
  readonly genesisFile: string;
  /** Absent: plain text on loopback. */
  readonly tls: TlsFiles | undefined;
  readonly systemNamespace: string;
  readonly grpcPort: number;
  /** Undefined: ledgers that stand by cannot pass callers on to this one. */
  readonly advertisedHost: string | undefined;
  readonly healthPort: number;
  readonly httpPort: number | undefined;
  readonly auditIntervalMs: number;
  /** 32 secret bytes. */
  readonly logSecret: Uint8Array | undefined;
  readonly rangeEntries: number;
  readonly checkpointBlocks: number;
  readonly witnesses: WitnessRule;
  readonly checkpointWitnesses: readonly WitnessAddress[];
  readonly otlpEndpoint: string | undefined;
  readonly logLevel: z.output<typeof logLevel>;
}

/** Parses the environment once. @throws ConfigError that names the variable. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): LedgerConfig {
  const parsed = parseEnvironment(environmentSchema, environment);
  return Object.freeze({
    database: databaseOf(parsed),
    natsUrl: parsed.NATS_URL,
    streamReplicas: parsed.STREAM_REPLICAS,
    genesisFile: parsed.GENESIS_FILE,
    tls: servedTlsFilesOf(parsed),
    systemNamespace: parsed.SYSTEM_NAMESPACE,
    grpcPort: parsed.GRPC_PORT,
    advertisedHost: parsed.ADVERTISED_HOST ?? (parsed.INSECURE_MODE === undefined ? undefined : '127.0.0.1'),
    healthPort: parsed.HEALTH_PORT,
    httpPort: parsed.HTTP_PORT,
    auditIntervalMs: parsed.AUDIT_INTERVAL,
    logSecret: parsed.LOG_KEY_FILE === undefined ? undefined : logSecretOf(parsed.LOG_KEY_FILE),
    rangeEntries: parsed.JOURNAL_RANGE_ENTRIES,
    checkpointBlocks: parsed.CHECKPOINT_BLOCKS,
    witnesses: witnessRule(parsed.WITNESSES_REQUIRED, parsed.WITNESS_KEYS),
    checkpointWitnesses: checkpointWitnesses(parsed.CHECKPOINT_WITNESSES),
    otlpEndpoint: parsed.OTEL_EXPORTER_OTLP_ENDPOINT,
    logLevel: parsed.LOG_LEVEL,
  });
}

function logSecretOf(file: string): Uint8Array {
  const hex = readSecret(file);
  if (/^[0-9a-f]{64}$/.test(hex)) return Buffer.from(hex, 'hex');
  throw new ConfigError('LOG_KEY_FILE must hold the 64 hexadecimal digits of an ed25519 secret key');
}

/** @throws ConfigError where one cannot be read, or a key stands there twice */
function checkpointWitnesses(texts: readonly string[]): readonly WitnessAddress[] {
  if (texts.length > CHECKPOINT_WITNESSES_MAX) {
    throw new ConfigError(`CHECKPOINT_WITNESSES names ${texts.length}; at most ${CHECKPOINT_WITNESSES_MAX} are asked`);
  }
  const witnesses = texts.map((text) => {
    const [address = '', keyText = '', ...rest] = text.trim().split(/\s+/);
    const url = URL.canParse(address) ? new URL(address) : undefined;
    const key = parseVerifierKey(keyText);
    if (url === undefined || !/^https?:$/.test(url.protocol) || rest.length > 0 || !key.ok) {
      throw new ConfigError(
        `CHECKPOINT_WITNESSES: "${address}" needs an http or https URL and a verifier key behind it`,
      );
    }
    if (key.value.kind !== 'cosignature/v1') {
      throw new ConfigError(`CHECKPOINT_WITNESSES: the key of ${address} is no key of a witness`);
    }
    return { url, key: key.value };
  });
  if (new Set(witnesses.map(({ key }) => key.publicKey.join())).size < witnesses.length) {
    throw new ConfigError('CHECKPOINT_WITNESSES: one key stands there twice');
  }
  return witnesses;
}

/** @throws ConfigError where more have to sign than there are keys, or a key is none */
function witnessRule(required: number, texts: readonly string[]): WitnessRule {
  let keys: readonly string[];
  try {
    keys = witnessKeys(texts);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ConfigError(`WITNESS_KEYS: ${cause.message}`, { cause });
  }
  if (required > keys.length) {
    throw new ConfigError(`WITNESSES_REQUIRED: ${required} have to sign, but WITNESS_KEYS names ${keys.length}`);
  }
  return { required, keys };
}
