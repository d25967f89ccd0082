import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { down, PortTakenError, status, up } from '#cluster.ts';
import type { ClusterLayout } from '#cluster-layout.ts';
import { clusterLayout } from '#cluster-layout.ts';
import { readProcessStatus } from '#cluster-spec.ts';
import { findLeftovers } from '#leftovers.ts';
import { isRunning, readIdentityFile } from '#process-identity.ts';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from '#pod-settings.ts';
import { SYSTEM_IMAGE } from '#system-images.ts';
import { waitUntil } from '#wait-until.ts';
import { kubectl, succeedsInPod, untilInPod } from './kubectl.ts';

const NAME = 'itest';
const API_PORT = 26_543;
const WEB_PORT = 26_580;
/** A checkout of its own: whoever removes `.local` of this one meanwhile does not touch it. */
const CHECKOUT = mkdtempSync(join(tmpdir(), 'subnetes-cluster-'));
const WHICH = { name: NAME, checkoutDir: CHECKOUT };
const OPTIONS = { ...WHICH, apiHostPort: API_PORT, etcdFsync: false };
const NAMESPACE = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'finance', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
};

const layout: ClusterLayout = clusterLayout(CHECKOUT, NAME);
const run = kubectl(layout);

function pod(
  name: string,
  script: string,
  rest: { readonly volumes?: readonly object[]; readonly mounts?: readonly object[] } = {},
): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'finance', labels: { app: name } },
    spec: {
      ...RESTRICTED_POD,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name,
          image: SYSTEM_IMAGE.busybox,
          command: ['sh', '-c', script],
          ports: [{ name: 'web', containerPort: 8080 }],
          securityContext: RESTRICTED_CONTAINER,
          volumeMounts: rest.mounts ?? [],
        },
      ],
      volumes: rest.volumes ?? [],
    },
  };
}

function policy(name: string, spec: object): object {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace: 'finance' }, spec };
}

const SERVE = 'while true; do echo pong | busybox nc -l -p 8080; done';
/** Succeeds when the host answers on the port within a second. */
const fetchFrom = (host: string, port: number): readonly string[] => [
  'sh',
  '-c',
  `echo | busybox nc -w 1 ${host} ${port} | busybox grep -q pong`,
];
const fetchWeb = (host: string): readonly string[] => fetchFrom(host, 8080);
/** Succeeds when the API server's Service answers; plain HTTP gets a 400 from its TLS port. */
const CONNECT_TO_API = [
  'sh',
  '-c',
  "printf 'GET / HTTP/1.0\r\n\r\n' | busybox nc -w 1 10.96.0.1 443 | busybox grep -q ' 400 '",
];

beforeAll(async () => {
  await down(WHICH);
  await up({ ...OPTIONS, forwards: [{ hostPort: WEB_PORT, target: 'finance/web:web' }] });
  await run(['apply', '-f', '-'], [NAMESPACE]);
});

afterAll(async () => {
  await down(WHICH);
  rmSync(CHECKOUT, { recursive: true });
});

