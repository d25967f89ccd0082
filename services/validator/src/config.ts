import { filePath, list, logLevel, parseEnvironment, port, wholeNumber } from '@subnetes/runtime/config';
import type { Environment } from '@subnetes/runtime/config';
import { z } from 'zod';

const environmentSchema = z.object({
  NEURON_FILE: filePath.default('/etc/subnetes/neuron.json'),
  /** Folder on a volume of this validator alone. */
  STATE_DIR: filePath.default('/var/lib/subnetes'),
  /** Miners that one challenge asks at most. */
  SAMPLE_SIZE: wholeNumber.default(64),
  /** One answer in so many is asked for twice, since a model answers a question in one way; 0: none. */
  AUDIT_ONE_IN: wholeNumber.default(0),
  /** Makes this validator dishonest for a drill; it says so in its log. */
  DRILL: z.enum(['invert-scores']).optional(),
  /** CSV of daily prices in another place than the installed package. */
  DATASET_FILE: filePath.optional(),
  /** Names that miners may announce wherever they lead: this cluster's Services. */
  ENDPOINT_ALLOW_SUFFIXES: list.default(['.svc', '.svc.cluster.local']),
  /** Private networks that announced addresses may lead to. */
  ENDPOINT_ALLOW_NETWORKS: list.default([]),
  HEALTH_PORT: port.default(9464),
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: logLevel,
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
});

/** The environment as the validator uses it. @throws ConfigError that names each wrong variable. */
export function readConfig(environment: Environment) {
  const parsed = parseEnvironment(environmentSchema, environment);
  return Object.freeze({
    neuronFile: parsed.NEURON_FILE,
    stateDir: parsed.STATE_DIR,
    sampleSize: Math.min(256, Math.max(1, parsed.SAMPLE_SIZE)),
    auditOneIn: parsed.AUDIT_ONE_IN,
    drill: parsed.DRILL,
    datasetFile: parsed.DATASET_FILE,
    dialRule: { suffixes: parsed.ENDPOINT_ALLOW_SUFFIXES, networks: parsed.ENDPOINT_ALLOW_NETWORKS },
    healthPort: parsed.HEALTH_PORT,
    host: parsed.HOST,
    logLevel: parsed.LOG_LEVEL,
    otlpEndpoint: parsed.OTEL_EXPORTER_OTLP_ENDPOINT,
  });
}
