import { z } from 'zod';
import { logLevel, parseEnvironment } from '@subnetes/runtime/config';
import type { Environment } from '@subnetes/runtime/config';

const schema = z.object({
  NAMESPACE: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'write the namespace that the Secrets belong in'),
  KUBERNETES_SERVICE_HOST: z.string().min(1),
  KUBERNETES_SERVICE_PORT: z
    .string()
    .regex(/^[0-9]+$/)
    .default('443'),
  LOG_LEVEL: logLevel,
});

/** @throws ConfigError that names the variable. */
export function readConfig(environment: Environment) {
  const parsed = parseEnvironment(schema, environment);
  return Object.freeze({
    namespace: parsed.NAMESPACE,
    kubernetes: { host: parsed.KUBERNETES_SERVICE_HOST, port: parsed.KUBERNETES_SERVICE_PORT },
    logLevel: parsed.LOG_LEVEL,
  });
}
