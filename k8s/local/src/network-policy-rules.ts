import { selects } from '#network-policy-objects.ts';
import type {
  NetworkPolicy,
  PolicyNamespace,
  PolicyPeer,
  PolicyPod,
  PolicyPort,
  PolicyRule,
  Protocol,
} from '#network-policy-objects.ts';

/** What the rules are made from: all pods, namespaces and policies of the cluster. */
export type PolicyState = {
  readonly pods: readonly PolicyPod[];
  readonly namespaces: readonly PolicyNamespace[];
  readonly policies: readonly NetworkPolicy[];
};

type Direction = 'ingress' | 'egress';
type AddressedPod = PolicyPod & { readonly ip: string };

/** The nft table that holds nothing but these rules. */
export const POLICY_TABLE = 'netpol';

/**
 * The nft script that replaces the table by the rules for `state` in one transaction.
 *
 * Each isolated pod has one chain per isolated direction: what its policies allow returns to the caller, the rest is dropped. Traffic
 * between pods passes `forward`, first the sender's chain, then the receiver's; traffic to the node (the API server) passes `input`.
 * kube-proxy has rewritten Service addresses before these hooks, so rules see pod addresses and target ports. What the node
 * itself sends (probes, the loopback forwarder) leaves through `output`, which no policy may block.
 */
export function policyRules(state: PolicyState): string {
  const pods = state.pods.filter(
    (pod): pod is AddressedPod =>
      pod.ip !== undefined && /^\d+(\.\d+){3}$/.test(pod.ip) && !pod.hostNetwork && !pod.finished,
  );
  const chains: string[] = [];
  const jumps: Record<Direction, string[]> = { ingress: [], egress: [] };
  for (const pod of pods.toSorted((a, b) => a.uid.localeCompare(b.uid))) {
    for (const direction of ['ingress', 'egress'] as const) {
      const rules = rulesOf(pod, direction, state.policies);
      if (rules === undefined) continue;
      const chain = `${direction}_${pod.uid.replaceAll(/[^0-9A-Za-z]/g, '_')}`;
      const own = `ip ${direction === 'ingress' ? 'saddr' : 'daddr'} ${pod.ip} return`;
      const allowed = rules.flatMap(({ rule, namespace }) =>
        allow(rule, { pod, direction, namespace, pods, namespaces: state.namespaces }),
      );
      chains.push(`  chain ${chain} {`, ...[...new Set([own, ...allowed, 'drop'])].map((line) => `    ${line}`), '  }');
      jumps[direction].push(`${pod.ip} : jump ${chain}`);
    }
  }
  const jump = (direction: Direction): string[] => {
    const address = direction === 'ingress' ? 'daddr' : 'saddr';
    return jumps[direction].length === 0 ? [] : [`    ip ${address} vmap { ${jumps[direction].join(', ')} }`];
  };
  return [
    // Naming the table first makes its deletion possible where there is none yet.
    `table ip ${POLICY_TABLE}`,
    `delete table ip ${POLICY_TABLE}`,
    `table ip ${POLICY_TABLE} {`,
    ...chains,
    '  chain forward {',
    '    type filter hook forward priority -5; policy accept;',
    '    ct state established,related accept',
    ...jump('egress'),
    ...jump('ingress'),
    '  }',
    '  chain input {',
    '    type filter hook input priority -5; policy accept;',
    '    ct state established,related accept',
    ...jump('egress'),
    '  }',
    '}',
    '',
  ].join('\n');
}

/** The rules that allow something to or from the pod, with their policy's namespace; undefined when no policy isolates it in this direction. */
function rulesOf(
  pod: PolicyPod,
  direction: Direction,
  policies: readonly NetworkPolicy[],
): readonly { readonly rule: PolicyRule; readonly namespace: string }[] | undefined {
  const isolating = policies.filter(
    (policy) =>
      policy.namespace === pod.namespace &&
      (direction === 'ingress' ? policy.isolatesIngress : policy.isolatesEgress) &&
      selects(policy.podSelector, pod.labels),
  );
  if (isolating.length === 0) return undefined;
  return isolating.flatMap((policy) => policy[direction].map((rule) => ({ rule, namespace: policy.namespace })));
}

type RuleContext = {
  readonly pod: AddressedPod;
  readonly direction: Direction;
  readonly namespace: string;
  readonly pods: readonly AddressedPod[];
  readonly namespaces: readonly PolicyNamespace[];
};

