import {
  filePath,
  logLevel,
  parseEnvironment,
  port,
  tlsFilesOf,
  tlsVariables,
  type Environment,
} from '@subnetes/runtime/config';
import type { TlsFiles } from '@subnetes/runtime/tls';
import { z } from 'zod';

const environmentSchema = z.object({
  LOG_LEVEL: logLevel,
  HEALTH_PORT: port.default(9464),
  /** Namespace of ledger, scoring and Prometheus. */
  NAMESPACE: z.string().min(1).max(63).default('subnetes-system'),
  POD_NAME: z.string().min(1).max(253).default('operator'),
  /** `host:port`, also what neurons are told. */
  LEDGER_URL: z.string().min(3).max(253),
  SCORING_URL: z.string().min(3).max(253),
  MINER_IMAGE: z.string().min(1).max(512),
  VALIDATOR_IMAGE: z.string().min(1).max(512),
  KEY_JOB_IMAGE: z.string().min(1).max(512),
  IMAGE_PULL_POLICY: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
  NEURON_LOG_LEVEL: logLevel,
  NEURON_STORAGE_CLASS: z.string().min(1).max(253).optional(),
  /** OTLP/HTTP endpoint that neurons send traces to; absent: they record none. */
  NEURON_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .max(512)
    .refine((text) => !text.includes('@'), 'write no user and no password: the pods of all neurons show it')
    .optional(),
  /** PEM of the authorities that neurons believe. */
  CA_BUNDLE_FILE: filePath,
  /** One hexadecimal ed25519 key a line: how miners know the gateway. */
  GATEWAY_PUBLIC_KEYS_FILE: filePath.optional(),
  ...tlsVariables,
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  /** Outside a cluster; absent: the pod's ServiceAccount. */
  KUBECONFIG: filePath.optional(),
  KUBERNETES_SERVICE_HOST: z.string().min(1).optional(),
  KUBERNETES_SERVICE_PORT: z
    .string()
    .regex(/^[0-9]{1,5}$/)
    .default('443'),
});

export interface OperatorConfig {
  readonly logLevel: z.output<typeof logLevel>;
  readonly healthPort: number;
  readonly namespace: string;
  readonly podName: string;
  readonly ledgerUrl: string;
  readonly scoringUrl: string;
  readonly pods: {
    readonly minerImage: string;
    readonly validatorImage: string;
    readonly pullPolicy: string;
    readonly logLevel: string;
    readonly storageClass: string | undefined;
    readonly otlpEndpoint: string | undefined;
  };
  readonly keyJobImage: string;
  readonly caBundleFile: string;
  readonly gatewayPublicKeysFile: string | undefined;
  /** Absent: plain text, for tests on loopback. */
  readonly tls: TlsFiles | undefined;
  readonly otlpEndpoint: string | undefined;
  readonly kubernetes:
    | { readonly kind: 'kubeconfig'; readonly file: string }
    | { readonly kind: 'inCluster'; readonly host: string; readonly port: string };
}

/** @throws ConfigError that names the variable */
export function readConfig(environment: Environment): OperatorConfig {
  const parsed = parseEnvironment(environmentSchema, environment);
  const kubernetes: OperatorConfig['kubernetes'] =
    parsed.KUBECONFIG === undefined
      ? { kind: 'inCluster', host: parsed.KUBERNETES_SERVICE_HOST ?? '', port: parsed.KUBERNETES_SERVICE_PORT }
      : { kind: 'kubeconfig', file: parsed.KUBECONFIG };
  return Object.freeze({
    logLevel: parsed.LOG_LEVEL,
    healthPort: parsed.HEALTH_PORT,
    namespace: parsed.NAMESPACE,
    podName: parsed.POD_NAME,
    ledgerUrl: parsed.LEDGER_URL,
    scoringUrl: parsed.SCORING_URL,
    pods: {
      minerImage: parsed.MINER_IMAGE,
      validatorImage: parsed.VALIDATOR_IMAGE,
      pullPolicy: parsed.IMAGE_PULL_POLICY,
      logLevel: parsed.NEURON_LOG_LEVEL,
      storageClass: parsed.NEURON_STORAGE_CLASS,
      otlpEndpoint: parsed.NEURON_OTLP_ENDPOINT,
    },
    keyJobImage: parsed.KEY_JOB_IMAGE,
    caBundleFile: parsed.CA_BUNDLE_FILE,
    gatewayPublicKeysFile: parsed.GATEWAY_PUBLIC_KEYS_FILE,
    tls: tlsFilesOf(parsed),
    kubernetes,
    otlpEndpoint: parsed.OTEL_EXPORTER_OTLP_ENDPOINT,
  });
}
