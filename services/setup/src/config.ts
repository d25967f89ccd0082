import { z } from 'zod';

const environmentSchema = z.object({
  NAMESPACE: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/),
  KUBERNETES_SERVICE_HOST: z.string().min(1),
  KUBERNETES_SERVICE_PORT: z
    .string()
    .regex(/^[0-9]+$/)
    .default('443'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export interface SetupConfig {
  readonly namespace: string;
  readonly kubernetes: { readonly host: string; readonly port: string };
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** Throws a ZodError that names the variable. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): SetupConfig {
  const parsed = environmentSchema.parse(environment);
  return Object.freeze({
    namespace: parsed.NAMESPACE,
    kubernetes: { host: parsed.KUBERNETES_SERVICE_HOST, port: parsed.KUBERNETES_SERVICE_PORT },
    logLevel: parsed.LOG_LEVEL,
  });
}
