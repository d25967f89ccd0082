import { readFile } from 'node:fs/promises';
import { customResourceDefinition, KINDS } from '@subnetes/crd/custom-resource-definition';
import { GROUP, VERSION } from '@subnetes/crd/kind-definition';
import { isNotFound } from '@subnetes/kube/errors';
import { NO_METRICS, type KubeLog } from '@subnetes/kube/metrics';
import * as resources from '@subnetes/kube/resource';
import { collectionPath, objectPath, type KubeObject, type Resource } from '@subnetes/kube/resource';
import { openTransport, type KubeRequest, type Transport } from '@subnetes/kube/transport';
import { startKube, type TestKube } from '@subnetes/testkit/kube';
import { vi } from 'vitest';
import { parse } from 'yaml';
import type { StoredCondition } from '#domain/neuron/neuron.ts';
import { startOperator, type Operator } from '#adapters/start-operator.ts';
import type { MemoryLedger } from './memory-ledger.ts';

const RBAC = 'rbac.authorization.k8s.io';
const OPERATOR_USER = 'operator';

/** Every kind that the tests touch, by name. */
const BUILT_IN: ReadonlyMap<string, Resource> = new Map(
  Object.values(resources)
    .filter((value): value is Resource => typeof value === 'object' && 'plural' in value)
    .map((resource) => [resource.kind, resource]),
);

export function resourceOfKind(kind: string): Resource {
  const builtIn = BUILT_IN.get(kind);
  if (builtIn !== undefined) return builtIn;
  const own = KINDS.find((definition) => definition.kind === kind);
  if (own !== undefined) {
    return { group: GROUP, version: VERSION, kind, plural: own.plural, namespaced: own.scope === 'Namespaced' };
  }
  throw new Error(`the tests know no kind ${kind}`);
}

/** Any object with what the tests look at. */
export interface Found extends KubeObject {
  readonly spec: Record<string, unknown>;
  readonly data?: Record<string, string>;
  readonly status?: { readonly conditions?: readonly StoredCondition[]; readonly [field: string]: unknown };
}

export class TestCluster implements AsyncDisposable {
  readonly kube: TestKube;
  readonly admin: Transport;

  constructor(kube: TestKube) {
    this.kube = kube;
    this.admin = openTransport({ ...transportDefaults, connection: connection(kube, kube.admin) });
  }

  async apply(object: object, dryRun = false): Promise<Found> {
    const manifest = object as Found;
    const { body } = await this.admin.request({
      method: 'PATCH',
      path: objectPath(resourceOfKind(manifest.kind), manifest.metadata),
      query: { fieldManager: 'test', force: 'true', ...(dryRun ? { dryRun: 'All' } : {}) },
      contentType: 'application/apply-patch+yaml',
      body: object,
    });
    return body as Found;
  }

  async create(object: object): Promise<Found> {
    const manifest = object as Found;
    const path = collectionPath(resourceOfKind(manifest.kind), manifest.metadata.namespace);
    return (await this.admin.request({ method: 'POST', path, body: object })).body as Found;
  }

