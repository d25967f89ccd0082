import type { Manifest } from '../manifest.ts';
import { controllerReference } from '../manifest.ts';
import type { Neuron, NeuronTemplate, Serves } from '../neuron/neuron.ts';
import { hotkeySecretName } from '../neuron/neuron.ts';
import { objectLabels, partOf, selectorLabels } from './labels.ts';
import {
  CONTAINER_SECURITY,
  HEALTH_PORT,
  NEURON_PORT,
  POD_SECURITY,
  PROBES,
  resourcesOf,
  spreadConstraints,
  TMP_MOUNT,
  TMP_VOLUME,
} from './pod.ts';

/** What the installation decides about the pods of neurons. */
export interface PodSettings {
  readonly minerImage: string;
  readonly validatorImage: string;
  readonly pullPolicy: string;
  readonly logLevel: string;
  /** StorageClass of validators' volumes; absent: the cluster's default. */
  readonly storageClass?: string | undefined;
  /** OTLP/HTTP endpoint for traces; absent: none are recorded. */
  readonly otlpEndpoint?: string | undefined;
}

export interface WorkloadInput {
  readonly neuron: Neuron;
  /** Of the Subnet, for neurons of its own namespace. */
  readonly template: NeuronTemplate;
  readonly settings: PodSettings;
  /** Hash of the neuron's configuration: pods are rolled when it changes. */
  readonly configSha256: string;
}

/** Name of the ConfigMap that holds a neuron's configuration. */
export function configMapName(neuron: Neuron): string {
  return `${neuron.metadata.name}-${partOf(neuron)}`;
}

const CONFIG_DIR = '/etc/subnetes';
const HOTKEY_DIR = '/var/run/subnetes/hotkey';
const MODELS_DIR = '/var/run/subnetes/models';
const MODEL_FILE = 'model';
const STATE_DIR = '/var/lib/subnetes';
export const NEURON_FILE = `${CONFIG_DIR}/neuron.json`;
export const CA_FILE = `${CONFIG_DIR}/ca.crt`;
export const HOTKEY_FILE = `${HOTKEY_DIR}/hotkey.json`;
/** Annotation of a resource that a drill (an attack as a test) hands to its process. */
export const DRILL_ANNOTATION = 'subnetes.io/drill';

const MINER_RESOURCES = { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } };
const VALIDATOR_RESOURCES = { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } };

/** A miner's pods: stateless, so a Deployment that adds before it takes away. */
export function minerDeployment(input: WorkloadInput): Manifest {
  const { neuron } = input;
  const labels = selectorLabels(neuron);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(neuron),
    spec: {
      replicas: neuron.spec.replicas ?? 1,
      revisionHistoryLimit: 2,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: podTemplate(input, { env: minerEnv(neuron), ...modelVolumes(neuron), resources: MINER_RESOURCES }),
    },
  };
}

/** A validator's pod: its weights and salts outlive it on a small volume. */
export function validatorStatefulSet(input: WorkloadInput): Manifest {
  const { neuron, settings } = input;
  const labels = selectorLabels(neuron);
  const { sampleSize, auditOneIn } = neuron.spec.evaluation ?? {};
  const env = [
    { name: 'STATE_DIR', value: STATE_DIR },
    ...(sampleSize === undefined ? [] : [{ name: 'SAMPLE_SIZE', value: String(sampleSize) }]),
    ...(auditOneIn === undefined ? [] : [{ name: 'AUDIT_ONE_IN', value: String(auditOneIn) }]),
  ];
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metadata(neuron),
    spec: {
      replicas: 1,
      revisionHistoryLimit: 2,
      serviceName: neuron.metadata.name,
      selector: { matchLabels: labels },
      template: podTemplate(input, {
        env,
        volumes: [],
        mounts: [{ name: 'state', mountPath: STATE_DIR }],
        resources: VALIDATOR_RESOURCES,
      }),
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          // local-path-provisioner makes a volume that honours fsGroup only where the claim asks for it.
          metadata: { name: 'state', annotations: { volumeType: 'local' } },
          spec: {
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: '64Mi' } },
            ...(settings.storageClass === undefined ? {} : { storageClassName: settings.storageClass }),
          },
        },
      ],
    },
  };
}

function metadata(neuron: Neuron): Manifest['metadata'] {
  const { name, namespace } = neuron.metadata;
  return { name, namespace, labels: objectLabels(neuron), ownerReferences: [controllerReference(neuron)] };
}

