import type { NeuronTemplate, Resources } from '../neuron/neuron.ts';

export const NONROOT_UID = 65_532;
export const NEURON_PORT = 8443;
export const HEALTH_PORT = 9464;

/** Settings that Pod Security "restricted" asks of a pod. */
export const POD_SECURITY = {
  runAsNonRoot: true,
  runAsUser: NONROOT_UID,
  runAsGroup: NONROOT_UID,
  fsGroup: NONROOT_UID,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/** Settings that Pod Security "restricted" asks of a container. */
export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;

/** Same probes for every process of ours: the health port tells. */
export const PROBES = {
  startupProbe: { httpGet: { path: '/healthz', port: 'health' }, periodSeconds: 1, failureThreshold: 120 },
  readinessProbe: { httpGet: { path: '/readyz', port: 'health' }, periodSeconds: 2, failureThreshold: 3 },
  livenessProbe: { httpGet: { path: '/healthz', port: 'health' }, periodSeconds: 10, failureThreshold: 6 },
} as const;

export const TMP_VOLUME = { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } } as const;
export const TMP_MOUNT = { name: 'tmp', mountPath: '/tmp' } as const;

/** Resources of a container: the neuron's own before the template's before the fallback, value by value. */
export function resourcesOf(
  own: Resources | undefined,
  template: Resources | undefined,
  fallback: { readonly requests: Record<string, string>; readonly limits: Record<string, string> },
): Resources {
  return {
    requests: { ...fallback.requests, ...template?.requests, ...own?.requests },
    limits: { ...fallback.limits, ...template?.limits, ...own?.limits },
  };
}

/** Spread over zones or nodes as far as there are several; a single one takes all. */
export function spreadConstraints(
  placement: NeuronTemplate['placement'] | undefined,
  matchLabels: Readonly<Record<string, string>>,
): readonly object[] {
  if (placement?.spreadOver === undefined) return [];
  const topologyKey = placement.spreadOver === 'Zone' ? 'topology.kubernetes.io/zone' : 'kubernetes.io/hostname';
  return [{ maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels } }];
}
