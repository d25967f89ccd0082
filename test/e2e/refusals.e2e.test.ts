import { randomUUID } from 'node:crypto';
import { mandateText, signMandate } from '@subnetes/keys/mandate';
import type { Mandate } from '@subnetes/keys/mandate';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { newMnemonic, pairOfMnemonic } from '@subnetes/keys/sr25519-pair';
import { sampleWallets } from '@subnetes/start/wallets';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { conditionOf, LOCAL, services, tools } from './market.ts';

const NAMESPACE = 'finance';
const made: string[] = [];
afterAll(async () => {
  for (const object of made.toReversed())
    await tools().kubectl(['-n', NAMESPACE, 'delete', object, '--ignore-not-found', '--wait=false']);
});

const apply = (object: unknown): Promise<string> =>
  tools().kubectl(['apply', '--server-side', '-f', '-'], { input: stringify(object) });
const dryRun = (object: unknown): Promise<string> =>
  tools().kubectl(['apply', '--server-side', '--dry-run=server', '-f', '-'], { input: stringify(object) });

async function sampleSubnet(): Promise<Manifest> {
  const text = await tools().kubectl(['-n', NAMESPACE, 'get', 'subnet.subnetes.io', 'sp500', '-o', 'json']);
  const { apiVersion, kind, spec } = JSON.parse(text) as Manifest;
  return { apiVersion, kind, metadata: { name: 'other', namespace: NAMESPACE }, spec };
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Record<string, unknown>;
  readonly spec: Record<string, unknown>;
}

function miner(name: string, spec: Record<string, unknown> = {}): Manifest {
  made.push(`miner.subnetes.io/${name}`);
  return {
    apiVersion: 'subnetes.io/v1alpha1',
    kind: 'Miner',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      subnetRef: { name: 'sp500' },
      mandateRef: { name: 'quant-a' },
      registration: { maxCost: '2', onEviction: 'Stop' },
      deletionPolicy: 'Deregister',
      runtime: { type: 'Managed', managed: {} },
      serves: [
        {
          mechanismId: 0,
          model: {
            format: 'Onnx',
            sha256: 'a'.repeat(64),
            source: { type: 'ConfigMap', configMap: { name: 'sp500-models', key: 'garch.onnx' } },
          },
        },
      ],
      ...spec,
    },
  };
}

async function mandate(name: string, pair: Sr25519Pair, change: Partial<Mandate> = {}): Promise<unknown> {
  using clients = await services();
  const { networkId } = await clients.ledger.getNetwork({});
  const cluster = (await tools().kubectl(['get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}'])).trim();
  const terms: Mandate = {
    networkId: Buffer.from(networkId).toString('hex'),
    payer: pair.address,
    owner: pair.address,
    grantee: { cluster, namespace: NAMESPACE },
    operations: ['Register', 'Stake', 'Deregister', 'SetPolicy'],
    netuids: [],
    maxPerOperation: '10000000000',
    maxTotal: '100000000000',
    notAfterBlock: '1000000',
    nonce: randomUUID(),
    ...change,
  };
  made.push(`configmap/${name}`);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: NAMESPACE },
    data: { mandate: mandateText(signMandate(terms, pair)) },
  };
}

/** Waits until the condition has the reason, and returns its message. */
async function becomes(object: { kind: string; name: string }, type: string, reason: string): Promise<string> {
  let message = '';
  const look = async (): Promise<string | undefined> => {
    const condition = await conditionOf(object.kind, object.name, type);
    message = condition?.message ?? '';
    return condition?.reason;
  };
  await expect.poll(look, { timeout: 90_000, interval: 500 }).toBe(reason);
  return message;
}

test.for([
  ['tempo', { hyperparameters: { tempo: 5 } }, /spec\.policy\.hyperparameters\.tempo.*10/s],
  ['kappaU16', { hyperparameters: { kappaU16: 70_000 } }, /spec\.policy\.hyperparameters\.kappaU16.*65535/s],
  ['yumaVersion', { hyperparameters: { yumaVersion: 4 } }, /spec\.policy\.hyperparameters\.yumaVersion/],
  [
    'price',
    { pricing: [{ name: 'p', model: 'forecast', unit: 'Request', per: 1, price: '-1' }] },
    /spec\.policy\.pricing\[0\]\.price/,
  ],
] as const)('the API server refuses a wrong %s and names it', async ([, change, message]) => {
  const subnet = await sampleSubnet();
  const policy = subnet.spec['policy'] as Record<string, Record<string, unknown>>;
  const merged = Object.fromEntries(
    Object.entries({ ...policy, ...change }).map(([key, value]) => [
      key,
      key === 'hyperparameters' ? { ...policy[key], ...(value as object) } : value,
    ]),
  );
  await expect(dryRun({ ...subnet, spec: { ...subnet.spec, handle: 'other', policy: merged } })).rejects.toThrow(
    message,
  );
});

test('a subnet that does not exist is a condition, and heals when the reference is put right', async () => {
  const object = { kind: 'miner', name: 'lost' };
  await apply(miner('lost', { subnetRef: { name: 'nowhere' } }));
  expect(await becomes(object, 'Accepted', 'SubnetNotFound')).toMatch(/nowhere/);
});

test('no mandate is a condition with the command to run, and heals when there is one', async () => {
  const name = 'unfunded';
  const poor = pairOfMnemonic(newMnemonic());
  await apply(miner(name, { mandateRef: { name: 'poor' } }));
  expect(await becomes({ kind: 'miner', name }, 'Accepted', 'NoMandate')).toMatch(/subnetes mandate create/);
  await apply(await mandate('poor', poor));
  // The mandate holds now; its payer has nothing.
  await becomes({ kind: 'miner', name }, 'Registered', 'PayerOutOfFunds');
});

test('an exhausted mandate is a condition, and heals when a larger one is applied', async () => {
  const name = 'exhausted';
  const { 'quant-a': rich } = await sampleWallets(LOCAL);
  await apply(await mandate('small', rich, { maxTotal: '1' }));
  await apply(miner(name, { mandateRef: { name: 'small' } }));
  await becomes({ kind: 'miner', name }, 'Accepted', 'MandateExhausted');
  await apply(await mandate('small', rich));
  await becomes({ kind: 'miner', name }, 'Registered', 'Registered');
});

test('a handle that is taken is a condition', async () => {
  const subnet = await sampleSubnet();
  made.push('subnet.subnetes.io/other');
  const { 'quant-a': stranger } = await sampleWallets(LOCAL);
  await apply(await mandate('stranger', stranger));
  await apply({ ...subnet, spec: { ...subnet.spec, mandateRef: { name: 'stranger' } } });
  await becomes({ kind: 'subnet', name: 'other' }, 'Accepted', 'HandleTaken');
});

test('a model file with another hash is a condition, and heals when the hash is put right', async () => {
  const name = 'wrong-hash';
  await apply(miner(name));
  const message = await becomes({ kind: 'miner', name }, 'Available', 'ModelHashMismatch');
  expect(message).toMatch(/sha256|hash/i);
  const good = JSON.parse(
    await tools().kubectl(['-n', NAMESPACE, 'get', 'miner.subnetes.io', 'garch', '-o', 'json']),
  ) as Manifest;
  await apply(miner(name, { serves: good.spec['serves'] }));
  await becomes({ kind: 'miner', name }, 'Available', 'EndpointHealthy');
});
