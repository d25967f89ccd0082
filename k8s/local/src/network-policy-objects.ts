/** The parts of the API objects that decide about pod traffic. Absent and null mean the same, as in the API. */
export type Labels = Readonly<Record<string, string>>;

export type LabelSelector = {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
};

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

export type PolicyPod = {
  readonly uid: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** IPv4 address; undefined until the pod has one. */
  readonly ip: string | undefined;
  readonly hostNetwork: boolean;
  /** Succeeded or Failed: its address may already belong to another pod. */
  readonly finished: boolean;
  readonly namedPorts: readonly { readonly name: string; readonly port: number; readonly protocol: Protocol }[];
};

export type PolicyNamespace = { readonly name: string; readonly labels: Labels };

export type PolicyPeer = {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
};

export type PolicyPort = { readonly protocol?: Protocol; readonly port?: number | string; readonly endPort?: number };

export type PolicyRule = { readonly peers: readonly PolicyPeer[]; readonly ports: readonly PolicyPort[] };

export type NetworkPolicy = {
  readonly namespace: string;
  readonly podSelector: LabelSelector;
  readonly isolatesIngress: boolean;
  readonly isolatesEgress: boolean;
  readonly ingress: readonly PolicyRule[];
  readonly egress: readonly PolicyRule[];
};

type Metadata = { readonly name: string; readonly namespace?: string; readonly uid?: string; readonly labels?: Labels };

export type PodObject = {
  readonly metadata: Metadata;
  readonly spec: {
    readonly hostNetwork?: boolean;
    readonly containers: readonly ContainerObject[];
    readonly initContainers?: readonly ContainerObject[];
  };
  readonly status?: { readonly podIP?: string; readonly phase?: string };
};
type ContainerObject = {
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: Protocol }[];
};
type RuleObject = {
  readonly from?: readonly PolicyPeer[];
  readonly to?: readonly PolicyPeer[];
  readonly ports?: readonly PolicyPort[];
};
export type NetworkPolicyObject = {
  readonly metadata: Metadata;
  readonly spec: {
    readonly podSelector?: LabelSelector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly RuleObject[];
    readonly egress?: readonly RuleObject[];
  };
};

/** Takes what matters from a Pod. */
export function policyPod(pod: PodObject): PolicyPod {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  return {
    uid: pod.metadata.uid ?? '',
    namespace: pod.metadata.namespace ?? '',
    labels: pod.metadata.labels ?? {},
    ip: pod.status?.podIP,
    hostNetwork: pod.spec.hostNetwork ?? false,
    finished: pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed',
    namedPorts: containers
      .flatMap((container) => container.ports ?? [])
      .flatMap((port) =>
        port.name === undefined
          ? []
          : [{ name: port.name, port: port.containerPort, protocol: port.protocol ?? 'TCP' }],
      ),
  };
}

/** Takes what matters from a Namespace. */
export function policyNamespace(namespace: { readonly metadata: Metadata }): PolicyNamespace {
  return { name: namespace.metadata.name, labels: namespace.metadata.labels ?? {} };
}

/** Takes what matters from a NetworkPolicy. Without `policyTypes` it isolates ingress, and egress only if it has egress rules. */
export function networkPolicy(policy: NetworkPolicyObject): NetworkPolicy {
  const { spec } = policy;
  const egressRules = spec.egress ?? [];
  return {
    namespace: policy.metadata.namespace ?? '',
    podSelector: spec.podSelector ?? {},
    isolatesIngress: spec.policyTypes?.includes('Ingress') ?? true,
    isolatesEgress: spec.policyTypes?.includes('Egress') ?? egressRules.length > 0,
    ingress: (spec.ingress ?? []).map((rule) => ({ peers: rule.from ?? [], ports: rule.ports ?? [] })),
    egress: egressRules.map((rule) => ({ peers: rule.to ?? [], ports: rule.ports ?? [] })),
  };
}

/** Whether labels satisfy a selector; an empty selector takes everything. NotIn also takes labels that lack the key. */
export function selects(selector: LabelSelector, labels: Labels): boolean {
  const exact = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  if (!exact) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return operator satisfies never;
    }
  });
}