  async get(kind: string, namespace: string | undefined, name: string): Promise<Found | undefined> {
    try {
      const path = objectPath(resourceOfKind(kind), { namespace, name });
      return (await this.admin.request({ method: 'GET', path })).body as Found;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async list(kind: string, namespace: string): Promise<readonly Found[]> {
    const { body } = await this.admin.request({ method: 'GET', path: collectionPath(resourceOfKind(kind), namespace) });
    return (body as { items: Found[] }).items;
  }

  async remove(kind: string, namespace: string, name: string): Promise<void> {
    await this.admin.request({ method: 'DELETE', path: objectPath(resourceOfKind(kind), { namespace, name }) });
  }

  async patch(kind: string, namespace: string, name: string, patch: object): Promise<void> {
    await this.#merge(objectPath(resourceOfKind(kind), { namespace, name }), patch);
  }

  async patchStatus(kind: string, namespace: string, name: string, status: object): Promise<void> {
    await this.#merge(objectPath(resourceOfKind(kind), { namespace, name }, 'status'), { status });
  }

  async #merge(path: string, body: object): Promise<void> {
    await this.admin.request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body });
  }

  /** A namespace in which pods have to keep to Pod Security "restricted". */
  async namespace(name: string): Promise<string> {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await this.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    return name;
  }

  /** Waits until the object is there and `check` does not throw. */
  async eventually(kind: string, namespace: string, name: string, check: (found: Found) => void): Promise<Found> {
    return await vi.waitFor(
      async () => {
        const found = await this.get(kind, namespace, name);
        if (found === undefined) throw new Error(`there is no ${kind} ${namespace}/${name}`);
        check(found);
        return found;
      },
      { timeout: 60_000, interval: 50 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.admin[Symbol.asyncDispose]();
    await this.kube[Symbol.asyncDispose]();
  }
}

const transportDefaults = { metrics: NO_METRICS, random: Math.random, userAgent: 'test' };

function connection(kube: TestKube, client: TestKube['admin']) {
  const tls = { ca: kube.caPem, cert: client.certificatePem, key: client.keyPem };
  return { server: kube.baseUrl, tls, token: async () => undefined };
}

/** A cluster with our CRDs, and a user `operator` with the rights that the chart gives and no other. */
export async function openCluster(): Promise<TestCluster> {
  const cluster = new TestCluster(await startKube());
  const crds = {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: '',
    plural: 'customresourcedefinitions',
    namespaced: false,
  };
  for (const crd of KINDS.map(customResourceDefinition)) {
    await cluster.admin.request({ method: 'POST', path: collectionPath(crds), body: crd });
  }
  for (const { kind } of KINDS) {
    const path = collectionPath(resourceOfKind(kind));
    await vi.waitFor(async () => await cluster.admin.request({ method: 'GET', path }), { timeout: 60_000 });
  }
  const file = new URL('../../charts/subnetes/templates/operator/clusterrole.yaml', import.meta.url);
  const text = (await readFile(file, 'utf8')).split('\n').filter((line) => !line.includes('{{'));
  const { rules } = parse(text.join('\n')) as { rules: object[] };
  const scoped = (kind: string, plural: string) => ({ group: RBAC, version: 'v1', kind, plural, namespaced: false });
  const make = async (resource: Resource, body: object): Promise<unknown> =>
    await cluster.admin.request({
      method: 'POST',
      path: collectionPath(resource),
      body: { apiVersion: `${RBAC}/v1`, kind: resource.kind, metadata: { name: OPERATOR_USER }, ...body },
    });
  await make(scoped('ClusterRole', 'clusterroles'), { rules });
  await make(scoped('ClusterRoleBinding', 'clusterrolebindings'), {
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: OPERATOR_USER },
    subjects: [{ kind: 'User', name: OPERATOR_USER, apiGroup: RBAC }],
  });
  return cluster;
}

export interface RunningOperator extends AsyncDisposable {
  readonly operator: Operator;
  /** Requests that changed something, or meant to. */
  readonly writes: KubeRequest[];
  /** What it logged as an error. */
  readonly errors: object[];
}

/**
 * Starts the operator under its own user, with its writes counted.
 *
 * @param writesMax after so many writes none gets through any more: from outside the process has died there
 */
export async function runOperator(
  cluster: TestCluster,
  ledger: MemoryLedger,
  writesMax = Number.POSITIVE_INFINITY,
): Promise<RunningOperator> {
  const client = await cluster.kube.issueClient(OPERATOR_USER);
  const inner = openTransport({ ...transportDefaults, connection: connection(cluster.kube, client) });
  const writes: KubeRequest[] = [];
  const errors: object[] = [];
  const transport: Transport = {
    async request(request) {
      if (request.method !== 'GET') {
        if (writes.length >= writesMax) throw new Error('the process has died');
        writes.push(request);
      }
      return await inner.request(request);
    },
    watch: (path, query, signal) => inner.watch(path, query, signal),
    [Symbol.asyncDispose]: async () => await inner[Symbol.asyncDispose](),
  };
  const quiet = (): void => undefined;
  const log: KubeLog = { debug: quiet, info: quiet, warn: quiet, error: (fields) => errors.push(fields) };
  const operator = await startOperator(
    {
      transport,
      ledger,
      scoring: ledger.scoring,
      proposals: ledger,
      openMarket: ledger.openMarket,
      settings: {
        pods: {
          minerImage: 'localhost/subnetes/miner:test',
          validatorImage: 'localhost/subnetes/validator:test',
          pullPolicy: 'IfNotPresent',
          logLevel: 'info',
        },
        system: { namespace: 'subnetes-system' },
        keyJobImage: 'localhost/subnetes/operator:test',
        ledgerUrl: 'ledger.subnetes-system.svc:9443',
        scoringUrl: 'scoring.subnetes-system.svc:9443',
        trust: () => ({ caPem: 'PEM', gatewayPublicKeys: ['aa'.repeat(32)] }),
      },
      metrics: NO_METRICS,
      log,
      instance: 'test',
      nowMs: () => Date.now(),
      random: Math.random,
    },
    AbortSignal.timeout(120_000),
  );
  return {
    operator,
    writes,
    errors,
    async [Symbol.asyncDispose]() {
      await operator[Symbol.asyncDispose]();
      await transport[Symbol.asyncDispose]();
    },
  };
}

export function condition(
  found: Found,
  type: string,
): Pick<StoredCondition, 'status' | 'reason' | 'message'> | undefined {
  return found.status?.conditions?.find((item) => item.type === type);
}
