import { filePath, parseEnvironment, type Environment } from '@subnetes/runtime/config';
import { z } from 'zod';

const environmentSchema = z.object({
  NETWORK_ID: z.string().regex(/^[0-9a-f]{64}$/),
  OWNER: z.string().min(46).max(120),
  SEQUENCE: z.coerce.bigint().min(1n),
  EXPIRES_AT_BLOCK: z.coerce.bigint().min(1n),
  NAMESPACE: z.string().min(1).max(63),
  SECRET_NAME: z.string().min(1).max(253),
  HOTKEY_FILE: filePath,
  TERMINATION_FILE: filePath.default('/dev/termination-log'),
  KUBERNETES_SERVICE_HOST: z.string().min(1),
  KUBERNETES_SERVICE_PORT: z
    .string()
    .regex(/^[0-9]+$/)
    .default('443'),
});

/** What the operator tells a key job. */
export interface KeyJobConfig {
  readonly networkId: Uint8Array;
  /** SS58 of the coldkey to which the hotkey is bound. */
  readonly owner: string;
  readonly sequence: bigint;
  readonly expiresAtBlock: bigint;
  readonly namespace: string;
  readonly secretName: string;
  /** Where the Secret is mounted if it was there before. */
  readonly hotkeyFile: string;
  readonly terminationFile: string;
  readonly kubernetes: { readonly host: string; readonly port: string };
}

/** @throws ConfigError that names the variable */
export function readKeyJobConfig(environment: Environment): KeyJobConfig {
  const parsed = parseEnvironment(environmentSchema, environment);
  return Object.freeze({
    networkId: Uint8Array.from(Buffer.from(parsed.NETWORK_ID, 'hex')),
    owner: parsed.OWNER,
    sequence: parsed.SEQUENCE,
    expiresAtBlock: parsed.EXPIRES_AT_BLOCK,
    namespace: parsed.NAMESPACE,
    secretName: parsed.SECRET_NAME,
    hotkeyFile: parsed.HOTKEY_FILE,
    terminationFile: parsed.TERMINATION_FILE,
    kubernetes: { host: parsed.KUBERNETES_SERVICE_HOST, port: parsed.KUBERNETES_SERVICE_PORT },
  });
}
