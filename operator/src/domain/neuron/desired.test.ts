import { describe, expect, test } from 'vitest';
import type { Manifest } from '../manifest.ts';
import { keyJobObjects } from '../objects/key-job.ts';
import { desiredNeuron } from './desired.ts';
import type { Neuron, NeuronSpec, NeuronTemplate } from './neuron.ts';

const serves = [
  {
    mechanismId: 0,
    model: {
      format: 'Onnx',
      sha256: 'a'.repeat(64),
      source: { type: 'ConfigMap', configMap: { name: 'models', key: 'garch.onnx' } },
    },
  },
] as const;

function neuron(
  kind: Neuron['kind'],
  spec: Partial<NeuronSpec> = {},
  annotations: Record<string, string> = {},
): Neuron {
  return {
    apiVersion: 'subnetes.io/v1alpha1',
    kind,
    metadata: { name: 'garch', namespace: 'finance', uid: 'u-1', generation: 1, annotations },
    spec: {
      subnetRef: { name: 'sp500' },
      mandateRef: { name: 'quant-a' },
      ...(kind === 'Miner' ? { serves, replicas: 2 } : {}),
      ...spec,
    },
    status: {},
  };
}

const COLLECTOR = 'http://otel-collector.monitoring:4318';

function desired(
  of: Neuron,
  template: NeuronTemplate = {},
  { caPem = 'PEM', otlpEndpoint }: { caPem?: string; otlpEndpoint?: string } = {},
): readonly Manifest[] {
  return desiredNeuron({
    neuron: of,
    template,
    settings: {
      minerImage: 'registry/miner:1',
      validatorImage: 'registry/validator:1',
      pullPolicy: 'IfNotPresent',
      logLevel: 'info',
      otlpEndpoint,
    },
    system: { namespace: 'subnetes-system' },
    configuration: {
      networkId: 'ab'.repeat(32),
      registrationId: 'cd'.repeat(32),
      netuid: 1,
      ledgerUrl: 'ledger:9443',
      scoringUrl: 'scoring:9443',
      gatewayPublicKeys: [],
      caPem,
    },
    digest: (value) => `digest of ${JSON.stringify(value).length}`,
  });
}

interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly resources: { readonly requests: Record<string, string>; readonly limits: Record<string, string> };
}
interface Template {
  readonly metadata: { readonly annotations: Record<string, string> };
  readonly spec: { readonly containers: readonly Container[]; readonly [field: string]: unknown };
}

function templateOf(manifests: readonly Manifest[]): Template {
  const workload = manifests.at(-1)?.['spec'] as { template: Template };
  return workload.template;
}

const containerOf = (manifests: readonly Manifest[]): Container => templateOf(manifests).spec.containers[0]!;
const kinds = (manifests: readonly Manifest[]): string[] => manifests.map(({ kind }) => kind);

test('every child is owned, labelled and in the namespace of its neuron', () => {
  const jobInput = {
    neuron: neuron('Miner'),
    image: 'registry/operator:1',
    pullPolicy: 'IfNotPresent',
    terms: { networkId: 'ab'.repeat(32), owner: '5F', sequence: 1 },
    termsSha256: '0123456789',
    expiresAtBlock: 50_000,
  };
  for (const { metadata } of [
    ...desired(neuron('Miner')),
    ...desired(neuron('Validator')),
    ...keyJobObjects(jobInput),
  ]) {
    expect(metadata.namespace).toBe('finance');
    expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'subnetes-operator' });
    expect(metadata.ownerReferences).toMatchObject([{ uid: 'u-1', controller: true }]);
  }
});

test('building twice gives the same objects', () => {
  expect(desired(neuron('Miner'))).toEqual(desired(neuron('Miner')));
});

test('a miner is a Deployment, a validator a StatefulSet; both come last', () => {
  expect(kinds(desired(neuron('Miner')))).toEqual([
    'ConfigMap',
    'Service',
    'NetworkPolicy',
    'PodDisruptionBudget',
    'Deployment',
  ]);
  expect(kinds(desired(neuron('Validator'))).at(-1)).toBe('StatefulSet');
});

