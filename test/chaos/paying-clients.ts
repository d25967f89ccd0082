import { setTimeout as delay } from 'node:timers/promises';
import { newestCloses } from '@subnetes/start/sample-closes';
import { request } from 'undici';
import { vi } from 'vitest';
import { apiKey, endpoints, ROOT, services } from '../e2e/market.ts';

/** What one client wrote down about one call of its own. */
interface LoggedCall {
  readonly receipt: string | undefined;
  readonly costRao: bigint;
  /** Status and body, or the error: what a failure of a test has to tell. */
  readonly outcome: string;
}

/** What billing had before the clients began. */
interface Billed {
  readonly receipts: readonly string[];
  readonly totalRao: bigint;
}

/** Invoices against what the clients wrote down. */
interface Compared {
  readonly answers: number;
  /** Lines whose answer is on an invoice already. */
  readonly doubled: number;
  /** Receipts of lines that no client has an answer for. */
  readonly unanswered: readonly string[];
  /** Billed less what the answers said they cost. */
  readonly differenceRao: bigint;
}

const CLIENTS = 2;
const PAUSE_MS = 250;
/** As any client has one: a connection whose other end vanished with its machine tells nobody. */
const PATIENCE_MS = 10_000;
const ACCOUNT = 'research';

/** Clients that ask for forecasts one after the other, and write down what came of each. */
export class PayingClients {
  readonly #log: LoggedCall[] = [];
  readonly #stop = new AbortController();
  readonly #before: Billed;
  readonly #clients: Promise<unknown>;

  private constructor(before: Billed, calls: (log: LoggedCall[], stop: AbortSignal) => Promise<void>) {
    this.#before = before;
    this.#clients = Promise.all(Array.from({ length: CLIENTS }, () => calls(this.#log, this.#stop.signal)));
  }

  static async start(): Promise<PayingClients> {
    const closes = await newestCloses(ROOT);
    const inputs = [{ name: 'closes', datatype: 'FP64', shape: [closes.length], data: closes }];
    return new PayingClients(await billed(), (log, stop) => ask(JSON.stringify({ inputs }), log, stop));
  }

  /** Waits until clients are answered again. */
  async areAnswered(): Promise<void> {
    const from = this.#log.length;
    await vi.waitFor(
      () => {
        const outcomes = this.#log.slice(from).map(({ outcome }) => outcome);
        if (outcomes.filter((outcome) => outcome === '200').length > 10) return;
        throw new Error(`clients are not answered: ${outcomes.slice(-5).join('; ')}`);
      },
      { timeout: 120_000, interval: 500 },
    );
  }

  /** Ends the calls, waits for their bills, and compares the two. */
  async end(): Promise<Compared> {
    this.#stop.abort();
    await this.#clients;
    const answered = new Map(
      this.#log.flatMap((call) => (call.receipt === undefined ? [] : [[call.receipt, call.costRao] as const])),
    );
    // At most the calls in flight when the gateway itself was killed are answered and unbilled.
    const after = await vi.waitFor(
      async () => {
        const now = await billed();
        const unbilled = [...answered.keys()].filter((receipt) => !now.receipts.includes(receipt));
        if (unbilled.length > CLIENTS) throw new Error(`${unbilled.length} answers are on no invoice`);
        return now;
      },
      { timeout: 120_000, interval: 1000 },
    );
    const fresh = after.receipts.filter((receipt) => !this.#before.receipts.includes(receipt));
    const cost = fresh.reduce((sum, receipt) => sum + (answered.get(receipt) ?? 0n), 0n);
    return {
      answers: answered.size,
      doubled: fresh.length - new Set(fresh).size,
      unanswered: fresh.filter((receipt) => !answered.has(receipt)),
      differenceRao: after.totalRao - this.#before.totalRao - cost,
    };
  }
}

async function ask(body: string, log: LoggedCall[], stop: AbortSignal): Promise<void> {
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
      return { receipt: undefined, costRao: 0n, outcome: `${response.statusCode} ${text.slice(0, 200)}` };
    }
    const receipt = String(response.headers['x-subnetes-receipt']);
    const costRao = BigInt(String(response.headers['x-subnetes-cost-rao']));
    return { receipt, costRao, outcome: '200' };
  } catch (error) {
    // The gateway was not there, or died on the way.
    return { receipt: undefined, costRao: 0n, outcome: String(error) };
  }
}

async function billed(): Promise<Billed> {
  using market = await services();
  const { invoices } = await market.billing.listInvoices({ account: ACCOUNT, page: { size: 100 } });
  return {
    receipts: invoices.flatMap(({ lines }) => lines.map(({ receiptId }) => receiptId)),
    totalRao: invoices.reduce((sum, { totalRao }) => sum + BigInt(totalRao), 0n),
  };
}

export async function lastPaid(): Promise<bigint> {
  using market = await services();
  return (await market.ledger.getSubnet({ by: { case: 'handle', value: 'sp500' } })).lastPaidIndex;
}

/** Waits until two more epochs than `paid` are paid; answers what the audit says and which epochs come out different now. */
export async function booksAfter(paid: bigint) {
  await vi.waitFor(
    async () => {
      const now = await lastPaid();
      if (now < paid + 2n) throw new Error(`epoch ${now} is the last that was paid`);
    },
    { timeout: 120_000, interval: 1000 },
  );
  using market = await services();
  const { differenceRao, chainVerified, findings } = await market.ledger.audit({ verifyChain: true });
  const { epochs } = await market.scoring.listEpochs({ netuid: 1, limit: 100 });
  const changed: bigint[] = [];
  for (const { index } of epochs) {
    const { equal } = await market.scoring.replayEpoch({ netuid: 1, index });
    if (!equal) changed.push(index);
  }
  return { differenceRao, chainVerified, findings, changed };
}

export const SOUND_BOOKS = { differenceRao: '0', chainVerified: true, findings: [], changed: [] };
