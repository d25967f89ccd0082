import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { credentials } from '@grpc/grpc-js';
import { signEnvelope } from '@subnetes/keys/envelope';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { GRPCInferenceService } from '@subnetes/proto/gen/inference/grpc_service_pb';
import { WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { Invoice } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { request } from 'undici';
import type { Endpoints, ServiceClients } from './endpoints.ts';
import { BILLING_ACCOUNT, MODEL } from './market.ts';
import type { SampleWallets } from './wallets.ts';

/** What the sample's application puts on its account. */
const FUNDING_RAO = 10_000_000_000n;
const INVOICE_PATIENCE_MS = 60_000;
const KEY_PATIENCE_MS = 30_000;
const CALL_PATIENCE_MS = 30_000;

export interface Call {
  readonly protocol: 'REST' | 'gRPC';
  readonly status: string;
  readonly servedBy: string;
  readonly latencyMs: number;
  readonly receipt: string;
  readonly requestId: string;
}

/** Where a buyer gets everything and keeps the key. */
export interface BuyerContext {
  readonly services: ServiceClients;
  readonly wallets: SampleWallets;
  readonly localDir: string;
}

/** Opens the application's account, funds it from its wallet, and keeps an API key in `.local/api-key`. Repeats safely. */
export async function prepareBuyer({ services, wallets, localDir }: BuyerContext): Promise<string> {
  const account = await services.billing.createAccount({
    account: BILLING_ACCOUNT,
    owner: wallets.research.address,
    displayName: 'Research',
  });
  if (BigInt(account.available?.amount ?? '0') < FUNDING_RAO / 2n) await fund(services, wallets, account.ledgerAccount);
  const file = path.join(localDir, 'api-key');
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return kept !== undefined && (await isValid(services, kept)) ? kept.trim() : newApiKey(services, file);
}

async function isValid(services: ServiceClients, apiKey: string): Promise<boolean> {
  for (let token = ''; ;) {
    const page = { size: 1000, token };
    const { keys, nextPageToken } = await services.keys.listKeys({ account: BILLING_ACCOUNT, page });
    if (keys.some((key) => key.revokedAtMs === undefined && apiKey.includes(key.keyId))) return true;
    if (nextPageToken === '') return false;
    token = nextPageToken;
  }
}

async function newApiKey(services: ServiceClients, file: string): Promise<string> {
  const { secret } = await services.keys.createKey({ account: BILLING_ACCOUNT, name: 'sample' });
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}

/** The gateway hears of a key a moment after it was made. An empty request with one that it knows is malformed, and free. */
export async function untilTaken(gateway: string, apiKey: string, signal: AbortSignal): Promise<void> {
  const until = Date.now() + KEY_PATIENCE_MS;
  for (;;) {
    const { statusCode, body } = await request(`${gateway}/v2/models/${MODEL}/infer`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: '{}',
    });
    const said = await body.text();
    if (statusCode !== 401 && statusCode !== 503) return;
    if (Date.now() > until) throw new Error(`the gateway does not take the new API key: ${said.slice(0, 500)}`);
    await delay(100, undefined, { signal });
  }
}

async function fund(services: ServiceClients, wallets: SampleWallets, to: string): Promise<void> {
  const { networkId, block } = await services.ledger.getNetwork({});
  const order = create(WalletOrderSchema, {
    order: { case: 'transfer', value: { to, amountRao: FUNDING_RAO.toString() } },
  });
  const envelope = signEnvelope(
    {
      networkId,
      type: EnvelopeType.WALLET_ORDER,
      // Any number above the last one; the clock is, and needs no memory.
      sequence: BigInt(Date.now()),
      expiresAtBlock: block + 100n,
      payload: toBinary(WalletOrderSchema, order),
    },
    wallets.research,
  );
  await services.ledger.submitOrder({ order: envelope });
}

