import { describe, expect, test, vi } from 'vitest';
import { condition } from './harness.ts';
import { mandateConfigMap, minerManifest, modelEntry, subnetManifest } from './market-samples.ts';
import { openMiner, openSubnet, TAO, told, useMarket } from './market.ts';
import { finishJobPod, runKeyJob, waitForJob } from './play-kubelet.ts';

const open = useMarket('miner');

describe('a miner', () => {
  test('gets key, registration, objects and a status', async () => {
    const market = open();
    const { cluster, namespace } = market;
    await openSubnet(market);
    const hotkey = await openMiner(market);
    const found = await cluster.get('Miner', namespace, 'garch');
    expect(found?.status).toMatchObject({
      uid: 0,
      hotkey,
      replicas: 1,
      endpoint: `https://garch.${namespace}.svc:8443`,
    });
    expect(condition(found!, 'Registered')?.message).toBe('uid 0 since block 12, immune until block 5012');
    const config = await cluster.get('ConfigMap', namespace, 'garch-miner');
    expect(JSON.parse(config?.data?.['neuron.json'] ?? '')).toMatchObject({
      networkId: 'ab'.repeat(32),
      registrationId: found?.status?.['registrationId'],
      netuid: 1,
      ledgerUrl: 'ledger.subnetes-system.svc:9443',
      caFile: '/etc/subnetes/ca.crt',
      hotkeyFile: '/var/run/subnetes/hotkey/hotkey.json',
      publicUrls: [`https://garch.${namespace}.svc:8443`],
    });
    for (const kind of ['Service', 'NetworkPolicy', 'PodDisruptionBudget']) {
      expect(await cluster.get(kind, namespace, 'garch')).toBeDefined();
    }
    // The key job has done its work: it and its rights are gone, the key stays.
    await vi.waitFor(async () => expect(await cluster.list('Role', namespace)).toEqual([]), { timeout: 60_000 });
    expect([...market.secrets.keys()]).toEqual([`${namespace}/garch-hotkey`]);
    const events = await cluster.list('Event', namespace);
    const notes = events.map((event) => (event as unknown as { note: string }).note);
    expect(notes).toContain('registered on netuid 1 as uid 0 for 1 TAO');
    expect(market.running.errors).toEqual([]);
  });

  test('runs in pods that Pod Security "restricted" admits', async () => {
    const market = open();
    const { cluster, namespace } = market;
    await openSubnet(market);
    await openMiner(market);
    const deployment = await cluster.get('Deployment', namespace, 'garch');
    const template = deployment?.spec['template'] as { metadata: object; spec: object };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe', namespace }, spec: template.spec };
    await expect(cluster.apply(pod, true)).resolves.toBeDefined();
    const bare = { ...pod, spec: { containers: [{ name: 'c', image: 'i' }] } };
    await expect(cluster.apply(bare, true)).rejects.toThrow('restricted');
  });

  test('of a subnet that does not exist heals when it is made', async () => {
    const market = open();
    const { cluster, namespace } = market;
    await cluster.apply(mandateConfigMap(namespace));
    await cluster.apply(minerManifest(namespace, 'garch'));
    await told(market, 'Miner', 'garch', {
      type: 'Accepted',
      status: 'False',
      reason: 'SubnetNotFound',
      message: `subnet ${namespace}/sp500 does not exist`,
    });
    await cluster.apply(subnetManifest(namespace));
    expect(
      await told(market, 'Miner', 'garch', { type: 'Accepted', status: 'True', reason: 'MandateHolds' }),
    ).toBeDefined();
  });

  test.for([
    {
      name: 'a payer without funds',
      knob: 'funds',
      bad: 0n,
      good: 100n * TAO,
      reason: 'PayerOutOfFunds',
      type: 'Registered',
    },
    {
      name: 'an exhausted mandate',
      knob: 'mandateLeft',
      bad: 1n,
      good: 100n * TAO,
      reason: 'MandateExhausted',
      type: 'Accepted',
    },
    { name: 'a full subnet', knob: 'maxUids', bad: 0, good: 256, reason: 'SubnetFull', type: 'Registered' },
  ] as const)('with $name says so and heals by itself', async ({ knob, bad, good, reason, type }) => {
    const market = open();
    const { cluster, namespace, ledger, secrets } = market;
    await openSubnet(market);
    Object.assign(ledger, { [knob]: bad });
    await cluster.apply(minerManifest(namespace, 'garch'));
    await runKeyJob(cluster, secrets, { namespace, name: 'garch' });
    await told(market, 'Miner', 'garch', { type, status: 'False', reason });
    expect(await cluster.get('Deployment', namespace, 'garch')).toBeUndefined();
    Object.assign(ledger, { [knob]: good });
    await told(market, 'Miner', 'garch', { type: 'Registered', status: 'True', reason: 'Registered' });
    expect(await cluster.eventually('Deployment', namespace, 'garch', () => undefined)).toBeDefined();
  });

  test('with a wrong model hash serves nothing until it is right', async () => {
    const market = open();
    const { cluster, namespace, secrets } = market;
    await openSubnet(market);
    await cluster.apply(minerManifest(namespace, 'garch', { serves: [modelEntry('garch.onnx', '0'.repeat(64))] }));
    await runKeyJob(cluster, secrets, { namespace, name: 'garch' });
    await told(market, 'Miner', 'garch', {
      type: 'Available',
      status: 'False',
      reason: 'ModelHashMismatch',
      message: 'correct the one that is wrong',
    });
    expect(await cluster.get('Deployment', namespace, 'garch')).toBeUndefined();
    await cluster.apply(minerManifest(namespace, 'garch'));
    await told(market, 'Miner', 'garch', { type: 'Available', status: 'False', reason: 'PodsStarting' });
    await cluster.remove('ConfigMap', namespace, 'models');
    await told(market, 'Miner', 'garch', { type: 'Available', status: 'False', reason: 'ModelMissing' });
  });

  test('tells the last words of a key job that failed', async () => {
    const market = open();
    const { cluster, namespace } = market;
    await openSubnet(market);
    await cluster.apply(minerManifest(namespace, 'garch'));
    const job = await waitForJob(cluster, { namespace, name: 'garch' });
    await finishJobPod(cluster, job, { exitCode: 1, message: 'secrets is forbidden' });
    const now = new Date().toISOString().replace(/\.\d+/, '');
    const failed = (type: string) => ({
      type,
      status: 'True',
      reason: 'BackoffLimitExceeded',
      lastTransitionTime: now,
    });
    const status = { startTime: now, failed: 1, conditions: [failed('FailureTarget'), failed('Failed')] };
    await cluster.patchStatus('Job', namespace, job.metadata.name, status);
    expect(
      await told(market, 'Miner', 'garch', {
        type: 'Registered',
        status: 'False',
        reason: 'KeyJobFailed',
        message: 'secrets is forbidden',
      }),
    ).toBeDefined();
  });
});