describe('a cluster of its own beside the user’s', () => {
  test('says that it runs, with the node Ready', async () => {
    expect(await status(WHICH)).toMatchObject({ state: 'running', server: `https://127.0.0.1:${API_PORT}` });
    expect(await run(['get', 'node', 'node-1', '-o', 'jsonpath={.status.nodeInfo.kubeletVersion}'])).toBe('v1.34.4');
  });

  test('refuses a pod without the restricted settings', async () => {
    const bare = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'bare', namespace: 'finance' },
      spec: { containers: [{ name: 'c', image: SYSTEM_IMAGE.busybox }] },
    };
    await expect(run(['apply', '-f', '-'], [bare])).rejects.toThrow('violates PodSecurity "restricted:latest"');
  });

  test('runs a restricted pod that resolves names, and gives it a volume that it may write', async () => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'finance' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    };
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    const writer = pod('writer', 'echo kept > /data/file && sleep 3600', {
      volumes,
      mounts: [{ name: 'data', mountPath: '/data' }],
    });
    await run(['apply', '-f', '-'], [claim, writer]);
    await run(['wait', '--for=condition=Ready', 'pod/writer', '--timeout=60s']);
    expect(await run(['get', 'pvc', 'data', '-o', 'jsonpath={.status.phase}'])).toBe('Bound');
    await untilInPod(run, 'writer', { command: ['test', '-s', '/data/file'], succeeds: true });
    expect(await run(['exec', 'writer', '--', 'nslookup', 'kubernetes.default.svc.cluster.local'])).toContain(
      '10.96.0.1',
    );
    expect(await succeedsInPod(run, 'writer', ['nslookup', 'no.such.name.svc.cluster.local'])).toBe(false);
  });

  test('no pod reaches the host or beyond: every packet ends in the cluster’s own namespace', async () => {
    const canary = createServer((socket) => socket.end('pong'));
    await new Promise<void>((resolve) => canary.listen(0, '0.0.0.0', resolve));
    const address = canary.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const ofHost = Object.values(networkInterfaces())
        .flatMap((list) => list ?? [])
        .filter(({ family }) => family === 'IPv4');
      for (const { address: host } of ofHost)
        expect(await succeedsInPod(run, 'writer', fetchFrom(host, port))).toBe(false);
    } finally {
      canary.close();
    }
  });

  test('serves a Service on a host port, found by the name of its port', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'finance' },
      spec: { selector: { app: 'web' }, ports: [{ name: 'web', port: 8080, targetPort: 'web' }] },
    };
    await run(
      ['apply', '-f', '-'],
      [service, pod('web', SERVE), pod('friend', 'sleep 3600'), pod('stranger', 'sleep 3600')],
    );
    await run(['wait', '--for=condition=Ready', 'pod/web', 'pod/friend', 'pod/stranger', '--timeout=60s']);
    const answer = await waitUntil(async () => (await readFrom(WEB_PORT)) || undefined, {
      timeoutMs: 15_000,
      what: 'an answer through the forwarder',
    });
    expect(answer).toContain('pong');
  });
});

describe('network policies', () => {
  test('a default deny stops traffic to a pod and to its Service, an allow admits only whom it names', async () => {
    await untilInPod(run, 'stranger', { command: fetchWeb('web'), succeeds: true });
    await run(['apply', '-f', '-'], [policy('deny', { podSelector: {}, policyTypes: ['Ingress'] })]);
    await untilInPod(run, 'stranger', { command: fetchWeb('web'), succeeds: false });
    const ip = await run(['get', 'pod', 'web', '-o', 'jsonpath={.status.podIP}']);
    expect(await succeedsInPod(run, 'stranger', fetchWeb(ip))).toBe(false);

    const from = [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['friend'] }] } }];
    const spec = { podSelector: { matchLabels: { app: 'web' } }, ingress: [{ from, ports: [{ port: 'web' }] }] };
    await run(['apply', '-f', '-'], [policy('allow', spec)]);
    await untilInPod(run, 'friend', { command: fetchWeb('web'), succeeds: true });
    expect(await succeedsInPod(run, 'stranger', fetchWeb('web'))).toBe(false);
  });

  test('ports: a range that holds the port admits, one beside it does not; a block can leave an address out', async () => {
    const ip = await run(['get', 'pod', 'friend', '-o', 'jsonpath={.status.podIP}']);
    const allow = (rule: object): Promise<string> =>
      run(['apply', '-f', '-'], [policy('allow', { podSelector: { matchLabels: { app: 'web' } }, ingress: [rule] })]);
    await allow({ ports: [{ port: 8081, endPort: 9000 }] });
    await untilInPod(run, 'friend', { command: fetchWeb('web'), succeeds: false });
    await allow({ ports: [{ port: 8000, endPort: 9000 }] });
    await untilInPod(run, 'friend', { command: fetchWeb('web'), succeeds: true });
    await allow({ from: [{ ipBlock: { cidr: '10.244.0.0/16', except: [`${ip}/32`] } }] });
    await untilInPod(run, 'friend', { command: fetchWeb('web'), succeeds: false });
    expect(await succeedsInPod(run, 'stranger', fetchWeb('web'))).toBe(true);
  });

  test('egress: a pod that may ask for names only reaches neither others nor the API server', async () => {
    const dns = {
      to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
      ports: [{ port: 5353, protocol: 'UDP' }],
    };
    await run(['delete', 'networkpolicy', '--all']);
    await untilInPod(run, 'friend', { command: fetchWeb('web'), succeeds: true });
    await run(
      ['apply', '-f', '-'],
      [policy('names', { podSelector: { matchLabels: { app: 'friend' } }, policyTypes: ['Egress'], egress: [dns] })],
    );
    await untilInPod(run, 'friend', { command: fetchWeb('web'), succeeds: false });
    expect(await succeedsInPod(run, 'friend', ['nslookup', 'web.finance.svc.cluster.local'])).toBe(true);
    expect(await succeedsInPod(run, 'friend', CONNECT_TO_API)).toBe(false);
    expect(await succeedsInPod(run, 'stranger', CONNECT_TO_API)).toBe(true);
  });
});

