import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { placeModule } from '#bundle.ts';
import { clusterLayout, ClusterNameError } from '#cluster-layout.ts';
import { isPodReady } from '#cluster-readiness.ts';
import { configFiles } from '#component-configs.ts';
import { readLocalConfig } from '#config.ts';
import { ForwardError, parseForward, parseForwardTarget } from '#forward-target.ts';
import { isLoopback } from '#images.ts';
import { kubeconfigYaml } from '#kubeconfig.ts';

describe('layout', () => {
  test('clusters of one checkout, and of two checkouts, share no name in the kernel and no folder', () => {
    const layouts = [clusterLayout('/a'), clusterLayout('/a', 'other'), clusterLayout('/b')];
    for (const key of ['id', 'netns', 'cgroup', 'runDir', 'stateDir', 'kubeconfig'] as const) {
      expect(new Set(layouts.map((layout) => layout[key])).size).toBe(3);
    }
  });

  test('sockets fit into the 107 bytes of a Unix address however deep the checkout lies', () => {
    const layout = clusterLayout(`/${'deep/'.repeat(60)}`);
    expect(`${layout.kubeletRoot}/device-plugins/kubelet.sock`.length).toBeLessThan(60);
    expect(`${layout.containerdSocket}.ttrpc`.length).toBeLessThan(60);
  });

  test.for(['', 'Upper', '-a', 'a-', 'a/b', 'x'.repeat(31)])('refuses the name "%s"', (name) => {
    expect(() => clusterLayout('/a', name)).toThrow(ClusterNameError);
  });

  test('the kubelet has a cgroup root and a log folder of its own', () => {
    const layout = clusterLayout('/a');
    const kubelet = parse(configFiles(layout, 'overlayfs')[`${layout.configDir}/kubelet.yaml`] ?? '') as Record<
      string,
      unknown
    >;
    expect(kubelet['cgroupRoot']).toBe(`/${layout.cgroup}/pods`);
    expect(kubelet['podLogsDir']).toBe(layout.podLogsDir);
  });
});

test('an empty XDG_CACHE_HOME counts as unset', () => {
  expect(readLocalConfig({ XDG_CACHE_HOME: '/x' }).cacheDir).toBe('/x/subnetes');
  expect(readLocalConfig({ XDG_CACHE_HOME: '' }).cacheDir).toBe(readLocalConfig({}).cacheDir);
});

describe('kubeconfig', () => {
  const spec = {
    server: 'https://127.0.0.1:1',
    caPem: 'CA',
    certificatePem: 'CERT',
    keyPem: 'KEY',
    cluster: 'c',
    user: 'u',
  };

  test('selects one context with everything inline', () => {
    const config = parse(kubeconfigYaml({ ...spec, namespace: 'finance' })) as Record<string, never>;
    expect(config).toMatchObject({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace: 'finance' } }],
      clusters: [
        { cluster: { server: spec.server, 'certificate-authority-data': Buffer.from('CA').toString('base64') } },
      ],
      users: [{ user: { 'client-key-data': Buffer.from('KEY').toString('base64') } }],
    });
  });

  test('without a namespace none is named', () => {
    expect(kubeconfigYaml(spec)).not.toContain('namespace');
  });
});

describe('forwards', () => {
  test('an address, and a Service by port number and by port name', () => {
    expect(parseForwardTarget('127.0.0.1:6443')).toEqual({ kind: 'address', host: '127.0.0.1', port: 6443 });
    expect(parseForwardTarget('ns/web:80')).toEqual({ kind: 'service', namespace: 'ns', name: 'web', port: 80 });
    expect(parseForward('8080=ns/web:http')).toEqual({ hostPort: 8080, target: 'ns/web:http' });
  });

  test.for([
    '8080',
    '0=ns/web:80',
    '70000=ns/web:80',
    '8080=web:80',
    '8080=ns/web',
    '8080=ns/web:0',
    '80=127.0.0.1:99999',
  ])('refuses "%s"', (text) => {
    expect(() => parseForward(text)).toThrow(ForwardError);
  });
});

describe('readiness', () => {
  const sinceMs = Date.parse('2026-01-01T00:00:10.700Z');
  const pod = (ready: boolean, startedAt: string): Parameters<typeof isPodReady>[0] => ({
    metadata: { name: 'p' },
    status: { containerStatuses: [{ ready, state: { running: { startedAt } } }] },
  });

  test('a container that an earlier run of the cluster started does not count, one of the same second does', () => {
    expect(isPodReady(pod(true, '2026-01-01T00:00:09Z'), sinceMs)).toBe(false);
    expect(isPodReady(pod(true, '2026-01-01T00:00:10Z'), sinceMs)).toBe(true);
    expect(isPodReady(pod(false, '2026-01-01T00:00:12Z'), sinceMs)).toBe(false);
    expect(isPodReady({ metadata: { name: 'p' } }, sinceMs)).toBe(false);
  });
});

test('a bundled module finds its files where the image has them, and only the entry is the main module', () => {
  const code = "join(import.meta.dirname, 'x'); new URL('y', import.meta.url); if (import.meta.main) run();";
  expect(placeModule(code, { path: '/app/services/a/src/b.ts', isEntry: false })).toBe(
    `join("/app/services/a/src", 'x'); new URL('y', "file:///app/services/a/src/b.ts"); if (false) run();`,
  );
  expect(placeModule('import.meta.main', { path: '/app/x.ts', isEntry: true })).toBe('true');
});

test.for([
  ['localhost:5000', true],
  ['127.0.0.1:5000/team', true],
  ['[::1]:5000', true],
  ['registry.example.com', false],
  ['localhost.example.com', false],
  ['127.0.0.1.example.com', false],
] as const)('plain HTTP to %s: %s', ([registry, expected]) => {
  expect(isLoopback(registry)).toBe(expected);
});
