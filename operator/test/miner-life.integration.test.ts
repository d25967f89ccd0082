import { describe, expect, test, vi } from 'vitest';

import { GARCH_SHA256, minerManifest, modelEntry, subnetManifest } from './market-samples.ts';
import { reportReady, runKeyJob } from './play-kubelet.ts';
import { openMiner, openSubnet, quiet, told, useMarket } from './market.ts';

const open = useMarket('life');

describe('a miner', () => {
  test('is repaired when somebody edits or deletes what is its own', async () => {
    const market = open();
    const { cluster, namespace } = market;
    await openSubnet(market);
    await openMiner(market);
    await cluster.remove('Service', namespace, 'garch');
    await cluster.eventually('Service', namespace, 'garch', () => undefined);
    await cluster.patch('Deployment', namespace, 'garch', { spec: { replicas: 5 } });
    await cluster.eventually('Deployment', namespace, 'garch', ({ spec }) => expect(spec['replicas']).toBe(1));
  });

  test('follows the model, the template and the scale', async () => {
    const market = open();
    const { cluster, namespace } = market;
    await openSubnet(market);
    await openMiner(market);
    const ridge = Buffer.from('ridge');
    await cluster.patch('ConfigMap', namespace, 'models', { binaryData: { 'ridge.onnx': ridge.toString('base64') } });
    const { createHash } = await import('node:crypto');
    const sha256 = createHash('sha256').update(ridge).digest('hex');
    await cluster.apply(minerManifest(namespace, 'garch', { serves: [modelEntry('ridge.onnx', sha256)] }));
    await cluster.eventually('Deployment', namespace, 'garch', ({ spec }) => {
      expect(JSON.stringify(spec)).toContain(sha256);
      expect(JSON.stringify(spec)).not.toContain(GARCH_SHA256);
    });
    const template = { resources: { requests: { memory: '200Mi' } } };
    await cluster.apply(subnetManifest(namespace, 'sp500', { minerTemplate: template }));
    await cluster.eventually('Deployment', namespace, 'garch', ({ spec }) =>
      expect(JSON.stringify(spec)).toContain('200Mi'),
    );
    await cluster.patch('Miner', namespace, 'garch', { spec: { replicas: 3 } });
    await cluster.eventually('Deployment', namespace, 'garch', ({ spec }) => expect(spec['replicas']).toBe(3));
  });

  test('that was evicted says so, stops its pods and is not registered again', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await openSubnet(market);
    const hotkey = await openMiner(market);
    ledger.end(1, hotkey);
    await told(market, 'Miner', 'garch', {
      type: 'Registered',
      status: 'False',
      reason: 'Evicted',
      message: 'Pruned',
    });
    await vi.waitFor(async () => expect(await cluster.get('Deployment', namespace, 'garch')).toBeUndefined(), {
      timeout: 60_000,
    });
    expect(ledger.calls.filter((call) => call === 'register garch')).toHaveLength(1);
  });

  test('with deletionPolicy Deregister ends its registration, with Retain it does not', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await openSubnet(market);
    const hotkey = await openMiner(market, 'leaver', { deletionPolicy: 'Deregister' });
    await openMiner(market, 'keeper');
    await cluster.remove('Miner', namespace, 'leaver');
    await cluster.remove('Miner', namespace, 'keeper');
    await vi.waitFor(async () => expect(await cluster.get('Miner', namespace, 'leaver')).toBeUndefined(), {
      timeout: 60_000,
    });
    expect(ledger.views.get(1)?.neurons.has(hotkey)).toBe(false);
    expect(ledger.views.get(1)?.neurons.size).toBe(1);
  });

  test('that is suspended is left alone', async () => {
    const market = open();
    const { cluster, namespace } = market;
    await openSubnet(market);
    await openMiner(market);
    await cluster.apply(minerManifest(namespace, 'garch', { suspend: true }));
    await told(market, 'Miner', 'garch', { type: 'Accepted', status: 'False', reason: 'Suspended' });
    await cluster.remove('Service', namespace, 'garch');
    await quiet(market);
    expect(await cluster.get('Service', namespace, 'garch')).toBeUndefined();
    await cluster.apply(minerManifest(namespace, 'garch', { suspend: false }));
    await cluster.eventually('Service', namespace, 'garch', () => undefined);
  });

  test('that is deleted and made anew keeps its key and takes its registration over', async () => {
    const market = open();
    const { cluster, namespace, ledger, secrets } = market;
    await openSubnet(market);
    const hotkey = await openMiner(market);
    await cluster.remove('Miner', namespace, 'garch');
    for (const kind of ['Deployment', 'Service', 'ConfigMap', 'NetworkPolicy', 'PodDisruptionBudget']) {
      // Nobody collects garbage here: what the cluster would do is done by hand.
      const name = kind === 'ConfigMap' ? 'garch-miner' : 'garch';
      await cluster.remove(kind, namespace, name);
    }
    await cluster.apply(minerManifest(namespace, 'garch'));
    expect((await runKeyJob(cluster, secrets, { namespace, name: 'garch' })).hotkey).toBe(hotkey);
    await reportReady(cluster, { kind: 'Deployment', namespace, name: 'garch' });
    await told(market, 'Miner', 'garch', { type: 'Ready', status: 'True', reason: 'Ready' });
    expect(ledger.views.get(1)?.neurons.size).toBe(1);
  });
});
