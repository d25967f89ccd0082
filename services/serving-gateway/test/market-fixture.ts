import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { Billing } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import { Keys } from '@subnetes/proto/gen/subnetes/billing/v1/keys_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { startNats } from '@subnetes/testkit/nats';
import { startPostgres } from '@subnetes/testkit/postgres';
import { freePort, startServer, waitFor, type ServerProcess } from '@subnetes/testkit/processes';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import { programEnvironment } from '@subnetes/testkit/program-environment';
import { FakeMiner } from './fake-miner.ts';
import { LedgerStub, MODEL } from './ledger-stub.ts';

export const OWNER = pairOfSeed(new Uint8Array(32).fill(99)).address;

const PORTS = ['http', 'inference', 'health', 'billingHttp', 'billingGrpc', 'billingHealth'] as const;
type Ports = Readonly<Record<(typeof PORTS)[number], number>>;

/** How gateway and billing are started, again and again on the same ports and folders. */
function processes(at: {
  readonly natsUrl: string;
  readonly ledgerUrl: string;
  readonly databaseUrl: string;
  readonly folder: string;
  readonly ports: Ports;
  readonly logLevel: string;
}) {
  const { folder, ports } = at;
  const common = {
    ...programEnvironment(),
    NATS_URL: at.natsUrl,
    LEDGER_URL: at.ledgerUrl,
    INSECURE_MODE: 'loopback',
    LOG_LEVEL: at.logLevel,
  };
  const start = (entry: string, env: Record<string, string>, healthPort: number): Promise<ServerProcess> =>
    startServer({
      command: process.execPath,
      args: [new URL(entry, import.meta.url).pathname],
      env: { ...common, ...env, HEALTH_PORT: String(healthPort) },
      ready: async () => (await fetch(`http://127.0.0.1:${healthPort}/readyz`)).ok,
    });
  const billing = {
    DATABASE_URL: at.databaseUrl,
    HTTP_PORT: String(ports.billingHttp),
    GRPC_PORT: String(ports.billingGrpc),
  };
  const gateway = {
    BILLING_URL: `127.0.0.1:${ports.billingGrpc}`,
    GATEWAY_KEY_FILE: join(folder, 'key'),
    SPOOL_DIR: join(folder, 'spool'),
    HTTP_PORT: String(ports.http),
    INFERENCE_GRPC_PORT: String(ports.inference),
    ENDPOINT_ALLOW_NETWORKS: '127.0.0.0/8',
    LEASE_RAO: '1000000',
    BODY_BYTES_MAX: '65536',
  };
  return {
    startBilling: () => start('../../billing/src/main.ts', billing, ports.billingHealth),
    startGateway: () => start('../src/main.ts', gateway, ports.health),
  };
}

/** Gateway and billing as processes, NATS and PostgreSQL for real, a ledger in memory and two miners with faults. */
export async function startMarket({ logLevel = 'warn' } = {}) {
  const teardown = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'serving-'));
  teardown.defer(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'key'), randomBytes(32).toString('hex'));
  const nats = teardown.use(await startNats());
  const postgres = teardown.use(await startPostgres());
  const ledger = new LedgerStub();
  const miners = [
    teardown.use(await new FakeMiner(3).listen()),
    teardown.use(await new FakeMiner(4).listen()),
  ] as const;
  ledger.neurons.push(...miners.map(({ neuron }) => neuron));
  const ledgerServer = teardown.use(await ledger.serve(0));
  const found = await Promise.all(PORTS.map(async (name) => [name, await freePort()] as const));
  const ports = Object.fromEntries(found) as Ports;
  const databaseUrl = await postgres.createDatabase();
  const { startBilling, startGateway } = processes({
    natsUrl: nats.url,
    ledgerUrl: `127.0.0.1:${ledgerServer.port}`,
    databaseUrl,
    folder,
    ports,
    logLevel,
  });
  const market = {
    nats,
    databaseUrl,
    ledger,
    miners,
    ports,
    billing: await startBilling(),
    gateway: await startGateway(),
    startBilling,
    startGateway,
    /** Waits until the gateway can sell. */
    isSelling: () =>
      waitFor('the model to be ready', async () => {
        const answer = await fetch(`http://127.0.0.1:${ports.http}/v2/models/${MODEL}/ready`).catch(() => undefined);
        return answer?.ok === true;
      }),
    async [Symbol.asyncDispose]() {
      await market.gateway.stop();
      await market.billing.stop();
      await teardown.disposeAsync();
    },
  };
  return market;
}

export type TestMarket = Awaited<ReturnType<typeof startMarket>>;

/** Billing as people call it. */
export function billingClients({ ports }: TestMarket) {
  const channel = { address: `127.0.0.1:${ports.billingGrpc}`, credentials: credentials.createInsecure() };
  return { billing: createRpcClient(Billing, channel), keys: createRpcClient(Keys, channel) };
}

/** A billing account with money and a key for it, which the gateway takes. */
export async function openAccount(market: TestMarket, account: string, rao: bigint) {
  const clients = billingClients(market);
  using billing = clients.billing;
  using keys = clients.keys;
  const created = await billing.createAccount({ account, owner: OWNER, displayName: account });
  market.ledger.posted.set(created.ledgerAccount, rao);
  const key = await keys.createKey({ account, name: 'test' });
  await waitFor(`the gateway to take the key of ${account}`, () => isTaken(market, key.secret));
  return key;
}

/** Whether the gateway knows a key: an empty request with one is malformed, and costs nothing. */
export async function isTaken(market: TestMarket, key: string): Promise<boolean> {
  const { status } = await infer(market, key, '{}');
  return status !== 401 && status !== 503;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export const WINDOW = JSON.stringify({
  inputs: [{ name: 'closes', datatype: 'FP64', shape: [3], data: [1399.42, 1402.11, 1403.45] }],
});

/** One request over REST. */
export async function infer({ ports }: TestMarket, key: string | undefined, body: string = WINDOW): Promise<Answer> {
  const answer = await fetch(`http://127.0.0.1:${ports.http}/v2/models/${MODEL}/infer`, {
    method: 'POST',
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    body,
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
}

export interface InvoiceBody {
  readonly id: string;
  readonly totalRao: string;
  readonly lineCount: number;
  readonly lines: readonly { readonly requestId: string; readonly receiptId: string; readonly amountRao: string }[];
}

/** The account's invoices over billing's REST. */
export async function invoices({ ports }: TestMarket, key: string): Promise<readonly InvoiceBody[]> {
  const answer = await fetch(`http://127.0.0.1:${ports.billingHttp}/v1/invoices`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const body = (await answer.json()) as { readonly invoices: readonly InvoiceBody[] };
  return body.invoices;
}