describe('the pod', () => {
  test('is told where its model is and what it must hash to', () => {
    const env = Object.fromEntries(containerOf(desired(neuron('Miner'))).env.map(({ name, value }) => [name, value]));
    expect(JSON.parse(env['MODELS'] ?? '')).toEqual([
      { mechanismId: 0, format: 'Onnx', file: '/var/run/subnetes/models/0/model', sha256: 'a'.repeat(64) },
    ]);
    expect(env['NEURON_FILE']).toBe('/etc/subnetes/neuron.json');
  });

  test('carries no secret in its environment and no token of the cluster', () => {
    for (const kind of ['Miner', 'Validator'] as const) {
      const { spec } = templateOf(desired(neuron(kind)));
      expect(spec['automountServiceAccountToken']).toBe(false);
      expect(JSON.stringify(spec)).not.toContain('secretKeyRef');
    }
  });

  test.for([
    { name: 'the fallback', own: {}, template: {}, memory: '128Mi' },
    { name: 'the template', own: {}, template: { resources: { requests: { memory: '200Mi' } } }, memory: '200Mi' },
    {
      name: 'its own',
      own: { resources: { requests: { memory: '300Mi' } } },
      template: { resources: { requests: { memory: '200Mi' } } },
      memory: '300Mi',
    },
  ])('takes $name for its memory', ({ own, template, memory }) => {
    const of = neuron('Miner', { runtime: { type: 'Managed', managed: own } });
    expect(containerOf(desired(of, template)).resources.requests['memory']).toBe(memory);
  });

  test('runs another image when one is pinned', () => {
    const image = `registry/other@sha256:${'b'.repeat(64)}`;
    const of = neuron('Miner', { runtime: { type: 'Managed', managed: { image } } });
    expect(containerOf(desired(of)).image).toBe(image);
  });

  test('is rolled when its configuration or its trust changes', () => {
    const annotation = (manifests: readonly Manifest[]): unknown => templateOf(manifests).metadata.annotations;
    expect(annotation(desired(neuron('Miner'), {}, { caPem: 'another PEM' }))).not.toEqual(
      annotation(desired(neuron('Miner'))),
    );
  });

  test('hears of a drill only where an annotation names one', () => {
    const drilled = containerOf(desired(neuron('Validator', {}, { 'subnetes.io/drill': 'invert-scores' })));
    expect(drilled.env).toContainEqual({ name: 'DRILL', value: 'invert-scores' });
    expect(containerOf(desired(neuron('Validator'))).env.map(({ name }) => name)).not.toContain('DRILL');
  });

  test.for(['Miner', 'Validator'] as const)('of a %s sends traces only where there is a collector', (kind) => {
    const name = 'OTEL_EXPORTER_OTLP_ENDPOINT';
    const traced = containerOf(desired(neuron(kind), {}, { otlpEndpoint: COLLECTOR }));
    expect(traced.env).toContainEqual({ name, value: COLLECTOR });
    expect(containerOf(desired(neuron(kind))).env.map((variable) => variable.name)).not.toContain(name);
  });
});

describe('the network policy', () => {
  const specOf = (kind: Neuron['kind'], otlpEndpoint?: string) =>
    desired(neuron(kind), {}, otlpEndpoint === undefined ? {} : { otlpEndpoint }).find(
      (one) => one.kind === 'NetworkPolicy',
    )?.['spec'] as {
      readonly ingress: readonly { readonly from?: readonly object[]; readonly ports: readonly { port: number }[] }[];
      readonly egress: readonly { readonly to?: readonly object[]; readonly ports: readonly { port: number }[] }[];
    };

  test.for(['Miner', 'Validator'] as const)('of a %s lets in Prometheus alone to read its metrics', (kind) => {
    const toMetrics = specOf(kind).ingress.filter(({ ports }) => ports.some(({ port }) => port === 9464));
    expect(toMetrics).toEqual([
      {
        from: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'subnetes-system' } },
            podSelector: {
              matchLabels: { 'app.kubernetes.io/name': 'subnetes', 'app.kubernetes.io/component': 'prometheus' },
            },
          },
        ],
        ports: [{ port: 9464, protocol: 'TCP' }],
      },
    ]);
  });

  test.for([
    { otlpEndpoint: COLLECTOR, port: 4318 },
    { otlpEndpoint: 'https://collector.example', port: 443 },
    { otlpEndpoint: 'http://collector.example/', port: 80 },
  ])('lets out traces for $otlpEndpoint by port $port', ({ otlpEndpoint, port }) => {
    for (const kind of ['Miner', 'Validator'] as const) {
      const [without, with_] = [specOf(kind), specOf(kind, otlpEndpoint)];
      expect(with_.egress).toEqual([...without.egress, { ports: [{ port, protocol: 'TCP' }] }]);
      expect(with_.ingress).toEqual(without.ingress);
    }
  });
});
