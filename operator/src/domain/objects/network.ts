import { controllerReference, type Manifest } from '../manifest.ts';
import type { Neuron } from '../neuron/neuron.ts';
import { keyJobLabels, objectLabels, selectorLabels } from './labels.ts';
import { HEALTH_PORT, NEURON_PORT } from './pod.ts';

const GRPC_PORT = 9443;
/** What the chart calls its Prometheus, whatever the release's name. */
const PROMETHEUS_LABELS = { 'app.kubernetes.io/name': 'subnetes', 'app.kubernetes.io/component': 'prometheus' };

/** Where the parts of the system run, as NetworkPolicies select them. */
export interface SystemPeers {
  /** Namespace of ledger, scoring and Prometheus. */
  readonly namespace: string;
}

/** The neuron's address inside the cluster; for a validator the name that its StatefulSet needs. */
export function neuronService(neuron: Neuron): Manifest {
  const headless = neuron.kind === 'Validator' ? { clusterIP: 'None' } : {};
  const port =
    neuron.kind === 'Miner'
      ? { name: 'neuron', port: NEURON_PORT, targetPort: 'neuron', protocol: 'TCP' }
      : { name: 'health', port: HEALTH_PORT, targetPort: 'health', protocol: 'TCP' };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(neuron),
    spec: { type: 'ClusterIP', ...headless, selector: selectorLabels(neuron), ports: [port] },
  };
}

/** One pod may go at a time; a pod that never was ready does not hold up a drain. */
export function disruptionBudget(neuron: Neuron): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(neuron),
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: selectorLabels(neuron) },
    },
  };
}

/**
 * What may reach a neuron and what it may reach: anybody its endpoint, the system's Prometheus its metrics;
 * itself DNS, ledger and scoring, a validator the endpoints of miners wherever they are, and where traces are
 * recorded their collector. Its name may lead anywhere, so only its port can be named.
 */
export function neuronNetworkPolicy(neuron: Neuron, system: SystemPeers, otlpEndpoint?: string): Manifest {
  const systemPods = [namespaceNamed(system.namespace)];
  const prometheus = [{ ...namespaceNamed(system.namespace), podSelector: { matchLabels: PROMETHEUS_LABELS } }];
  const miner = neuron.kind === 'Miner';
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(neuron),
    spec: {
      podSelector: { matchLabels: selectorLabels(neuron) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: prometheus, ports: [tcp(HEALTH_PORT)] }, ...(miner ? [{ ports: [tcp(NEURON_PORT)] }] : [])],
      egress: [
        dnsEgress(),
        { to: systemPods, ports: [tcp(GRPC_PORT)] },
        ...(miner ? [] : [{ ports: [tcp(NEURON_PORT)] }]),
        ...(otlpEndpoint === undefined ? [] : [{ ports: [tcp(portOf(otlpEndpoint))] }]),
      ],
    },
  };
}

/** A key job reaches the API server and nothing else. Its address is no pod's, so only ports can be named. */
export function keyJobNetworkPolicy(neuron: Neuron, name: string): Manifest {
  const labels = keyJobLabels(neuron);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { ...metadata(neuron), name, labels },
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [{ ports: [tcp(443), tcp(6443)] }],
    },
  };
}

function metadata(neuron: Neuron): Manifest['metadata'] {
  const { name, namespace } = neuron.metadata;
  return { name, namespace, labels: objectLabels(neuron), ownerReferences: [controllerReference(neuron)] };
}

/** Agents see the port of the DNS pod, which is not 53 everywhere (CoreDNS without the right to bind it). */
function dnsEgress(): object {
  return {
    ports: [53, 5353].flatMap((port) => [
      { port, protocol: 'UDP' },
      { port, protocol: 'TCP' },
    ]),
  };
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

function tcp(port: number): object {
  return { port, protocol: 'TCP' };
}

function namespaceNamed(name: string): object {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } };
}
