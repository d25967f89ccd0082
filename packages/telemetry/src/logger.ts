import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { errorFields } from './error-fields.ts';

/** Structured log of one process: fields first, then a sentence. One JSON object a line on stdout. */
export type Logger = PinoLogger;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  readonly service: string;
  readonly version?: string;
  readonly level: LogLevel;
  /** Where lines go instead of stdout, for tests. */
  readonly destination?: DestinationStream;
}

/** Field names that never reach a log, at the top and up to three levels below it. */
const SECRET_FIELDS = [
  'password', 'secret', 'secretSeed', 'secretKey', 'privateKey', 'mnemonic', 'seed', 'token', 'apiKey',
  'authorization', 'Authorization', '["x-api-key"]', 'cookie', 'salt', 'hmacKey', 'connectionString',
] as const; // prettier-ignore

const REDACTED_PATHS = SECRET_FIELDS.flatMap((field) => {
  const name = field.startsWith('[') ? field : `.${field}`;
  return [field, `*${name}`, `*.*${name}`, `*.*.*${name}`];
});

/** Makes the logger that `main` hands to whoever needs one; lines within a span carry its ids. */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level,
    base: { service: options.service, ...(options.version === undefined ? {} : { version: options.version }) },
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: errorFields },
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
    mixin: traceIds,
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

function traceIds(): object {
  const span = trace.getSpanContext(context.active());
  if (span === undefined || !isSpanContextValid(span)) return {};
  return { trace_id: span.traceId, span_id: span.spanId, trace_flags: span.traceFlags };
}
