import { createHash } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import type { FunctionRun } from '#domain/subnet/function-run.ts';
import { condition } from './harness.ts';
import { mandateConfigMap, subnetManifest } from './market-samples.ts';
import { type Market, payEpoch, quiet, told, useMarket } from './market.ts';

const open = useMarket('function');
const MODULE = Buffer.from('the module of an owner');
const OTHER = Buffer.from('another module');
const hashOf = (module: Buffer): string => createHash('sha256').update(module).digest('hex');

const modules = (namespace: string, content: Buffer, key = 'winner.wasm') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'functions', namespace },
  binaryData: { [key]: content.toString('base64') },
});

/** A Subnet whose policy names a module. */
function namingOf(namespace: string, incentiveFunction: Record<string, unknown> = {}) {
  const { policy } = subnetManifest(namespace).spec;
  const own = { sha256: hashOf(MODULE), configMapRef: { name: 'functions', key: 'winner.wasm' }, ...incentiveFunction };
  return subnetManifest(namespace, 'sp500', { policy: { ...policy, incentiveFunction: own } });
}

const accepted = { type: 'Accepted', status: 'True', reason: 'MandateHolds' } as const;
const puts = ({ ledger }: Market): number => ledger.calls.filter((call) => call.startsWith('putSubnet')).length;

function run(change: Partial<FunctionRun> = {}): FunctionRun {
  return { mechanismId: 0, sha256: hashOf(MODULE), fuelUsed: 5210, ...change };
}

