import { describe, expect, test, vi } from 'vitest';
import { neuronDiscovery } from '#adapters/neuron-discovery.ts';
import type { ScrapeTarget } from '#domain/neuron/scrape-targets.ts';
import { validatorManifest } from './market-samples.ts';
import { openMiner, openSubnet, useMarket, type Market } from './market.ts';
import { runKeyJob, startPod } from './play-kubelet.ts';

const open = useMarket('discovery');
const quiet = (): void => undefined;

/** What Prometheus would be told of this test's namespace, once it is what is wanted. */
async function becomes(market: Market, wanted: readonly ScrapeTarget[]): Promise<void> {
  const told = neuronDiscovery(market.running.operator.informers, {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: quiet,
  });
  const own = () =>
    (JSON.parse(told()) as ScrapeTarget[]).filter(({ labels }) => labels.namespace === market.namespace);
  await vi.waitFor(() => expect(own()).toEqual(wanted), { timeout: 60_000, interval: 50 });
}

function target(
  { namespace }: Market,
  named: { kind: 'Miner' | 'Validator'; neuron: string; pod: string },
  ip: string,
) {
  const { kind, neuron, pod } = named;
  const labels = { subnet: '1', kind, namespace, neuron, pod };
  return { targets: [`${ip}:9464`], labels } satisfies ScrapeTarget;
}

describe('the discovery of neurons', () => {
  test('tells of a pod while it runs', async () => {
    const market = open();
    const { cluster, namespace } = market;
    await openSubnet(market);
    await openMiner(market);
    await becomes(market, []);
    const garch = { kind: 'Deployment', namespace, name: 'garch' } as const;
    await startPod(cluster, garch, { pod: 'garch-b', ip: '10.42.0.8' });
    await startPod(cluster, garch, { pod: 'garch-a', ip: '10.42.0.9' });
    const a = target(market, { kind: 'Miner', neuron: 'garch', pod: 'garch-a' }, '10.42.0.9');
    const b = target(market, { kind: 'Miner', neuron: 'garch', pod: 'garch-b' }, '10.42.0.8');
    await becomes(market, [a, b]);
    await cluster.patchStatus('Pod', namespace, 'garch-b', { phase: 'Failed' });
    await becomes(market, [a]);
    await cluster.remove('Pod', namespace, 'garch-a');
    await becomes(market, []);
  });

  test('tells of validators beside miners, and of nobody else’s pods', async () => {
    const market = open();
    const { cluster, namespace, secrets } = market;
    await openSubnet(market);
    await cluster.apply(validatorManifest(namespace, 'val-a'));
    await runKeyJob(cluster, secrets, { namespace, name: 'val-a' });
    const keyJobPod = (await cluster.list('Pod', namespace))[0]?.metadata.name ?? '';
    await cluster.patchStatus('Pod', namespace, keyJobPod, { phase: 'Running', podIP: '10.42.0.5' });
    await startPod(cluster, { kind: 'StatefulSet', namespace, name: 'val-a' }, { pod: 'val-a-0', ip: '10.42.0.6' });
    await becomes(market, [target(market, { kind: 'Validator', neuron: 'val-a', pod: 'val-a-0' }, '10.42.0.6')]);
    await cluster.remove('Validator', namespace, 'val-a');
    await becomes(market, []);
  });
});