describe('trouble', () => {
  test('a killed process is started again', async () => {
    const before = processOf('kube-scheduler');
    expect(before).toBeDefined();
    if (before === undefined) return;
    process.kill(before.pid, 'SIGKILL');
    const after = await waitUntil(
      async () => (processOf('kube-scheduler')?.pid === before.pid ? undefined : processOf('kube-scheduler')),
      { timeoutMs: 15_000, what: 'the scheduler to be started again' },
    );
    expect(after.pid).not.toBe(before.pid);
  });

  test('after SIGKILL to the supervisor the cluster counts as broken, and `up` brings it back with its data', async () => {
    const supervisor = readIdentityFile(layout.supervisorFile);
    expect(supervisor).toBeDefined();
    if (supervisor === undefined) return;
    process.kill(supervisor.pid, 'SIGKILL');
    await waitUntil(async () => (isRunning(supervisor) ? undefined : true), {
      timeoutMs: 5_000,
      what: 'the supervisor to die',
    });
    expect((await status(WHICH)).state).toBe('broken');
    await up(OPTIONS);
    await run(['wait', '--for=condition=Ready', 'pod/writer', '--timeout=60s']);
    expect(await run(['exec', 'writer', '--', 'cat', '/data/file'])).toBe('kept\n');
  });

  test('a start that is broken off leaves something that `down` removes and `up` goes on with', async () => {
    await down(WHICH);
    const stop = new AbortController();
    const interrupted = up({
      ...OPTIONS,
      onProgress: ({ step }) => (step === 'API server' ? stop.abort(new Error('broken off')) : undefined),
      signal: stop.signal,
    });
    await expect(interrupted).rejects.toThrow('broken off');
    await up(OPTIONS);
    expect((await status(WHICH)).state).toBe('running');
  });

  test('a taken port is named before anything is started', async () => {
    await down(WHICH);
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(API_PORT, '127.0.0.1', resolve));
    try {
      await expect(up(OPTIONS)).rejects.toThrow(PortTakenError);
    } finally {
      holder.close();
    }
    expect((await findLeftovers(layout)).pids).toEqual([]);
  });

  test('`down` leaves no process, mount, namespace, cgroup or file, and can be repeated', async () => {
    await up(OPTIONS);
    await down(WHICH);
    expect(await findLeftovers(layout)).toEqual({ pids: [], mounts: [], netns: false, cgroups: false });
    for (const path of [layout.stateDir, layout.runDir, layout.kubeconfig]) expect(existsSync(path)).toBe(false);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(layout.id);
    await down(WHICH);
    expect((await status(WHICH)).state).toBe('absent');
  });
});

function processOf(name: string): { readonly pid: number } | undefined {
  return readProcessStatus(layout)?.processes.find((entry) => entry.name === name)?.identity;
}

/** What a server on the loopback sends before it closes; empty when it closes at once. */
async function readFrom(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ host: '127.0.0.1', port });
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
    socket.write('\n');
  });
}