interface ContainerParts {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly volumes: readonly object[];
  readonly mounts: readonly object[];
  readonly resources: { readonly requests: Record<string, string>; readonly limits: Record<string, string> };
}

function podTemplate(input: WorkloadInput, parts: ContainerParts): object {
  const { neuron, template, settings, configSha256 } = input;
  const part = partOf(neuron);
  const managed = neuron.spec.runtime?.managed;
  const drill = neuron.metadata.annotations?.[DRILL_ANNOTATION];
  const image = managed?.image ?? (neuron.kind === 'Miner' ? settings.minerImage : settings.validatorImage);
  const spread = spreadConstraints(managed?.placement ?? template.placement, selectorLabels(neuron));
  return {
    metadata: { labels: objectLabels(neuron), annotations: { 'subnetes.io/config-sha256': configSha256 } },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 30,
      securityContext: POD_SECURITY,
      ...(spread.length === 0 ? {} : { topologySpreadConstraints: spread }),
      containers: [
        {
          name: part,
          image,
          imagePullPolicy: settings.pullPolicy,
          env: [
            { name: 'NEURON_FILE', value: NEURON_FILE },
            { name: 'LOG_LEVEL', value: settings.logLevel },
            // A small young generation, one arena, and the collector at hand for idle moments: a neuron idles most of the
            // time, and there are many of them. A bounded heap also grows by smaller steps: without a bound V8 lets it
            // double and more before it looks for garbage.
            { name: 'NODE_OPTIONS', value: '--max-semi-space-size=1 --max-old-space-size=256 --expose-gc' },
            { name: 'MALLOC_ARENA_MAX', value: '1' },
            // ONNX Runtime would send usage figures to its maker.
            { name: 'ORT_DISABLE_TELEMETRY', value: '1' },
            ...(settings.otlpEndpoint === undefined
              ? []
              : [{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: settings.otlpEndpoint }]),
            ...parts.env,
            ...(drill === undefined ? [] : [{ name: 'DRILL', value: drill }]),
          ],
          ports: [
            ...(neuron.kind === 'Miner' ? [{ name: 'neuron', containerPort: NEURON_PORT }] : []),
            { name: 'health', containerPort: HEALTH_PORT },
          ],
          resources: resourcesOf(managed?.resources, template.resources, parts.resources),
          securityContext: CONTAINER_SECURITY,
          terminationMessagePolicy: 'FallbackToLogsOnError',
          ...PROBES,
          volumeMounts: [
            { name: 'config', mountPath: CONFIG_DIR, readOnly: true },
            { name: 'hotkey', mountPath: HOTKEY_DIR, readOnly: true },
            TMP_MOUNT,
            ...parts.mounts,
          ],
        },
      ],
      volumes: [
        { name: 'config', configMap: { name: configMapName(neuron) } },
        { name: 'hotkey', secret: { secretName: hotkeySecretName(neuron), defaultMode: 0o440 } },
        TMP_VOLUME,
        ...parts.volumes,
      ],
    },
  };
}

/** Where the pod of a miner finds the model of a mechanism. */
export function modelFile(serves: Serves): string {
  return `${MODELS_DIR}/${serves.mechanismId}/${MODEL_FILE}`;
}

function minerEnv(neuron: Neuron): ContainerParts['env'] {
  const models = (neuron.spec.serves ?? []).map((serves) => ({
    mechanismId: serves.mechanismId,
    format: serves.model.format,
    file: modelFile(serves),
    sha256: serves.model.sha256,
  }));
  return [
    { name: 'MODELS', value: JSON.stringify(models) },
    ...(neuron.spec.capacity === undefined
      ? []
      : [{ name: 'MAX_IN_FLIGHT', value: String(neuron.spec.capacity.maxInFlight) }]),
  ];
}

function modelVolumes(neuron: Neuron): Pick<ContainerParts, 'volumes' | 'mounts'> {
  const sources = (neuron.spec.serves ?? []).flatMap((serves) => {
    const configMap = serves.model.source.configMap;
    return configMap === undefined ? [] : [{ id: serves.mechanismId, configMap }];
  });
  return {
    volumes: sources.map(({ id, configMap }) => ({
      name: `model-${id}`,
      configMap: { name: configMap.name, items: [{ key: configMap.key, path: MODEL_FILE }] },
    })),
    mounts: sources.map(({ id }) => ({ name: `model-${id}`, mountPath: `${MODELS_DIR}/${id}`, readOnly: true })),
  };
}
