import { sessionKeyOf, type SessionKey } from '@subnetes/keys/session-key';
import {
  type Environment,
  filePath,
  list,
  logLevel,
  parseEnvironment,
  port,
  readSecret,
} from '@subnetes/runtime/config';
import { ConfigError } from '@subnetes/runtime/errors';
import { type Cosigner, cosigner } from '@subnetes/transparency/note-signer';
import { parseVerifierKey, type VerifierKey } from '@subnetes/transparency/verifier-key';
import { z } from 'zod';

const schema = z.object({
  /** `host:port` of the gRPC of the ledger that pays. */
  LEDGER_URL: z.string().min(1),
  /** `host:port` of the gRPC of the scoring that is watched. */
  SCORING_URL: z.string().min(1),
  /** Hex of the 32 secret bytes of an ed25519 key. */
  WITNESS_KEY_FILE: filePath,
  /** Authority of both; a witness shows no certificate. */
  TLS_CA_FILE: filePath.optional(),
  /** `loopback`: plain text, and health on 127.0.0.1 alone. */
  INSECURE_MODE: z.enum(['loopback']).optional(),
  /** Rows whose inputs do not name the envelope, as releases of before wrote them: to accept only while such epochs wait. */
  UNNAMED_ROWS: z.enum(['refuse', 'accept']).default('refuse'),
  /** Folder of what was signed of each log; with it the process also signs checkpoints of ledgers. */
  CHECKPOINT_DIR: z.string().min(1).optional(),
  /** Hex of the 32 secret bytes of another ed25519 key, which signs checkpoints and nothing else. */
  CHECKPOINT_KEY_FILE: filePath.optional(),
  /** What the witness is called in its key, such as witness.example.com/one: no space, no plus. */
  CHECKPOINT_NAME: z.string().min(1).max(200).optional(),
  /** Verifier keys of the ledgers that are followed, comma-separated; the name of each is the log that it signs. */
  LOG_KEYS: list.default([]),
  HTTP_PORT: port.default(8080),
  HEALTH_PORT: port.default(9464),
  /** Base URL of an OTLP/HTTP collector; without it nothing is traced. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  LOG_LEVEL: logLevel,
});

export interface Config {
  readonly ledgerAddress: string;
  readonly scoringAddress: string;
  readonly key: SessionKey;
  /** Undefined: plain text on loopback. */
  readonly caFile: string | undefined;
  readonly takesUnnamedRows: boolean;
  /** Undefined: no checkpoints are signed. */
  readonly checkpoints: CheckpointDuty | undefined;
  readonly healthPort: number;
  readonly tracing: { readonly otlpEndpoint?: string };
  readonly logLevel: z.infer<typeof logLevel>;
}

/** Whose checkpoints are signed, and where it is kept what was. */
export interface CheckpointDuty {
  readonly folder: string;
  readonly cosigner: Cosigner;
  /** By origin. */
  readonly logs: ReadonlyMap<string, readonly VerifierKey[]>;
  readonly port: number;
}

/** @throws ConfigError that names each wrong variable, and never shows the key */
export function readConfig(environment: Environment): Config {
  const env = parseEnvironment(schema, environment);
  if (env.TLS_CA_FILE === undefined && env.INSECURE_MODE !== 'loopback') {
    throw new ConfigError('TLS_CA_FILE is needed; INSECURE_MODE=loopback runs without it on 127.0.0.1');
  }
  const { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint } = env;
  return Object.freeze({
    ledgerAddress: env.LEDGER_URL,
    scoringAddress: env.SCORING_URL,
    key: keyOf(env.WITNESS_KEY_FILE),
    caFile: env.TLS_CA_FILE,
    takesUnnamedRows: env.UNNAMED_ROWS === 'accept',
    checkpoints: dutyOf(env),
    healthPort: env.HEALTH_PORT,
    tracing: otlpEndpoint === undefined ? {} : { otlpEndpoint },
    logLevel: env.LOG_LEVEL,
  });
}

function dutyOf(env: z.infer<typeof schema>): CheckpointDuty | undefined {
  const { CHECKPOINT_DIR: folder, CHECKPOINT_KEY_FILE: keyFile, CHECKPOINT_NAME: name, LOG_KEYS: texts } = env;
  if (folder === undefined) return undefined;
  if (keyFile === undefined || name === undefined || texts.length === 0) {
    throw new ConfigError('CHECKPOINT_DIR needs CHECKPOINT_KEY_FILE, CHECKPOINT_NAME and LOG_KEYS beside it');
  }
  const signer = cosigner(name, secretOf('CHECKPOINT_KEY_FILE', keyFile));
  if (!signer.ok) throw new ConfigError(`CHECKPOINT_NAME: ${signer.message}`);
  const keys = texts.map((text) => {
    const key = parseVerifierKey(text);
    if (!key.ok || key.value.kind !== 'ed25519') throw new ConfigError(`LOG_KEYS: "${text}" is no key of a log`);
    return key.value;
  });
  return { folder, cosigner: signer.value, logs: Map.groupBy(keys, (key) => key.name), port: env.HTTP_PORT };
}

function keyOf(file: string): SessionKey {
  return sessionKeyOf(secretOf('WITNESS_KEY_FILE', file));
}

function secretOf(variable: string, file: string): Uint8Array {
  const text = readSecret(file).trim();
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new ConfigError(`${variable}: the key must be 64 hexadecimal digits`);
  return Buffer.from(text, 'hex');
}
