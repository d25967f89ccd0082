import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import type { PaidNeuron } from '#domain/market.ts';
import type { FunctionRun } from '#domain/subnet/function-run.ts';
import { condition, openCluster, runOperator, type Found, type RunningOperator, type TestCluster } from './harness.ts';
import { mandateConfigMap, minerManifest, modelsConfigMap, subnetManifest } from './market-samples.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { reportReady, runKeyJob, type Secrets } from './play-kubelet.ts';

export const TAO = 1_000_000_000n;

/** What a test expects a condition to say; `message` is a part of it. */
export interface Told {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message?: string;
}

/** A namespace of a real API server with an operator at work and a ledger in memory. */
export interface Market {
  readonly cluster: TestCluster;
  readonly namespace: string;
  readonly ledger: MemoryLedger;
  readonly secrets: Secrets;
  running: RunningOperator;
}

/** Opens one API server for the file and a market for each test. */
export function useMarket(prefix: string): () => Market {
  let cluster: TestCluster;
  let market: Market | undefined;
  let tests = 0;
  beforeAll(async () => {
    cluster = await openCluster();
  });
  afterAll(async () => await cluster?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    tests += 1;
    const ledger = new MemoryLedger();
    const namespace = await cluster.namespace(`${prefix}-${tests}`);
    market = { cluster, namespace, ledger, secrets: new Map(), running: await runOperator(cluster, ledger) };
  });
  afterEach(async () => {
    if (market === undefined) return;
    await market.running[Symbol.asyncDispose]();
    await clear(market);
  });
  return () => {
    if (market === undefined) throw new Error('the market opens with the first test');
    return market;
  };
}

/** Objects of one test must not occupy the operator of the next. */
async function clear({ cluster, namespace }: Market): Promise<void> {
  for (const kind of ['Subnet', 'Miner', 'Validator']) {
    for (const { metadata } of await cluster.list(kind, namespace)) {
      if ((metadata.finalizers?.length ?? 0) > 0) {
        await cluster.patch(kind, namespace, metadata.name, { metadata: { finalizers: null } });
      }
      await cluster.remove(kind, namespace, metadata.name).catch(() => undefined); // gone with its finalizer
    }
  }
}

/** Waits until the condition says so. */
export async function told(market: Market, kind: string, name: string, wanted: Told): Promise<Found> {
  return await market.cluster.eventually(kind, market.namespace, name, (found) => {
    const { message, type, ...rest } = wanted;
    expect(condition(found, type)).toMatchObject(rest);
    if (message !== undefined) expect(condition(found, type)?.message).toContain(message);
  });
}

/** A market with its subnet accepted. */
export async function openSubnet(market: Market): Promise<void> {
  const { cluster, namespace } = market;
  await cluster.apply(mandateConfigMap(namespace));
  await cluster.apply(modelsConfigMap(namespace));
  await cluster.apply(subnetManifest(namespace));
  await told(market, 'Subnet', 'sp500', { type: 'Accepted', status: 'True', reason: 'MandateHolds' });
}

/** A miner that is registered, answers and has announced itself; its hotkey. */
export async function openMiner(market: Market, name = 'garch', spec: Record<string, unknown> = {}): Promise<string> {
  const { cluster, namespace, ledger, secrets } = market;
  await cluster.apply(minerManifest(namespace, name, spec));
  const { hotkey } = await runKeyJob(cluster, secrets, { namespace, name });
  await reportReady(cluster, { kind: 'Deployment', namespace, name });
  await told(market, 'Miner', name, { type: 'Available', status: 'False', reason: 'EndpointNotAnnounced' });
  ledger.announce(1, hotkey, `https://${name}.${namespace}.svc:8443`);
  await told(market, 'Miner', name, { type: 'Ready', status: 'True', reason: 'Ready' });
  return hotkey;
}

/** Pays an epoch of which the named hotkeys' parts are given. */
export function payEpoch(
  { ledger }: Market,
  index: number,
  parts: ReadonlyMap<string, PaidNeuron>,
  functions: readonly FunctionRun[] = [],
): void {
  const neurons = ledger.views.get(1)?.neurons ?? new Map();
  const block = 12 + index * 20;
  ledger.pay(1, {
    index,
    block,
    nextBlock: block + 20,
    inputsSha256: 'ef'.repeat(32),
    emissionRao: 20n * TAO,
    validatorsWithPermit: 3,
    functions,
    validatorsRevealed: 3,
    neurons: new Map([...parts].map(([hotkey, part]) => [neurons.get(hotkey)?.registrationId ?? '', part])),
  });
}

/** Resolves once nothing was written for a second. */
export async function quiet(market: Market): Promise<void> {
  let seen = -1;
  await vi.waitFor(
    () => {
      const before = seen;
      seen = market.running.writes.length;
      expect(seen).toBe(before);
    },
    { timeout: 60_000, interval: 1_000 },
  );
}
