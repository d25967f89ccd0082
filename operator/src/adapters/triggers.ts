import type { Key, KubeObject } from '@subnetes/kube/resource';
import type { Change } from '@subnetes/kube/store';
import type { ClusterInformers } from './cluster-informers.ts';
import { NETWORK_NAME } from './cluster.ts';

/** Proposals are looked at together. */
export const PROPOSALS_KEY = 'all';

/** Adds a key to the queue of a controller. */
export interface Queues {
  readonly subnet: (key: Key) => void;
  readonly miner: (key: Key) => void;
  readonly validator: (key: Key) => void;
  readonly network: (key: Key) => void;
  readonly proposal: (key: Key) => void;
}

/**
 * Wires stores to queues: which object has to be looked at when another changes. Only keys travel;
 * what happened is for the pass to see. A status that we wrote ourselves brings nobody back.
 */
export function wireTriggers(informers: ClusterInformers, queues: Queues): void {
  const { subnets, miners, validators, networks, proposals, namespaces, configMaps, pods, children } = informers;
  subnets.store.subscribe((change) => {
    if (isWorthAPass(change)) queues.subnet(change.key);
    const netuidChanged = change.previous?.status?.netuid !== change.current?.status?.netuid;
    if (isWorthAPass(change) || netuidChanged) neuronsBy(informers, queues, 'subnet', change.key);
  });
  miners.store.subscribe((change) => isWorthAPass(change) && queues.miner(change.key));
  validators.store.subscribe((change) => isWorthAPass(change) && queues.validator(change.key));
  networks.store.subscribe((change) => isWorthAPass(change) && queues.network(change.key));
  proposals.store.subscribe((change) => isWorthAPass(change) && queues.proposal(PROPOSALS_KEY));
  namespaces.store.subscribe((change) => {
    if (change.previous !== undefined && !isWorthAPass(change)) return;
    neuronsBy(informers, queues, 'namespace', change.key);
  });
  configMaps.store.subscribe(({ key }) => {
    for (const { metadata } of subnets.store.byIndex('configMap', key)) {
      queues.subnet(`${metadata.namespace ?? ''}/${metadata.name}`);
    }
    neuronsBy(informers, queues, 'configMap', key);
  });
  pods.store.subscribe((change) => neuronOfPod(change, queues));
  for (const { store } of children.values()) store.subscribe((change) => ownerOf(change, queues));
}

/** A subnet's market has news: its object, the neurons on it, and the network if it is the first of its subnets. */
export function marketChanged(informers: ClusterInformers, queues: Queues, netuid: number): void {
  const { subnets } = informers;
  const owners = subnets.store.byIndex('netuid', String(netuid));
  for (const { metadata } of owners) {
    const key = `${metadata.namespace ?? ''}/${metadata.name}`;
    queues.subnet(key);
    neuronsBy(informers, queues, 'subnet', key);
  }
  neuronsBy(informers, queues, 'netuid', String(netuid));
  // One subnet's epochs set the pace at which the network's figures are written.
  const lowest = Math.min(...subnets.store.list().map(({ status }) => status?.netuid ?? Number.POSITIVE_INFINITY));
  if (netuid <= lowest) queues.network(NETWORK_NAME);
}

function neuronsBy(informers: ClusterInformers, queues: Queues, index: string, value: string): void {
  const keyOfNeuron = ({ metadata }: KubeObject): Key => `${metadata.namespace ?? ''}/${metadata.name}`;
  for (const miner of informers.miners.store.byIndex(index, value)) queues.miner(keyOfNeuron(miner));
  for (const validator of informers.validators.store.byIndex(index, value)) queues.validator(keyOfNeuron(validator));
}

/** New, gone, or changed by somebody in more than its status. */
function isWorthAPass({ previous, current }: Change<KubeObject>): boolean {
  if (previous === undefined || current === undefined) return true;
  const before = previous.metadata;
  const after = current.metadata;
  return (
    before.uid !== after.uid ||
    before.generation !== after.generation ||
    before.deletionTimestamp !== after.deletionTimestamp ||
    JSON.stringify([before.labels, before.annotations]) !== JSON.stringify([after.labels, after.annotations])
  );
}

function ownerOf({ previous, current }: Change<KubeObject>, queues: Queues): void {
  const object = current ?? previous;
  const owner = object?.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return;
  const key = `${object?.metadata.namespace ?? ''}/${owner.name}`;
  if (owner.kind === 'Miner') queues.miner(key);
  if (owner.kind === 'Validator') queues.validator(key);
}

/** Pods belong to ReplicaSets and Jobs; their labels name the neuron. */
function neuronOfPod({ previous, current }: Change<KubeObject>, queues: Queues): void {
  const { labels = {}, namespace = '' } = (current ?? previous)?.metadata ?? {};
  const name = labels['app.kubernetes.io/instance'];
  if (name === undefined) return;
  const part = labels['app.kubernetes.io/component'] ?? labels['app.kubernetes.io/name'];
  if (part === 'miner') queues.miner(`${namespace}/${name}`);
  if (part === 'validator') queues.validator(`${namespace}/${name}`);
}
