import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { APPLIED_ANNOTATION, createApplier, type Applier } from '#apply.ts';
import { createEventRecorder } from '#events.ts';
import { createInformers, type Informer, type Informers } from '#informers.ts';
import { NO_LOG, NO_METRICS } from '#metrics.ts';
import { prune } from '#prune.ts';
import { collectionPath, CONFIG_MAPS, DEPLOYMENTS, EVENTS, type KubeObject } from '#resource.ts';
import { createStatusWriter } from '#status.ts';
import { configMap, create, makeNamespace, merge, openKube, read, remove, type ConfigMap } from './harness.ts';

let opened: Awaited<ReturnType<typeof openKube>>;
let informers: Informers;
let configMaps: Informer<ConfigMap>;
let deployments: Informer<KubeObject>;
let applier: Applier;
let namespace: string;
let tests = 0;

const signal = AbortSignal.timeout(200_000);
const makeApplier = (): Applier =>
  createApplier({ transport: opened.transport, fieldManager: 'subnetes-operator', metrics: NO_METRICS });
const eventually = async (check: () => void): Promise<void> =>
  await vi.waitFor(check, { timeout: 60_000, interval: 20 });

beforeAll(async () => {
  opened = await openKube();
  informers = createInformers({
    transport: opened.transport,
    metrics: NO_METRICS,
    log: NO_LOG,
    random: Math.random,
    nowMs: () => Date.now(),
  });
  configMaps = informers.follow<ConfigMap>(CONFIG_MAPS);
  deployments = informers.follow(DEPLOYMENTS);
  await informers.waitForSync(AbortSignal.timeout(60_000));
});
afterAll(async () => {
  await informers?.[Symbol.asyncDispose]();
  await opened?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  tests += 1;
  namespace = await makeNamespace(opened.transport, `writes-${tests}`);
  applier = makeApplier();
});

test('applying twice writes once, also after a restart', async () => {
  const desired = configMap(namespace, 'a', { key: 'value' });
  expect((await applier.apply(configMaps, desired, signal)).result).toBe('created');
  const before = opened.transport.writes();
  expect((await applier.apply(configMaps, desired, signal)).result).toBe('unchanged');
  // A new process has the annotation to go by.
  expect((await makeApplier().apply(configMaps, desired, signal)).result).toBe('unchanged');
  expect(opened.transport.writes()).toBe(before);
});

test('drift is repaired, what others added is left alone, what we no longer want goes', async () => {
  const desired = configMap(namespace, 'a', { ours: '1', dropped: '1' });
  await applier.apply(configMaps, desired, signal);
  await merge(opened.transport, desired, { data: { ours: 'changed', theirs: '2' } });
  await eventually(() => expect(configMaps.store.get(`${namespace}/a`)?.data).toHaveProperty('theirs'));
  expect((await applier.apply(configMaps, desired, signal)).result).toBe('updated');
  expect((await read(opened.transport, desired)).data).toEqual({ ours: '1', dropped: '1', theirs: '2' });
  await applier.apply(configMaps, configMap(namespace, 'a', { ours: '1' }), signal);
  const left = await read(opened.transport, desired);
  expect(left.data).toEqual({ ours: '1', theirs: '2' });
  expect(left.metadata.annotations).toHaveProperty([APPLIED_ANNOTATION]);
});

test('what the server writes in its own way is no drift', async () => {
  const labels = { app: 'x' };
  const resources = { requests: { cpu: '1000m', memory: '1024Mi' } };
  const desired = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i', resources }] } },
    },
  };
  await applier.apply(deployments, desired, signal);
  const before = opened.transport.writes();
  for (let pass = 0; pass < 3; pass += 1) {
    expect((await applier.apply(deployments, desired, signal)).result).toBe('unchanged');
  }
  expect(opened.transport.writes()).toBe(before);
});

test('prune deletes the children that are not kept, and nobody else’s', async () => {
  const owner = await create(opened.transport, configMap(namespace, 'owner'));
  const uid = owner.metadata.uid ?? '';
  const child = (name: string): ConfigMap => ({
    ...configMap(namespace, name),
    metadata: {
      name,
      namespace,
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid, controller: true }],
    },
  });
  for (const name of ['kept', 'dropped']) await applier.apply(configMaps, child(name), signal);
  await applier.apply(configMaps, configMap(namespace, 'stranger'), signal);
  const keep = [{ resource: CONFIG_MAPS, object: child('kept') }];
  const deleted = await prune({ transport: opened.transport, followed: [configMaps], ownerUid: uid, keep, signal });
  expect(deleted).toEqual([`configmaps/${namespace}/dropped`]);
  await eventually(() => expect(configMaps.store.get(`${namespace}/dropped`)).toBeUndefined());
  expect(configMaps.store.get(`${namespace}/kept`)).toBeDefined();
  expect(configMaps.store.get(`${namespace}/stranger`)).toBeDefined();
});

test('a status is written once, and never to an object that was made anew under the name', async () => {
  const labels = { app: 'x' };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 's', namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  };
  await applier.apply(deployments, deployment, signal);
  const object = deployments.store.get(`${namespace}/s`);
  if (object === undefined) throw new Error('the store has no answer of the apply');
  const writer = createStatusWriter({ transport: opened.transport, fieldManager: 'status' });
  const status = { replicas: 1, observedGeneration: 1, readyReplicas: undefined };
  expect(await writer.write({ followed: deployments, object, status, signal })).toBe(true);
  const before = opened.transport.writes();
  expect(await writer.write({ followed: deployments, object, status, signal })).toBe(false);
  expect(opened.transport.writes()).toBe(before);
  const older = { ...object, metadata: { ...object.metadata, uid: '00000000-0000-0000-0000-000000000000' } };
  const stale = writer.write({ followed: deployments, object: older, status: { replicas: 2 }, signal });
  await expect(stale).rejects.toThrow('metadata.uid');
});

test('a repeated event is one event with a series, and a flood is cut', async () => {
  const object = await create(opened.transport, configMap(namespace, 'noisy'));
  let nowMs = Date.now();
  const recorder = createEventRecorder({
    transport: opened.transport,
    log: NO_LOG,
    nowMs: () => nowMs,
    reportingController: 'subnetes.io/test',
    reportingInstance: 'test',
  });
  const regarding = { resource: CONFIG_MAPS, object };
  const say = (note: string): void =>
    recorder.record(regarding, { type: 'Warning', reason: 'PodsFailing', action: 'Reconcile', note });
  say('same');
  say('same');
  nowMs += 6 * 60_000;
  say('same');
  await recorder.flush();
  const list = async (): Promise<{ note: string; series?: { count: number } }[]> => {
    const { body } = await opened.transport.request({ method: 'GET', path: collectionPath(EVENTS, namespace) });
    return (body as { items: { note: string; series?: { count: number } }[] }).items;
  };
  expect(await list()).toMatchObject([{ note: 'same', series: { count: 3 } }]);
  for (let index = 0; index < 60; index += 1) say(`another ${index}`);
  await recorder.flush();
  expect((await list()).length).toBeLessThanOrEqual(27);
  await remove(opened.transport, object);
});
