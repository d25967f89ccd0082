import type { Neuron } from '../neuron/neuron.ts';

export const MANAGED_BY = 'subnetes-operator';
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
const NAME_LABEL = 'app.kubernetes.io/name';
const INSTANCE_LABEL = 'app.kubernetes.io/instance';

/** `miner` or `validator`: the part that a neuron's pod runs. */
export function partOf(neuron: Pick<Neuron, 'kind'>): 'miner' | 'validator' {
  return neuron.kind === 'Miner' ? 'miner' : 'validator';
}

/** What selects a neuron's pods; it never changes over versions, since selectors cannot. */
export function selectorLabels(neuron: Neuron): Record<string, string> {
  return { [NAME_LABEL]: partOf(neuron), [INSTANCE_LABEL]: neuron.metadata.name, [MANAGED_BY_LABEL]: MANAGED_BY };
}

export function objectLabels(neuron: Neuron): Record<string, string> {
  return { ...selectorLabels(neuron), 'app.kubernetes.io/part-of': 'subnetes' };
}

/** Which neuron a pod's labels name; undefined for pods of key jobs. */
export function neuronOfLabels(
  labels: Readonly<Record<string, string>>,
): { readonly kind: Neuron['kind']; readonly name: string } | undefined {
  const { [NAME_LABEL]: part, [INSTANCE_LABEL]: name } = labels;
  if (name === undefined || (part !== 'miner' && part !== 'validator')) return undefined;
  return { kind: part === 'miner' ? 'Miner' : 'Validator', name };
}

/** Labels of what belongs to a key job: other than the neuron's own, or its Service would select them. */
export function keyJobLabels(neuron: Neuron): Record<string, string> {
  return {
    [NAME_LABEL]: 'key-job',
    [INSTANCE_LABEL]: neuron.metadata.name,
    [MANAGED_BY_LABEL]: MANAGED_BY,
    'app.kubernetes.io/part-of': 'subnetes',
    'app.kubernetes.io/component': partOf(neuron),
  };
}

/** The same as a selector in a request. */
export function labelSelectorText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** Key under which a pod is found by its neuron: part, namespace and name. */
export function podIndexKey(namespace: string, labels: Readonly<Record<string, string>>): string {
  return `${labels[NAME_LABEL] ?? ''}/${namespace}/${labels[INSTANCE_LABEL] ?? ''}`;
}
