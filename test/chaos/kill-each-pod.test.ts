import { setTimeout as delay } from 'node:timers/promises';
import { newestCloses } from '@subnetes/start/sample-closes';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { apiKey, endpoints, ROOT, services, tools } from '../e2e/market.ts';

/** What one client wrote down about one call of its own. */
interface LoggedCall {
  readonly receipt: string | undefined;
  readonly costRao: bigint;
  readonly answered: boolean;
  /** Status and body, or the error: what a failure of this test has to tell. */
  readonly outcome: string;
}

const VICTIMS = [
  { name: 'operator', namespace: 'subnetes-system', selector: 'app.kubernetes.io/component=operator' },
  { name: 'ledger', namespace: 'subnetes-system', selector: 'app.kubernetes.io/component=ledger' },
  { name: 'scoring', namespace: 'subnetes-system', selector: 'app.kubernetes.io/component=scoring' },
  { name: 'billing', namespace: 'subnetes-system', selector: 'app.kubernetes.io/component=billing' },
  { name: 'PostgreSQL', namespace: 'subnetes-system', selector: 'app.kubernetes.io/component=postgres' },
  { name: 'NATS', namespace: 'subnetes-system', selector: 'app.kubernetes.io/component=nats' },
  {
    name: 'validator',
    namespace: 'finance',
    selector: 'app.kubernetes.io/name=validator,app.kubernetes.io/instance=val-a',
  },
  { name: 'miner', namespace: 'finance', selector: 'app.kubernetes.io/name=miner,app.kubernetes.io/instance=garch' },
  { name: 'gateway', namespace: 'subnetes-system', selector: 'app.kubernetes.io/component=serving-gateway' },
] as const;

const CLIENTS = 2;
const PAUSE_MS = 250;
/** As any client has one: a connection whose other end vanished with its machine tells nobody. */
const PATIENCE_MS = 10_000;
const ACCOUNT = 'research';

/** Asks for forecasts one after the other until stopped, and writes down what came of each. */
async function ask(log: LoggedCall[], stop: AbortSignal): Promise<void> {
  const closes = await newestCloses(ROOT);
  const body = JSON.stringify({ inputs: [{ name: 'closes', datatype: 'FP64', shape: [closes.length], data: closes }] });
  const headers = { authorization: `Bearer ${apiKey()}`, 'content-type': 'application/json' };
  while (!stop.aborted) {
    log.push(await askOnce(`${endpoints().gateway}/v2/models/sp500.forecast/infer`, { headers, body }));
    await delay(PAUSE_MS);
  }
}

async function askOnce(
  url: string,
  { headers, body }: { readonly headers: Record<string, string>; readonly body: string },
): Promise<LoggedCall> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await request(url, { method: 'POST', headers, body, signal });
    const text = await response.body.text();
    if (response.statusCode !== 200) {
      return {
        receipt: undefined,
        costRao: 0n,
        answered: false,
        outcome: `${response.statusCode} ${text.slice(0, 200)}`,
      };
    }
    const receipt = String(response.headers['x-subnetes-receipt']);
    const costRao = BigInt(String(response.headers['x-subnetes-cost-rao']));
    return { receipt, costRao, answered: true, outcome: '200' };
  } catch (error) {
    // The gateway was not there, or died on the way.
    return { receipt: undefined, costRao: 0n, answered: false, outcome: String(error) };
  }
}

/** Kills the victim's pods without warning and waits until as many new ones are ready. */
async function killAndHeal({ namespace, selector }: (typeof VICTIMS)[number]): Promise<void> {
  const cluster = tools();
  const podNames = async (): Promise<string[]> =>
    (await cluster.kubectl(['-n', namespace, 'get', 'pods', '-l', selector, '-o', 'jsonpath={.items[*].metadata.uid}']))
      .split(' ')
      .filter((uid) => uid !== '');
  const before = await podNames();
  expect(before.length).toBeGreaterThan(0);
  await cluster.kubectl(['-n', namespace, 'delete', 'pods', '-l', selector, '--grace-period=0', '--force']);
  await expect
    .poll(async () => (await podNames()).filter((uid) => !before.includes(uid)).length, {
      timeout: 60_000,
      interval: 500,
    })
    .toBeGreaterThanOrEqual(before.length);
  await cluster.kubectl(['-n', namespace, 'wait', 'pods', '-l', selector, '--for=condition=Ready', '--timeout=120s']);
}

test(
  'each part is killed once under load: nothing is lost, doubled, or charged without an answer',
  { timeout: 900_000 },
  async () => {
    const log: LoggedCall[] = [];
    const stop = new AbortController();
    const before = await billed();
    const paidBefore = await lastPaid();
    const clients = Promise.all(Array.from({ length: CLIENTS }, () => ask(log, stop.signal)));
    for (const victim of VICTIMS) await killAndHeal(victim);
    const afterLast = log.length;
    const outcomes = (): readonly string[] => log.slice(afterLast).map(({ outcome }) => outcome);
    await expect
      .poll(() => (outcomes().filter((outcome) => outcome === '200').length > 10 ? 'answers' : outcomes().slice(-5)), {
        timeout: 60_000,
      })
      .toBe('answers');
    stop.abort();
    await clients;

    const answered = new Map(
      log.flatMap((call) => (call.receipt === undefined ? [] : [[call.receipt, call.costRao] as const])),
    );
    expect(answered.size).toBeGreaterThan(50);
    // At most the calls in flight when the gateway itself was killed are answered and unbilled.
    const unbilled = async (): Promise<number> => {
      const { receipts } = await billed();
      return [...answered.keys()].filter((receipt) => !receipts.includes(receipt)).length;
    };
    await expect.poll(unbilled, { timeout: 120_000, interval: 1000 }).toBeLessThanOrEqual(CLIENTS);
    const after = await billed();
    const fresh = after.receipts.filter((receipt) => !before.receipts.includes(receipt));
    expect(new Set(fresh).size).toBe(fresh.length);
    expect(fresh.filter((receipt) => !answered.has(receipt))).toEqual([]);
    const cost = fresh.reduce((sum, receipt) => sum + (answered.get(receipt) ?? 0n), 0n);
    expect(after.totalRao - before.totalRao).toBe(cost);

    // The market goes on: two more epochs are paid, and the books are right.
    await expect.poll(lastPaid, { timeout: 120_000, interval: 1000 }).toBeGreaterThanOrEqual(paidBefore + 2n);
    using market = await services();
    expect(await market.ledger.audit({ verifyChain: true })).toMatchObject({
      differenceRao: '0',
      chainVerified: true,
      findings: [],
    });
    const { epochs } = await market.scoring.listEpochs({ netuid: 1, limit: 100 });
    for (const { index } of epochs)
      expect(await market.scoring.replayEpoch({ netuid: 1, index })).toMatchObject({ equal: true });
  },
);

async function billed(): Promise<{ readonly receipts: readonly string[]; readonly totalRao: bigint }> {
  using market = await services();
  const { invoices } = await market.billing.listInvoices({ account: ACCOUNT, page: { size: 100 } });
  return {
    receipts: invoices.flatMap(({ lines }) => lines.map(({ receiptId }) => receiptId)),
    totalRao: invoices.reduce((sum, { totalRao }) => sum + BigInt(totalRao), 0n),
  };
}

async function lastPaid(): Promise<bigint> {
  using market = await services();
  return (await market.ledger.getSubnet({ by: { case: 'handle', value: 'sp500' } })).lastPaidIndex;
}