describe('the incentive function of a subnet', () => {
  test('goes out of its ConfigMap to scoring, and its digest to the ledger', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await cluster.apply(mandateConfigMap(namespace));
    await cluster.apply(modules(namespace, MODULE));
    await cluster.apply(namingOf(namespace, { fuel: 7, passWeights: true }));
    await told(market, 'Subnet', 'sp500', accepted);
    expect(ledger.scoring.published).toEqual([{ netuid: 1, sha256: hashOf(MODULE) }]);
    await cluster.eventually('Subnet', namespace, 'sp500', ({ status }) =>
      expect(status).toMatchObject({ policy: { active: { incentiveFunction: hashOf(MODULE) } } }),
    );
    await quiet(market);
    expect(ledger.scoring.published).toHaveLength(1);
  });

  test('that is missing or another holds the policy back, says so, and heals when the ConfigMap is put right', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await cluster.apply(mandateConfigMap(namespace));
    await cluster.apply(namingOf(namespace));
    const missing = { type: 'Accepted', status: 'False', reason: 'FunctionMissing' };
    await told(market, 'Subnet', 'sp500', { ...missing, message: 'kubectl create configmap functions' });
    await told(market, 'Subnet', 'sp500', { type: 'Stalled', status: 'True', reason: 'FunctionMissing' });
    await cluster.apply(modules(namespace, MODULE, 'loser.wasm'));
    await told(market, 'Subnet', 'sp500', { ...missing, message: 'has no key winner.wasm' });
    await cluster.apply(modules(namespace, OTHER));
    const wrong = { type: 'Accepted', status: 'False', reason: 'FunctionHashMismatch' };
    await told(market, 'Subnet', 'sp500', { ...wrong, message: hashOf(OTHER).slice(0, 12) });
    expect(puts(market)).toBe(0);
    await cluster.apply(modules(namespace, MODULE));
    await told(market, 'Subnet', 'sp500', accepted);
    expect(ledger.scoring.published).toHaveLength(1);
  });

  test('that scoring refuses is told in its words, with its code; the policy before stays in force', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await cluster.apply(mandateConfigMap(namespace));
    await cluster.apply(modules(namespace, MODULE));
    await cluster.apply(subnetManifest(namespace));
    await told(market, 'Subnet', 'sp500', accepted);
    ledger.scoring.refusal = { code: 'MODULE_FLOAT', message: 'a float type at byte 31' };
    await cluster.apply(namingOf(namespace));
    await told(market, 'Subnet', 'sp500', {
      type: 'Accepted',
      status: 'False',
      reason: 'FunctionRefused',
      message: 'a float type at byte 31 (MODULE_FLOAT)',
    });
    expect(puts(market)).toBe(1);
    ledger.scoring.refusal = undefined;
    await told(market, 'Subnet', 'sp500', accepted);
    expect(puts(market)).toBe(2);
  });

  test('waits for a scoring that is down', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    ledger.scoring.isDown = true;
    await cluster.apply(mandateConfigMap(namespace));
    await cluster.apply(modules(namespace, MODULE));
    await cluster.apply(namingOf(namespace));
    await told(market, 'Subnet', 'sp500', { type: 'Accepted', status: 'Unknown', reason: 'ScoringUnavailable' });
    expect(puts(market)).toBe(0);
    ledger.scoring.isDown = false;
    await told(market, 'Subnet', 'sp500', accepted);
    expect(puts(market)).toBe(1);
  });

  test('may be published by its owner: without a ConfigMap scoring alone is asked', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await cluster.apply(mandateConfigMap(namespace));
    await cluster.apply(namingOf(namespace, { configMapRef: undefined }));
    await told(market, 'Subnet', 'sp500', {
      type: 'Accepted',
      status: 'False',
      reason: 'FunctionMissing',
      message: 'subnetes function publish',
    });
    ledger.scoring.functions.set(hashOf(MODULE), MODULE);
    await told(market, 'Subnet', 'sp500', accepted);
    expect(ledger.scoring.published).toEqual([]);
  });

  test('tells of each epoch whether it decided, and is published again where scoring lost it', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await cluster.apply(mandateConfigMap(namespace));
    await cluster.apply(modules(namespace, MODULE));
    await cluster.apply(namingOf(namespace));
    const type = 'IncentiveFunction';
    await told(market, 'Subnet', 'sp500', { type, status: 'Unknown', reason: 'WaitingForFirstEpoch' });
    payEpoch(market, 3, new Map(), [run()]);
    await told(market, 'Subnet', 'sp500', {
      type,
      status: 'True',
      reason: 'FunctionDecides',
      message: 'epoch 3, with 5210 fuel',
    });
    const refusal = { code: 'FUEL_EXHAUSTED', message: 'out of fuel' };
    payEpoch(market, 4, new Map(), [run({ refusal })]);
    await told(market, 'Subnet', 'sp500', {
      type,
      status: 'False',
      reason: 'FunctionFellBack',
      message: 'epoch 4 was paid without it: out of fuel (FUEL_EXHAUSTED)',
    });
    payEpoch(market, 5, new Map(), [run({ refusal: { code: 'FUNCTION_DECLINED', message: 'as they are' } })]);
    await told(market, 'Subnet', 'sp500', { type, status: 'True', reason: 'FunctionDecides' });
    ledger.scoring.functions.clear();
    payEpoch(market, 6, new Map(), [run({ refusal: { code: 'MODULE_MISSING', message: 'not at hand' } })]);
    await vi.waitFor(() => expect(ledger.scoring.published).toHaveLength(2), { timeout: 60_000 });
    await quiet(market);
    expect(ledger.scoring.published).toHaveLength(2);
    const found = await cluster.get('Subnet', namespace, 'sp500');
    expect(condition(found!, 'Ready')).toMatchObject({ status: 'True' });
  });

  test('the schema knows more than one mechanism: together they have the fuel of the most', async () => {
    const { cluster, namespace } = open();
    const { policy } = namingOf(namespace, { fuel: 60_000_000 }).spec;
    const [first] = policy.mechanisms;
    const hyperparameters = { ...policy.hyperparameters, maxUids: 64 };
    const mechanisms = [first, { ...first, id: 1, name: 'second' }];
    const manifest = subnetManifest(namespace, 'two', { policy: { ...policy, hyperparameters, mechanisms } });
    await expect(cluster.apply(manifest, true)).rejects.toThrow(/fuel × mechanisms/);
  });
});
