import { minerDefinition } from '@subnetes/crd/miner';
import { networkDefinition } from '@subnetes/crd/network';
import { proposalDefinition } from '@subnetes/crd/proposal';
import { subnetDefinition } from '@subnetes/crd/subnet';
import { validatorDefinition } from '@subnetes/crd/validator';
import { GROUP, VERSION, type KindDefinition } from '@subnetes/crd/kind-definition';
import type { Informer, Informers } from '@subnetes/kube/informers';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  DISRUPTION_BUDGETS,
  JOBS,
  NAMESPACES,
  NETWORK_POLICIES,
  PODS,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
  SERVICES,
  STATEFUL_SETS,
  type KubeObject,
  type Resource,
} from '@subnetes/kube/resource';
import type { NetworkObject } from '#application/ports.ts';
import type { Neuron } from '#domain/neuron/neuron.ts';
import { MANAGED_BY, MANAGED_BY_LABEL, podIndexKey } from '#domain/objects/labels.ts';
import type { Subnet } from '#domain/subnet/subnet.ts';
import {
  digestConfigMap,
  keepPodStatus,
  type ConfigMapDigest,
  type Job,
  type Pod,
  type Workload,
} from './cluster-objects.ts';

/** A resource of ours as stored: there is no status before its first write. */
export type StoredSubnet = KubeObject & Pick<Subnet, 'spec'> & Partial<Pick<Subnet, 'status'>>;
export type StoredNeuron = KubeObject & Pick<Neuron, 'spec'> & Partial<Pick<Neuron, 'status'>>;
export type StoredNetwork = KubeObject & Partial<Pick<NetworkObject, 'status'>>;

export interface ClusterInformers {
  readonly subnets: Informer<StoredSubnet>;
  readonly miners: Informer<StoredNeuron>;
  readonly validators: Informer<StoredNeuron>;
  readonly networks: Informer<StoredNetwork>;
  readonly proposals: Informer<KubeObject>;
  readonly namespaces: Informer<KubeObject>;
  /** ConfigMaps that are not ours: mandates, models and incentive functions. */
  readonly configMaps: Informer<ConfigMapDigest>;
  readonly pods: Informer<Pod>;
  readonly jobs: Informer<Job>;
  readonly deployments: Informer<Workload>;
  readonly statefulSets: Informer<Workload>;
  /** Every kind of child, by kind; what `prune` looks through. */
  readonly children: ReadonlyMap<string, Informer<KubeObject>>;
}

/** A kind of ours as the API server addresses it. */
export function resourceOf(definition: KindDefinition): Resource {
  const { kind, plural, scope } = definition;
  return { group: GROUP, version: VERSION, kind, plural, namespaced: scope === 'Namespaced' };
}

const OURS = `${MANAGED_BY_LABEL}=${MANAGED_BY}`;
const NOT_OURS = `${MANAGED_BY_LABEL}!=${MANAGED_BY}`;

const neuronIndexes = {
  /** By the Subnet object that it refers to. */
  subnet: ({ spec, metadata }: StoredNeuron): readonly string[] =>
    spec.subnetRef.name === undefined
      ? []
      : [`${spec.subnetRef.namespace ?? metadata.namespace ?? ''}/${spec.subnetRef.name}`],
  netuid: ({ spec }: StoredNeuron): readonly string[] =>
    spec.subnetRef.netuid === undefined ? [] : [String(spec.subnetRef.netuid)],
  /** By the ConfigMaps that it reads. */
  configMap: ({ spec, metadata }: StoredNeuron): readonly string[] =>
    [spec.mandateRef.name, ...(spec.serves ?? []).map(({ model }) => model.source.configMap?.name)]
      .filter((name) => name !== undefined)
      .map((name) => `${metadata.namespace ?? ''}/${name}`),
  namespace: ({ metadata }: StoredNeuron): readonly string[] => [metadata.namespace ?? ''],
};

const subnetIndexes = {
  netuid: ({ status }: StoredSubnet): readonly string[] =>
    status?.netuid === undefined ? [] : [String(status.netuid)],
  /** By the ConfigMaps that it reads. */
  configMap: ({ spec, metadata }: StoredSubnet): readonly string[] =>
    [spec.mandateRef.name, spec.policy.incentiveFunction?.configMapRef?.name]
      .filter((name) => name !== undefined)
      .map((name) => `${metadata.namespace ?? ''}/${name}`),
};

/** Starts every watch of the operator. */
export function followCluster(informers: Informers): ClusterInformers {
  const ours = <T extends KubeObject>(resource: Resource): Informer<T> =>
    informers.follow<T>(resource, { labelSelector: OURS });
  const deployments = ours<Workload>(DEPLOYMENTS);
  const statefulSets = ours<Workload>(STATEFUL_SETS);
  const jobs = ours<Job>(JOBS);
  const others = [CONFIG_MAPS, SERVICES, NETWORK_POLICIES, DISRUPTION_BUDGETS, SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS];
  const children = [
    deployments,
    statefulSets,
    jobs,
    ...others.map((resource) => ours(resource)),
  ] as Informer<KubeObject>[];
  return {
    subnets: informers.follow<StoredSubnet>(resourceOf(subnetDefinition), { indexes: subnetIndexes }),
    miners: informers.follow<StoredNeuron>(resourceOf(minerDefinition), { indexes: neuronIndexes }),
    validators: informers.follow<StoredNeuron>(resourceOf(validatorDefinition), { indexes: neuronIndexes }),
    networks: informers.follow<StoredNetwork>(resourceOf(networkDefinition)),
    proposals: informers.follow<KubeObject>(resourceOf(proposalDefinition)),
    namespaces: informers.follow(NAMESPACES),
    configMaps: informers.follow<ConfigMapDigest>(CONFIG_MAPS, { labelSelector: NOT_OURS, keep: digestConfigMap }),
    pods: informers.follow<Pod>(PODS, {
      labelSelector: OURS,
      keep: keepPodStatus,
      indexes: { neuron: ({ metadata }) => [podIndexKey(metadata.namespace ?? '', metadata.labels ?? {})] },
    }),
    jobs,
    deployments,
    statefulSets,
    children: new Map(children.map((informer) => [informer.resource.kind, informer])),
  };
}