/** nft statements for one rule of a policy: peers times ports. No peers or no ports means any. */
function allow(rule: PolicyRule, context: RuleContext): readonly string[] {
  const matches =
    rule.peers.length === 0 ? anyPeer(rule, context) : rule.peers.flatMap((peer) => peerMatches(peer, rule, context));
  return matches.map((match) => `${match} return`.trim());
}

/** Every sender or receiver. A named port of an egress rule has a number only on pods, so it still needs their addresses. */
function anyPeer(rule: PolicyRule, context: RuleContext): readonly string[] {
  const fixed = portMatches(rule.ports, context.direction === 'ingress' ? context.pod : undefined);
  if (context.direction === 'ingress') return fixed;
  return [...fixed, ...namedEgress(rule.ports, context.pods)];
}

function peerMatches(peer: PolicyPeer, rule: PolicyRule, context: RuleContext): readonly string[] {
  const address = context.direction === 'ingress' ? 'saddr' : 'daddr';
  const receiver = context.direction === 'ingress' ? context.pod : undefined;
  const withPorts = (match: string): readonly string[] =>
    portMatches(rule.ports, receiver).map((port) => `${match} ${port}`.trim());
  if (peer.ipBlock !== undefined) {
    const { cidr, except = [] } = peer.ipBlock;
    if (cidr.includes(':') || except.some((part) => part.includes(':'))) return []; // IPv6: this node has none
    return withPorts(`ip ${address} ${cidr}${except.length === 0 ? '' : ` ip ${address} != { ${except.join(', ')} }`}`);
  }
  const peers = context.pods.filter((pod) => isPeer(peer, pod, context));
  if (peers.length === 0) return [];
  const addresses = [...new Set(peers.map((pod) => pod.ip))].toSorted();
  const named = context.direction === 'egress' ? namedEgress(rule.ports, peers) : [];
  return [...withPorts(`ip ${address} { ${addresses.join(', ')} }`), ...named];
}

/** Without a namespace selector a peer is in the policy's own namespace; without a pod selector it is every pod of the namespaces. */
function isPeer(peer: PolicyPeer, pod: PolicyPod, context: RuleContext): boolean {
  if (peer.namespaceSelector === undefined && peer.podSelector === undefined) return false;
  const { namespaceSelector } = peer;
  const inNamespace =
    namespaceSelector === undefined
      ? pod.namespace === context.namespace
      : context.namespaces.some(({ name, labels }) => name === pod.namespace && selects(namespaceSelector, labels));
  return inNamespace && selects(peer.podSelector ?? {}, pod.labels);
}

/**
 * Port matches of a rule; `['']` (no restriction) without ports. Named ports are those of `receiver`: the pod itself for ingress.
 * Where the receiver is not known yet (egress) named ports are left to `namedEgress`.
 */
function portMatches(ports: readonly PolicyPort[], receiver: PolicyPod | undefined): readonly string[] {
  if (ports.length === 0) return [''];
  return ports.flatMap((port) => {
    const protocol = port.protocol ?? 'TCP';
    if (port.port === undefined) return [`meta l4proto ${protocol.toLowerCase()}`];
    if (typeof port.port === 'string') return receiver === undefined ? [] : namedMatch(port.port, protocol, receiver);
    const last = port.endPort === undefined ? '' : `-${port.endPort}`;
    return [`${protocol.toLowerCase()} dport ${port.port}${last}`];
  });
}

function namedMatch(name: string, protocol: Protocol, receiver: PolicyPod): readonly string[] {
  return receiver.namedPorts
    .filter((candidate) => candidate.name === name && candidate.protocol === protocol)
    .map((candidate) => `${protocol.toLowerCase()} dport ${candidate.port}`);
}

/** Named ports of an egress rule, looked up on each receiver: the same name may be another number on another pod. */
function namedEgress(ports: readonly PolicyPort[], receivers: readonly AddressedPod[]): readonly string[] {
  return ports.flatMap((port) => {
    const { port: name } = port;
    if (typeof name !== 'string') return [];
    return receivers.flatMap((receiver) =>
      namedMatch(name, port.protocol ?? 'TCP', receiver).map((match) => `ip daddr ${receiver.ip} ${match}`),
    );
  });
}
