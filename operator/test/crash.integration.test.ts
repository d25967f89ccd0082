import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openCluster, runOperator, type TestCluster } from './harness.ts';
import { mandateConfigMap, minerManifest, modelsConfigMap, subnetManifest } from './market-samples.ts';
import { quiet, TAO, told, type Market } from './market.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { reportReady, runKeyJob } from './play-kubelet.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await openCluster();
});
afterAll(async () => await cluster?.[Symbol.asyncDispose]());

/** From nothing to a miner that answers, the operator dying after `writesMax` writes and being started again. */
async function runWithCrash(writesMax: number): Promise<Market> {
  const namespace = await cluster.namespace(`crash-${writesMax}`);
  const ledger = new MemoryLedger();
  const secrets = new Map<string, string>();
  const dying = await runOperator(cluster, ledger, writesMax);
  await cluster.apply(mandateConfigMap(namespace));
  await cluster.apply(modelsConfigMap(namespace));
  await cluster.apply(subnetManifest(namespace));
  await cluster.apply(minerManifest(namespace, 'garch'));
  const neuron = { namespace, name: 'garch' };
  let hasKey = false;
  // The rest of the cluster works on, whatever has become of the operator.
  await vi.waitFor(
    async () => {
      const jobs = await cluster.list('Job', namespace);
      if (!hasKey && jobs.length > 0) {
        hasKey = true;
        await runKeyJob(cluster, secrets, neuron);
      }
      const done = (await cluster.get('Miner', namespace, 'garch'))?.status?.['registrationId'] !== undefined;
      if (dying.writes.length < writesMax && !done) throw new Error('it lives');
    },
    { timeout: 60_000, interval: 20 },
  );
  await dying[Symbol.asyncDispose]();

  const running = await runOperator(cluster, ledger);
  const market = { cluster, namespace, ledger, secrets, running };
  if (!hasKey) await runKeyJob(cluster, secrets, neuron);
  await reportReady(cluster, { kind: 'Deployment', ...neuron });
  const found = await told(market, 'Miner', 'garch', { type: 'Registered', status: 'True', reason: 'Registered' });
  ledger.announce(1, String(found.status?.['hotkey']), 'https://garch:8443');
  await told(market, 'Miner', 'garch', { type: 'Ready', status: 'True', reason: 'Ready' });
  await quiet(market);
  return market;
}

/** What is there in the end, without what differs by nature. */
async function outcome({ namespace, ledger }: Market): Promise<unknown> {
  const kinds = ['Deployment', 'Service', 'ConfigMap', 'NetworkPolicy', 'PodDisruptionBudget', 'Job', 'Role'];
  const names = await Promise.all(
    kinds.map(async (kind) => [kind, (await cluster.list(kind, namespace)).map(({ metadata }) => metadata.name)]),
  );
  return { objects: names, neurons: ledger.views.get(1)?.neurons.size, paid: 100_000n * TAO - ledger.funds };
}

// Nineteen writes lead from nothing to a miner that answers; the operator dies after each of them.
test.for(Array.from({ length: 19 }, (_, index) => index))(
  'an operator that dies after %i writes ends in the same state, paid for once',
  async (writesMax) => {
    const market = await runWithCrash(writesMax);
    expect(await outcome(market)).toEqual({
      objects: [
        ['Deployment', ['garch']],
        ['Service', ['garch']],
        ['ConfigMap', ['garch-miner', 'models', 'owner']],
        ['NetworkPolicy', ['garch']],
        ['PodDisruptionBudget', ['garch']],
        ['Job', []],
        ['Role', []],
      ],
      neurons: 1,
      paid: TAO,
    });
    await market.running[Symbol.asyncDispose]();
    for (const [kind, name] of [
      ['Miner', 'garch'],
      ['Subnet', 'sp500'],
    ] as const) {
      await cluster.remove(kind, market.namespace, name);
    }
  },
);
