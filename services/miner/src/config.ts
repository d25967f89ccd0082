import { filePath, logLevel, parseEnvironment, port, wholeNumber } from '@subnetes/runtime/config';
import type { Environment } from '@subnetes/runtime/config';
import { ConfigError } from '@subnetes/runtime/errors';
import { z } from 'zod';

const MODELS_MAX = 16;

const modelFileSchema = z.object({
  mechanismId: z.int().min(0).max(15),
  format: z.enum(['Onnx', 'Script']),
  file: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type ModelFile = Readonly<z.output<typeof modelFileSchema>>;

const environmentSchema = z.object({
  NEURON_FILE: filePath.default('/etc/subnetes/neuron.json'),
  /** JSON list of {mechanismId, format, file, sha256}. */
  MODELS: z.string(),
  MAX_IN_FLIGHT: wholeNumber.default(64),
  PORT: port.default(8443),
  HEALTH_PORT: port.default(9464),
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: logLevel,
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
});

export type MinerConfig = ReturnType<typeof readConfig>;

/** The environment as the miner uses it. @throws ConfigError that names each wrong variable. */
export function readConfig(environment: Environment) {
  const parsed = parseEnvironment(environmentSchema, environment);
  return Object.freeze({
    neuronFile: parsed.NEURON_FILE,
    models: readModels(parsed.MODELS),
    maxInFlight: Math.max(1, parsed.MAX_IN_FLIGHT),
    port: parsed.PORT,
    healthPort: parsed.HEALTH_PORT,
    host: parsed.HOST,
    logLevel: parsed.LOG_LEVEL,
    otlpEndpoint: parsed.OTEL_EXPORTER_OTLP_ENDPOINT,
  });
}

function readModels(text: string): readonly ModelFile[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError('the environment is wrong: MODELS: write a JSON list', { cause });
  }
  const parsed = z.array(modelFileSchema).min(1).max(MODELS_MAX).safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `MODELS.${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`the environment is wrong: ${problems.join('; ')}`);
}
