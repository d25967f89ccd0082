import { describe, expect, test } from 'vitest';
import { networkPolicy, policyPod, selects } from '#network-policy-objects.ts';
import type { NetworkPolicyObject, PolicyPod } from '#network-policy-objects.ts';
import { policyRules } from '#network-policy-rules.ts';

const NAMESPACES = [
  { name: 'shop', labels: { team: 'shop' } },
  { name: 'bank', labels: { team: 'bank' } },
];

function pod(name: string, ip: string, rest: Partial<PolicyPod> = {}): PolicyPod {
  return {
    uid: name,
    namespace: 'shop',
    labels: { app: name },
    ip,
    hostNetwork: false,
    finished: false,
    namedPorts: [],
    ...rest,
  };
}

const PODS = [
  pod('web', '10.244.0.2', { namedPorts: [{ name: 'http', port: 8080, protocol: 'TCP' }] }),
  pod('db', '10.244.0.3', { namedPorts: [{ name: 'sql', port: 5432, protocol: 'TCP' }] }),
  pod('teller', '10.244.0.4', { namespace: 'bank' }),
];

function rules(spec: NetworkPolicyObject['spec'], pods: readonly PolicyPod[] = PODS): string {
  const policy = networkPolicy({ metadata: { name: 'p', namespace: 'shop' }, spec });
  return policyRules({ pods, namespaces: NAMESPACES, policies: [policy] });
}

/** The statements of one chain. */
function chain(script: string, name: string): readonly string[] | undefined {
  const body = new RegExp(`  chain ${name} \\{\\n([^}]*(?:\\{[^}]*\\}[^}]*)*?)\\n  \\}`).exec(script)?.[1];
  return body?.split('\n').map((line) => line.trim());
}

