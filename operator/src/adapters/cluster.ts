import type { Applier, Followed } from '@subnetes/kube/apply';
import { isNotFound, isRefusal } from '@subnetes/kube/errors';
import type { EventRecorder } from '@subnetes/kube/events';
import { prune } from '@subnetes/kube/prune';
import { apiVersionOf, CONFIG_MAPS, keyOf, objectPath, type KubeObject } from '@subnetes/kube/resource';
import type { StatusWriter } from '@subnetes/kube/status';
import type { Transport } from '@subnetes/kube/transport';
import { FINALIZER } from '#application/deregister-neuron.ts';
import { DISSOLVE_FINALIZER } from '#application/dissolve-subnet.ts';
import type { Applied, ClusterPort, FileRef, NetworkObject, Reported } from '#application/ports.ts';
import type { Manifest } from '#domain/manifest.ts';
import { podIndexKey, selectorLabels } from '#domain/objects/labels.ts';
import type { Neuron } from '#domain/neuron/neuron.ts';
import type { Subnet } from '#domain/subnet/subnet.ts';
import { functionFact, keyFact, mandateFact, modelFact, podsFact } from './cluster-facts.ts';
import { type ConfigMap, contentOf } from './cluster-objects.ts';
import type { ClusterInformers, StoredNeuron, StoredSubnet } from './cluster-informers.ts';

export const FIELD_MANAGER = 'subnetes-operator';
export const NETWORK_NAME = 'default';

export interface ClusterOptions {
  readonly transport: Transport;
  readonly informers: ClusterInformers;
  readonly applier: Applier;
  readonly statuses: StatusWriter;
  readonly events: EventRecorder;
  readonly clusterId: string;
}

/** The cluster as the use cases see it: reads from the stores, writes by server-side apply. */
export function openCluster(options: ClusterOptions): ClusterPort {
  const { informers } = options;
  const { namespaces, configMaps, jobs, pods } = informers;
  return {
    clusterId: options.clusterId,
    subnet: (key) => subnetOf(informers.subnets.store.get(key)),
    neuron: (kind, key) => neuronOf(kind, neuronsOf(informers, kind).store.get(key)),
    network: () => networkOf(informers),
    namespaceLabels: (name) => namespaces.store.get(name)?.metadata.labels ?? {},
    mandate: (namespace, name) => mandateFact(name, configMaps.store.get(`${namespace}/${name}`)),
    functionFile: (namespace, ref, sha256) =>
      functionFact(ref, sha256, configMaps.store.get(`${namespace}/${ref.name}`)),
    readFile: async (namespace, ref, signal) => await readFile(options.transport, { namespace, ref }, signal),
    model: (namespace, serves) => modelFact(serves, (name) => configMaps.store.get(`${namespace}/${name}`)),
    key(neuron, jobName) {
      const job = jobs.store.get(`${neuron.metadata.namespace}/${jobName}`);
      return keyFact(job, pods.store.byIndex('owner', job?.metadata.uid ?? ''));
    },
    pods(neuron) {
      const { namespace, name } = neuron.metadata;
      const workloads = neuron.kind === 'Miner' ? informers.deployments : informers.statefulSets;
      const own = pods.store.byIndex('neuron', podIndexKey(namespace, selectorLabels(neuron)));
      return podsFact(neuron, workloads.store.get(`${namespace}/${name}`), own);
    },
    apply: async (manifest, signal) => await applyManifest(options, manifest, signal),
    async prune(ownerUid, keep, signal) {
      const followed = [...informers.children.values()];
      const kept = keep.map((manifest) => ({
        resource: childKind(informers, manifest.kind).resource,
        object: manifest as unknown as KubeObject,
      }));
      await prune({ transport: options.transport, followed, ownerUid, keep: kept, signal });
    },
    async ensureNetwork(signal) {
      if (informers.networks.store.get(NETWORK_NAME) !== undefined) return;
      const { resource } = informers.networks;
      const object = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name: NETWORK_NAME } };
      await options.applier.apply(informers.networks, object, signal);
    },
    setFinalizer: async (object, present, signal) => await writeFinalizer(options, { object, present }, signal),
    async writeStatus(object, status, signal) {
      const followed = reportedKind(informers, object);
      return await options.statuses.write({ followed, object: object as KubeObject, status, signal });
    },
    record(object, note) {
      const { resource } = reportedKind(informers, object);
      options.events.record({ resource, object: object as KubeObject }, { ...note, action: 'Reconcile' });
    },
  };
}

