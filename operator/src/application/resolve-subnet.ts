import type { SubnetFact } from '#domain/neuron/facts.ts';
import type { Neuron } from '#domain/neuron/neuron.ts';
import { admitsNamespace } from '#domain/subnet/subnet.ts';
import type { ClusterPort } from './ports.ts';

/** Key of the Subnet object that a neuron refers to; undefined when it refers to a netuid. */
export function referredSubnet(neuron: Neuron): string | undefined {
  const { name, namespace } = neuron.spec.subnetRef;
  return name === undefined ? undefined : `${namespace ?? neuron.metadata.namespace}/${name}`;
}

/** What a neuron's subnetRef comes to at present. */
export function resolveSubnet(cluster: ClusterPort, neuron: Neuron): SubnetFact {
  const key = referredSubnet(neuron);
  if (key === undefined) {
    const netuid = neuron.spec.subnetRef.netuid ?? 0;
    return { kind: 'found', netuid, label: `netuid ${netuid}`, template: {} };
  }
  const subnet = cluster.subnet(key);
  if (subnet === undefined) {
    const message = `subnet ${key} does not exist: create it, or correct spec.subnetRef in a new object`;
    return { kind: 'missing', message };
  }
  const { namespace } = neuron.metadata;
  if (!admitsNamespace(subnet, { name: namespace, labels: cluster.namespaceLabels(namespace) })) {
    const from = subnet.spec.allowedNamespaces?.from ?? 'Same';
    const message = `subnet ${key} admits namespaces by "${from}", and ${namespace} is not among them: its owner has to widen spec.allowedNamespaces`;
    return { kind: 'notAllowed', message };
  }
  const { netuid } = subnet.status;
  if (netuid === undefined) return { kind: 'waiting', message: `subnet ${key} has no netuid yet` };
  // A template is the owner's advice to its own namespace; others bring their own settings.
  const own = subnet.metadata.namespace === namespace;
  const template = neuron.kind === 'Miner' ? subnet.spec.minerTemplate : subnet.spec.validatorTemplate;
  return { kind: 'found', netuid, label: key, template: (own ? template : undefined) ?? {} };
}
