import { HEALTH_PORT } from '../objects/pod.ts';
import { isManaged, type Neuron } from './neuron.ts';

/** A pod that wears a neuron's labels, as last seen. */
export interface NeuronPod {
  readonly neuron: Neuron;
  /** Absent while the neuron's Subnet is not there or has none. */
  readonly netuid: number | undefined;
  readonly pod: {
    readonly name: string;
    readonly phase: string | undefined;
    readonly ip: string | undefined;
    readonly isBeingDeleted: boolean;
  };
}

/** One entry of Prometheus' HTTP discovery: where to read, and the labels that every series from there gets. */
export interface ScrapeTarget {
  /** `address:port`. */
  readonly targets: readonly [string];
  readonly labels: {
    /** Netuid as text, as in the metrics of ledger and scoring. */
    readonly subnet?: string;
    readonly kind: Neuron['kind'];
    readonly namespace: string;
    readonly neuron: string;
    readonly pod: string;
  };
}

/** More would not fit into the memory of the Prometheus that the chart runs. */
export const SCRAPE_TARGETS_MAX = 1000;

/** What Prometheus is to read: running pods of managed neurons, in an order that does not depend on how they were found. */
export function scrapeTargets(
  found: readonly NeuronPod[],
  max = SCRAPE_TARGETS_MAX,
): { readonly targets: readonly ScrapeTarget[]; readonly leftOut: number } {
  const all = found.flatMap(targetOf).toSorted(byName);
  return { targets: all.slice(0, max), leftOut: Math.max(0, all.length - max) };
}

function targetOf({ neuron, netuid, pod }: NeuronPod): readonly ScrapeTarget[] {
  if (!isManaged(neuron) || pod.phase !== 'Running' || pod.isBeingDeleted || pod.ip === undefined) return [];
  const host = pod.ip.includes(':') ? `[${pod.ip}]` : pod.ip;
  const { kind, metadata } = neuron;
  const labels = { kind, namespace: metadata.namespace, neuron: metadata.name, pod: pod.name };
  const subnet = netuid === undefined ? {} : { subnet: String(netuid) };
  return [{ targets: [`${host}:${HEALTH_PORT}`], labels: { ...subnet, ...labels } }];
}

/** A pod's name is unique in its namespace, so no two targets are equal. */
function byName(one: ScrapeTarget, other: ScrapeTarget): number {
  const left = `${one.labels.namespace}/${one.labels.pod}`;
  const right = `${other.labels.namespace}/${other.labels.pod}`;
  return left < right ? -1 : left > right ? 1 : 0;
}