function neuronsOf(informers: ClusterInformers, kind: Neuron['kind']): ClusterInformers['miners'] {
  return kind === 'Miner' ? informers.miners : informers.validators;
}

function subnetOf(stored: StoredSubnet | undefined): Subnet | undefined {
  return stored === undefined ? undefined : ({ ...stored, status: stored.status ?? {} } as Subnet);
}

/** A stored Miner or Validator with its kind, and with an empty status before the first. */
export function neuronOf(kind: Neuron['kind'], stored: StoredNeuron | undefined): Neuron | undefined {
  return stored === undefined ? undefined : ({ ...stored, kind, status: stored.status ?? {} } as Neuron);
}

function networkOf(informers: ClusterInformers): NetworkObject | undefined {
  const stored = informers.networks.store.get(NETWORK_NAME);
  return stored === undefined ? undefined : ({ ...stored, status: stored.status ?? {} } as NetworkObject);
}

function reportedKind(informers: ClusterInformers, object: Reported): Followed {
  switch (object.kind) {
    case 'Subnet':
      return informers.subnets as unknown as Followed;
    case 'Network':
      return informers.networks as unknown as Followed;
    case 'Miner':
    case 'Validator':
      return neuronsOf(informers, object.kind) as unknown as Followed;
  }
}

async function readFile(
  transport: Transport,
  { namespace, ref }: { readonly namespace: string; readonly ref: FileRef },
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  try {
    const path = objectPath(CONFIG_MAPS, { namespace, name: ref.name });
    const { body } = await transport.request({ method: 'GET', path, signal });
    return contentOf(body as ConfigMap, ref.key);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function childKind(informers: ClusterInformers, kind: string): Followed {
  const followed = informers.children.get(kind);
  if (followed === undefined) throw new Error(`${kind} is no kind of child that is followed`);
  return followed;
}

async function applyManifest(options: ClusterOptions, manifest: Manifest, signal: AbortSignal): Promise<Applied> {
  const followed = childKind(options.informers, manifest.kind);
  const observed = followed.store.get(keyOf(manifest));
  const ownerUid = manifest.metadata.ownerReferences?.[0]?.uid;
  const foreign = observed !== undefined && !isOwnedBy(observed, ownerUid);
  if (foreign) {
    return { kind: 'refused', message: 'an object of this name belongs to another; choose another name' };
  }
  // A Job's template cannot be changed, and one whose terms changed has another name.
  if (manifest.kind === 'Job' && observed !== undefined) return { kind: 'applied' };
  try {
    await options.applier.apply(followed, manifest as unknown as KubeObject, signal);
    return { kind: 'applied' };
  } catch (error) {
    if (isRefusal(error)) return { kind: 'refused', message: error.message };
    throw error;
  }
}

function isOwnedBy(object: KubeObject, ownerUid: string | undefined): boolean {
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
  // One whose reference somebody stripped is taken back.
  return owner === undefined || owner.uid === ownerUid;
}

async function writeFinalizer(
  options: ClusterOptions,
  wanted: { object: Neuron | Subnet; present: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { object, present } = wanted;
  const { resource, store } = reportedKind(options.informers, object);
  const { name, namespace, uid } = object.metadata;
  const finalizer = object.kind === 'Subnet' ? DISSOLVE_FINALIZER : FINALIZER;
  const { body } = await options.transport.request({
    method: 'PATCH',
    path: objectPath(resource, object.metadata),
    query: { fieldManager: `${FIELD_MANAGER}-finalizer`, force: 'true' },
    contentType: 'application/apply-patch+yaml',
    body: {
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      metadata: { name, namespace, uid, ...(present ? { finalizers: [finalizer] } : {}) },
    },
    signal,
  });
  store.put(body as KubeObject);
}
