import type { KubeLog } from '@subnetes/kube/metrics';
import { referredSubnet } from '#application/resolve-subnet.ts';
import type { Neuron } from '#domain/neuron/neuron.ts';
import { scrapeTargets, SCRAPE_TARGETS_MAX, type NeuronPod } from '#domain/neuron/scrape-targets.ts';
import { neuronOfLabels } from '#domain/objects/labels.ts';
import type { ClusterInformers } from './cluster-informers.ts';
import type { Pod } from './cluster-objects.ts';
import { neuronOf } from './cluster.ts';

/** Where Prometheus asks for the pods of neurons. */
export const DISCOVERY_PATH = '/discovery/neurons';

/**
 * Tells Prometheus which pods of neurons to read, as the stores have them, in the JSON of its HTTP discovery.
 * What is above the limit is left out and told once in the log.
 */
export function neuronDiscovery(informers: ClusterInformers, log: KubeLog): () => string {
  let toldOf = 0;
  return () => {
    const found = informers.pods.store.list().flatMap((pod) => neuronPod(informers, pod));
    const { targets, leftOut } = scrapeTargets(found);
    if (leftOut > 0 && toldOf === 0) {
      log.warn({ left_out: leftOut, max: SCRAPE_TARGETS_MAX }, 'more pods of neurons run than Prometheus is told of');
    }
    toldOf = leftOut;
    return JSON.stringify(targets);
  };
}

function neuronPod(informers: ClusterInformers, { metadata, status }: Pod): readonly NeuronPod[] {
  const named = neuronOfLabels(metadata.labels ?? {});
  if (named === undefined) return [];
  const neurons = named.kind === 'Miner' ? informers.miners : informers.validators;
  const neuron = neuronOf(named.kind, neurons.store.get(`${metadata.namespace ?? ''}/${named.name}`));
  if (neuron === undefined) return [];
  const pod = {
    name: metadata.name,
    phase: status?.phase,
    ip: status?.podIP,
    isBeingDeleted: metadata.deletionTimestamp !== undefined,
  };
  return [{ neuron, netuid: netuidOf(informers, neuron), pod }];
}

function netuidOf(informers: ClusterInformers, neuron: Neuron): number | undefined {
  const key = referredSubnet(neuron);
  return key === undefined ? neuron.spec.subnetRef.netuid : informers.subnets.store.get(key)?.status?.netuid;
}
