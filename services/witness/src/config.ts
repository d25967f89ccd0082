import { sessionKeyOf, type SessionKey } from '@subnetes/keys/session-key';
import { type Environment, filePath, logLevel, parseEnvironment, port, readSecret } from '@subnetes/runtime/config';
import { ConfigError } from '@subnetes/runtime/errors';
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
  readonly healthPort: number;
  readonly tracing: { readonly otlpEndpoint?: string };
  readonly logLevel: z.infer<typeof logLevel>;
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
    healthPort: env.HEALTH_PORT,
    tracing: otlpEndpoint === undefined ? {} : { otlpEndpoint },
    logLevel: env.LOG_LEVEL,
  });
}

function keyOf(file: string): SessionKey {
  const text = readSecret(file).trim();
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new ConfigError('WITNESS_KEY_FILE: the key must be 64 hexadecimal digits');
  return sessionKeyOf(Buffer.from(text, 'hex'));
}
