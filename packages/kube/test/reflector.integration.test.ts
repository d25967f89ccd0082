import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { NO_LOG, NO_METRICS } from '#metrics.ts';
import { startReflector, type Reflector } from '#reflector.ts';
import { collectionPath, CONFIG_MAPS, type Resource } from '#resource.ts';
import { ObjectStore, type Change } from '#store.ts';
import type { Transport } from '#transport.ts';
import { configMap, counting, create, makeNamespace, merge, openKube, remove, type ConfigMap } from './harness.ts';

let opened: Awaited<ReturnType<typeof openKube>>;

beforeAll(async () => {
  opened = await openKube();
});
afterAll(async () => await opened?.[Symbol.asyncDispose]());

const eventually = async (check: () => void): Promise<void> =>
  await vi.waitFor(check, { timeout: 30_000, interval: 20 });

async function follow(
  transport: Transport,
  namespace: string,
): Promise<{ store: ObjectStore<ConfigMap>; reflector: Reflector; changes: Change<ConfigMap>[] }> {
  const store = new ObjectStore<ConfigMap>();
  const changes: Change<ConfigMap>[] = [];
  store.subscribe((change) => changes.push(change));
  const reflector = startReflector<ConfigMap>({
    transport,
    resource: CONFIG_MAPS,
    namespace,
    store,
    metrics: NO_METRICS,
    log: NO_LOG,
    random: Math.random,
    nowMs: () => Date.now(),
    pageSize: 3,
  });
  return { store, reflector, changes };
}

test('lists in pages and follows what is made, changed and deleted', async () => {
  const { transport } = opened;
  const namespace = await makeNamespace(transport, 'pages');
  for (let index = 0; index < 8; index += 1) await create(transport, configMap(namespace, `before-${index}`));
  const { store, reflector } = await follow(transport, namespace);
  await using _stop = reflector;
  await reflector.waitForSync(AbortSignal.timeout(60_000));
  expect(store.size).toBe(8);
  const made = await create(transport, configMap(namespace, 'after', { a: '1' }));
  await eventually(() => expect(store.get(`${namespace}/after`)?.data).toEqual({ a: '1' }));
  await merge(transport, made, { data: { a: '2' } });
  await eventually(() => expect(store.get(`${namespace}/after`)?.data).toEqual({ a: '2' }));
  await remove(transport, made);
  await eventually(() => expect(store.get(`${namespace}/after`)).toBeUndefined());
  expect(reflector.counts).toMatchObject({ lists: 1, watches: 1, failures: 0 });
});

test('a version that is gone leads to a new list, which tells of deletions that were missed', async () => {
  const { kube, transport } = opened;
  // A server that has just started remembers no change from before.
  await kube.restartApiServer();
  const namespace = await makeNamespace(transport, 'expired');
  const gone = await create(transport, configMap(namespace, 'gone'));
  await create(transport, configMap(namespace, 'stays'));
  let watches = 0;
  const breakFirst = new AbortController();
  const faulty: Transport = {
    ...transport,
    watch(path, query, signal) {
      watches += 1;
      // The first watch is cut, the second asks for a version that the server has forgotten.
      if (watches === 1) return transport.watch(path, query, AbortSignal.any([signal, breakFirst.signal]));
      return transport.watch(path, watches === 2 ? { ...query, resourceVersion: '1' } : query, signal);
    },
  };
  const { store, reflector, changes } = await follow(faulty, namespace);
  await using _stop = reflector;
  await reflector.waitForSync(AbortSignal.timeout(60_000));
  expect(store.size).toBe(2);
  breakFirst.abort();
  await remove(transport, gone);
  await eventually(() => expect(store.get(`${namespace}/gone`)).toBeUndefined());
  expect(reflector.counts.expired).toBe(1);
  expect(reflector.counts.lists).toBe(2);
  expect(changes.at(-1)).toMatchObject({ key: `${namespace}/gone`, previous: { metadata: { name: 'gone' } } });
  expect(store.get(`${namespace}/stays`)).toBeDefined();
});

test('an API server that restarts loses no change', async () => {
  const { kube, transport } = opened;
  const namespace = await makeNamespace(transport, 'restarts');
  await create(transport, configMap(namespace, 'before'));
  const { store, reflector } = await follow(transport, namespace);
  await using _stop = reflector;
  await reflector.waitForSync(AbortSignal.timeout(60_000));
  await kube.restartApiServer();
  await create(transport, configMap(namespace, 'after'));
  await remove(transport, configMap(namespace, 'before'));
  await eventually(() => expect(store.list().map(({ metadata }) => metadata.name)).toEqual(['after']));
  await eventually(() => expect(reflector.trouble).toBeUndefined());
});

test('a kind that does not exist, or may not be read, is trouble and no crash', async () => {
  const { kube } = opened;
  const { certificatePem: cert, keyPem: key } = await kube.issueClient('nobody');
  const stranger = counting({
    server: kube.baseUrl,
    tls: { ca: kube.caPem, cert, key },
    token: async () => undefined,
  });
  await using _close = stranger;
  const start = (transport: Transport, resource: Resource): Reflector =>
    startReflector({
      transport,
      resource,
      store: new ObjectStore(),
      metrics: NO_METRICS,
      log: NO_LOG,
      random: Math.random,
      nowMs: () => Date.now(),
    });
  await using forbidden = start(stranger, CONFIG_MAPS);
  await using missing = start(opened.transport, { ...CONFIG_MAPS, group: 'none.example', plural: 'nothings' });
  await eventually(() => expect(forbidden.trouble).toContain('forbidden'));
  await eventually(() => expect(missing.trouble).toContain('404'));
  expect([forbidden.synced, missing.synced]).toEqual([false, false]);
  // The right comes later, and the reflector goes on by itself.
  const rbac = 'rbac.authorization.k8s.io';
  const made = async (kind: string, plural: string, body: object): Promise<unknown> =>
    await opened.transport.request({
      method: 'POST',
      path: collectionPath({ group: rbac, version: 'v1', kind, plural, namespaced: false }),
      body: { apiVersion: `${rbac}/v1`, kind, metadata: { name: 'nobody-reads' }, ...body },
    });
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list', 'watch'] }];
  await made('ClusterRole', 'clusterroles', { rules });
  await made('ClusterRoleBinding', 'clusterrolebindings', {
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'nobody-reads' },
    subjects: [{ kind: 'User', name: 'nobody', apiGroup: rbac }],
  });
  await forbidden.waitForSync(AbortSignal.timeout(60_000));
  expect(forbidden.trouble).toBeUndefined();
});