/** Asks for one forecast over REST and one over gRPC. */
export async function askForecasts(
  endpoints: Endpoints,
  apiKey: string,
  closes: readonly number[],
  signal: AbortSignal,
): Promise<readonly Call[]> {
  return [
    await patiently(() => askRest(endpoints, apiKey, closes), signal),
    await patiently(() => askGrpc(endpoints, apiKey, closes), signal),
  ];
}

/** Asks again while the gateway says to try again, as it may for some seconds after an upgrade. */
async function patiently(ask: () => Promise<Call>, signal: AbortSignal): Promise<Call> {
  const until = Date.now() + CALL_PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== RpcCode.UNAVAILABLE || Date.now() > until) throw error;
    }
    await delay(500, undefined, { signal });
  }
}

async function askRest(endpoints: Endpoints, apiKey: string, closes: readonly number[]): Promise<Call> {
  const body = JSON.stringify({ inputs: [{ name: 'closes', datatype: 'FP64', shape: [closes.length], data: closes }] });
  const started = performance.now();
  const response = await request(`${endpoints.gateway}/v2/models/${MODEL}/infer`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body,
  });
  const text = await response.body.text();
  const latencyMs = performance.now() - started;
  const refused = `the gateway answered ${response.statusCode}: ${text.slice(0, 500)}`;
  if (response.statusCode === 503) throw new RpcError({ code: RpcCode.UNAVAILABLE, message: refused });
  if (response.statusCode !== 200) throw new Error(refused);
  return { protocol: 'REST', status: String(response.statusCode), latencyMs, ...served(response.headers) };
}

async function askGrpc(endpoints: Endpoints, apiKey: string, closes: readonly number[]): Promise<Call> {
  using client = createRpcClient(GRPCInferenceService, {
    address: endpoints.inference,
    credentials: credentials.createInsecure(),
  });
  const started = performance.now();
  const answer = await client.modelInfer(
    {
      modelName: MODEL,
      inputs: [
        { name: 'closes', datatype: 'FP64', shape: [BigInt(closes.length)], contents: { fp64Contents: [...closes] } },
      ],
    },
    { headers: { authorization: `Bearer ${apiKey}` } },
  );
  const latencyMs = performance.now() - started;
  const parameter = (name: string): string => {
    const value = answer.parameters[name]?.parameterChoice;
    return value?.case === 'stringParam' ? value.value : '';
  };
  return {
    protocol: 'gRPC',
    status: 'OK',
    latencyMs,
    ...served(Object.fromEntries(SERVED_HEADERS.map((name) => [name, parameter(name)]))),
  };
}

const SERVED_HEADERS = ['x-subnetes-served-by', 'x-subnetes-receipt', 'x-subnetes-request-id'] as const;

function served(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Pick<Call, 'servedBy' | 'receipt' | 'requestId'> {
  const [servedBy, receipt, requestId] = SERVED_HEADERS.map((name) => String(headers[name] ?? ''));
  return { servedBy: servedBy ?? '', receipt: receipt ?? '', requestId: requestId ?? '' };
}

/** Waits until the account's newest invoice has a line for each call. */
export async function waitForInvoice(
  services: ServiceClients,
  calls: readonly Call[],
  signal: AbortSignal,
): Promise<Invoice> {
  const until = Date.now() + INVOICE_PATIENCE_MS;
  for (;;) {
    const { invoices } = await services.billing.listInvoices({ account: BILLING_ACCOUNT, page: { size: 10 } });
    const billed = invoices.find((invoice) => {
      const receipts = new Set(invoice.lines.map((line) => line.receiptId));
      return calls.every((call) => receipts.has(call.receipt));
    });
    if (billed !== undefined) return billed;
    if (Date.now() > until) {
      throw new RpcError({
        code: RpcCode.DEADLINE_EXCEEDED,
        message: 'no invoice line for the two calls within a minute: look at the logs of billing',
      });
    }
    await delay(300, undefined, { signal });
  }
}