describe('isolation', () => {
  test('without a policy no pod is looked at and the table is still replaced', () => {
    const script = policyRules({ pods: PODS, namespaces: NAMESPACES, policies: [] });
    expect(script.startsWith('table ip netpol\ndelete table ip netpol\ntable ip netpol {')).toBe(true);
    expect(script).not.toContain('vmap');
    expect(script).not.toContain('drop');
  });

  test('a default deny drops what comes to the pods of its namespace, except from themselves', () => {
    const script = rules({ podSelector: {}, policyTypes: ['Ingress'] });
    expect(chain(script, 'ingress_web')).toEqual(['ip saddr 10.244.0.2 return', 'drop']);
    expect(script).toContain('ip daddr vmap { 10.244.0.3 : jump ingress_db, 10.244.0.2 : jump ingress_web }');
    expect(script).not.toContain('teller');
    expect(script).not.toContain('egress_');
  });

  test('without policyTypes egress is isolated only where there are egress rules', () => {
    expect(rules({ podSelector: {} })).not.toContain('egress_');
    const script = rules({ podSelector: { matchLabels: { app: 'web' } }, egress: [{}] });
    expect(chain(script, 'egress_web')).toEqual(['ip daddr 10.244.0.2 return', 'return', 'drop']);
    expect(chain(script, 'ingress_web')).toEqual(['ip saddr 10.244.0.2 return', 'drop']);
  });

  test('egress is judged on the way to the node as well as to pods', () => {
    const script = rules({ podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'] });
    expect(chain(script, 'input')).toContain('ip saddr vmap { 10.244.0.2 : jump egress_web }');
    expect(chain(script, 'forward')).toContain('ip saddr vmap { 10.244.0.2 : jump egress_web }');
  });

  test.for([
    ['has no address yet', { ip: undefined }],
    ['has an IPv6 address', { ip: 'fd00::1' }],
    ['uses the node network', { hostNetwork: true }],
    ['has finished', { finished: true }],
  ] as const)('a pod that %s is left out', ([, state]) => {
    const script = rules({ podSelector: {} }, [{ ...pod('odd', '10.244.0.9'), ...state }]);
    expect(script).not.toContain('odd');
  });
});

describe('peers', () => {
  const to = (from: NonNullable<NetworkPolicyObject['spec']['ingress']>[number]['from'] & object): readonly string[] =>
    (chain(rules({ podSelector: { matchLabels: { app: 'db' } }, ingress: [{ from }] }), 'ingress_db') ?? []).slice(
      1,
      -1,
    );

  test('a pod selector alone means the own namespace', () => {
    expect(to([{ podSelector: { matchLabels: { app: 'web' } } }])).toEqual(['ip saddr { 10.244.0.2 } return']);
    expect(to([{ podSelector: { matchLabels: { app: 'teller' } } }])).toEqual([]);
    expect(to([{ podSelector: {} }])).toEqual(['ip saddr { 10.244.0.2, 10.244.0.3 } return']);
  });

  test('a namespace selector alone means all pods of the namespaces', () => {
    expect(to([{ namespaceSelector: { matchLabels: { team: 'bank' } } }])).toEqual(['ip saddr { 10.244.0.4 } return']);
    expect(to([{ namespaceSelector: {} }])).toEqual(['ip saddr { 10.244.0.2, 10.244.0.3, 10.244.0.4 } return']);
  });

  test('both selectors of one peer must hold, two peers are a union', () => {
    const bank = { matchExpressions: [{ key: 'team', operator: 'In' as const, values: ['bank'] }] };
    expect(to([{ namespaceSelector: bank, podSelector: { matchLabels: { app: 'web' } } }])).toEqual([]);
    expect(to([{ namespaceSelector: bank }, { podSelector: { matchLabels: { app: 'web' } } }])).toEqual([
      'ip saddr { 10.244.0.4 } return',
      'ip saddr { 10.244.0.2 } return',
    ]);
  });

  test('an address block leaves out its exceptions; IPv6 blocks are ignored', () => {
    expect(to([{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.0.0/16'] } }])).toEqual([
      'ip saddr 10.0.0.0/8 ip saddr != { 10.1.0.0/16, 10.2.0.0/16 } return',
    ]);
    expect(to([{ ipBlock: { cidr: 'fd00::/8' } }])).toEqual([]);
  });

  test('no peers at all means everybody', () => {
    expect(to([])).toEqual(['return']);
  });
});

describe('ports', () => {
  const ingress = (
    ports: NonNullable<NetworkPolicyObject['spec']['ingress']>[number]['ports'] & object,
  ): readonly string[] =>
    (chain(rules({ podSelector: { matchLabels: { app: 'web' } }, ingress: [{ ports }] }), 'ingress_web') ?? []).slice(
      1,
      -1,
    );

  test('numbers, ranges, protocols and a protocol alone', () => {
    expect(ingress([{ port: 80 }])).toEqual(['tcp dport 80 return']);
    expect(ingress([{ port: 8000, endPort: 8010, protocol: 'UDP' }])).toEqual(['udp dport 8000-8010 return']);
    expect(ingress([{ protocol: 'SCTP' }])).toEqual(['meta l4proto sctp return']);
  });

  test('a named port of an ingress rule is the isolated pod’s; a name it has not allows nothing', () => {
    expect(ingress([{ port: 'http' }])).toEqual(['tcp dport 8080 return']);
    expect(ingress([{ port: 'http', protocol: 'UDP' }])).toEqual([]);
    expect(ingress([{ port: 'sql' }])).toEqual([]);
  });

  test('a named port of an egress rule is looked up on every receiver', () => {
    const egress = (
      to: NonNullable<NetworkPolicyObject['spec']['egress']>[number]['to'] & object,
    ): readonly string[] | undefined =>
      chain(
        rules({
          podSelector: { matchLabels: { app: 'web' } },
          policyTypes: ['Egress'],
          egress: [{ to, ports: [{ port: 'sql' }, { port: 53, protocol: 'UDP' }] }],
        }),
        'egress_web',
      );
    expect(egress([{ podSelector: {} }])).toEqual([
      'ip daddr 10.244.0.2 return',
      'ip daddr { 10.244.0.2, 10.244.0.3 } udp dport 53 return',
      'ip daddr 10.244.0.3 tcp dport 5432 return',
      'drop',
    ]);
    expect(egress([])).toEqual([
      'ip daddr 10.244.0.2 return',
      'udp dport 53 return',
      'ip daddr 10.244.0.3 tcp dport 5432 return',
      'drop',
    ]);
  });
});

describe('reading objects', () => {
  test.for([
    ['In', { key: 'a', operator: 'In', values: ['1', '2'] }, true, false],
    ['NotIn', { key: 'a', operator: 'NotIn', values: ['1'] }, false, true],
    ['Exists', { key: 'a', operator: 'Exists' }, true, false],
    ['DoesNotExist', { key: 'a', operator: 'DoesNotExist' }, false, true],
  ] as const)('%s', ([, expression, present, absent]) => {
    expect(selects({ matchExpressions: [expression] }, { a: '1' })).toBe(present);
    expect(selects({ matchExpressions: [expression] }, {})).toBe(absent);
  });

  test('a pod’s named ports come from all containers, restartable init containers included', () => {
    const container = (name: string, port: number): object => ({
      ports: [{ name, containerPort: port }, { containerPort: 1 }],
    });
    const read = policyPod({
      metadata: { name: 'p', namespace: 'n', uid: 'u' },
      spec: { containers: [container('a', 1000) as never], initContainers: [container('b', 2000) as never] },
      status: { podIP: '10.0.0.1', phase: 'Failed' },
    });
    expect(read.namedPorts).toEqual([
      { name: 'a', port: 1000, protocol: 'TCP' },
      { name: 'b', port: 2000, protocol: 'TCP' },
    ]);
    expect(read).toMatchObject({ finished: true, hostNetwork: false, labels: {} });
  });
});
