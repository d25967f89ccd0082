import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { create, toBinary } from '@bufbuild/protobuf';
import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { signEnvelope } from '@subnetes/keys/envelope';
import { newHotkeyFile, readHotkeyFile } from '@subnetes/keys/key-file';
import { signMandate } from '@subnetes/keys/mandate';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import { Billing } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import { Keys } from '@subnetes/proto/gen/subnetes/billing/v1/keys_pb';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { Ledger, WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { EmissionState, RegistrationMode } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { startNats } from '@subnetes/testkit/nats';
import { startPostgres } from '@subnetes/testkit/postgres';
import { freePort, startServer, waitFor } from '@subnetes/testkit/processes';
import { programEnvironment } from '@subnetes/testkit/program-environment';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTraceCollector } from './trace-collector.ts';
import { identityOf } from '../src/adapters/gateway-identity.ts';

/** Gateway and billing against the ledger and a miner as they are deployed: nothing here stands in for another part. */
const MODEL = 'sp500.forecast';
const CLUSTER = '6a1f6b6e-0000-4000-8000-000000000001';
const MODEL_FILE = new URL('../../../k8s/samples/finance/trainer/models/garch.onnx', import.meta.url).pathname;
const PRICE_RAO = 2000n;
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const FUNDED_RAO = 1_000_000_000n;

const teardown = new AsyncDisposableStack();
const owner = pairOfSeed(new Uint8Array(32).fill(1));
const hotkeyFile = newHotkeyFile();
const hotkey = readHotkeyFile(JSON.stringify(hotkeyFile));
const gatewayKey = randomBytes(32).toString('hex');
const genesis = {
  token: { symbol: 'TAO', decimals: 9, cap: '21000000' },
  blockTimeMs: 200,
  blockReward: '1',
  emissionPolicy: { name: 'Equal', version: 1 },
  accounts: [{ address: owner.address, amount: '100' }],
};
const networkId = networkIdOf(genesis);
const plain = credentials.createInsecure();
let ports: { http: number; billingHttp: number };
let secret: string;
let collector: Awaited<ReturnType<typeof startTraceCollector>>;
let ledger: ReturnType<typeof createRpcClient<typeof Ledger>>;

const mandate = signMandate(
  {
    networkId: Buffer.from(networkId).toString('hex'),
    payer: owner.address,
    owner: owner.address,
    grantee: { cluster: CLUSTER, namespace: 'finance' },
    operations: ['SetPolicy', 'Register'],
    netuids: [],
    maxPerOperation: '10000000000',
    maxTotal: '50000000000',
    notAfterBlock: '1000000',
    nonce: '1',
  },
  owner,
);
const causeOf = (kind: string, name: string) => ({
  cluster: CLUSTER,
  kind,
  namespace: 'finance',
  name,
  objectUid: `${kind}-${name}`,
  generation: 1n,
});

async function start(service: string, env: Record<string, string>) {
  const healthPort = await freePort();
  teardown.use(
    await startServer({
      command: process.execPath,
      args: [new URL(`../../${service}/src/main.ts`, import.meta.url).pathname],
      env: {
        ...programEnvironment(),
        INSECURE_MODE: 'loopback',
        LOG_LEVEL: 'warn',
        ...env,
        HEALTH_PORT: String(healthPort),
      },
      ready: async () => (await fetch(`http://127.0.0.1:${healthPort}/readyz`)).ok,
    }),
  );
}

async function putSubnet(): Promise<number> {
  const replay = { dataset: 'sp500-daily', startDay: '2010-01-04', daysPerBlock: 1 };
  const { subnet } = await ledger.putSubnet({
    handle: 'sp500',
    mandate,
    emission: EmissionState.STARTED,
    registration: RegistrationMode.OPEN,
    cause: causeOf('Subnet', 'sp500'),
    policy: {
      hyperparameters: { tempo: 10, immunityPeriodBlocks: 100, maxUids: 8, maxValidators: 4 },
      mechanisms: [
        {
          id: 0,
          name: 'forecast',
          emissionWeight: 1,
          quantileForecast: { horizonsDays: [1, 5], quantiles: 19 },
          evaluation: {
            scorer: 'Crps',
            replay,
            perEpoch: 20,
            timeoutMs: 2000,
            emaPpm: 100_000,
            copiesSimilarityPpm: 999_000,
            rubric: 'Lower CRPS is better.',
          },
        },
      ],
      serving: {
        models: [{ name: 'forecast', mechanismId: 0, versions: [{ version: '1', schemaSha256: '0'.repeat(64) }] }],
        routingPreset: 'Balanced',
        firstByteTimeoutMs: 2000,
        totalTimeoutMs: 10_000,
      },
      pricing: [{ name: 'forecast', model: 'forecast', unit: 'Request', per: 1, priceRao: String(PRICE_RAO) }],
      terms: [{ name: 'invalid-answer', metric: 'AnswerValid', verifier: 'Gateway', remedy: 'Refund' }],
    },
  });
  return subnet?.netuid ?? 0;
}

async function register(netuid: number): Promise<Uint8Array> {
  const binding = signEnvelope(
    {
      networkId,
      type: EnvelopeType.HOTKEY_BINDING,
      sequence: 1n,
      expiresAtBlock: 1_000_000n,
      payload: Buffer.from(owner.address),
    },
    hotkey,
  );
  const { neuron } = await ledger.register({
    netuid,
    binding,
    mandate,
    maxCostRao: '2000000000',
    initialStakeRao: '0',
    attempt: 1n,
    cause: causeOf('Miner', 'garch'),
  });
  return neuron?.registrationId ?? new Uint8Array();
}

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'real-market-'));
  teardown.defer(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'genesis.json'), JSON.stringify(genesis));
  await writeFile(join(folder, 'hotkey.json'), JSON.stringify(hotkeyFile));
  await writeFile(join(folder, 'gateway-key'), gatewayKey);
  collector = teardown.use(await startTraceCollector());
  const nats = teardown.use(await startNats());
  const postgres = teardown.use(await startPostgres());
  const grpc = { ledger: await freePort(), billing: await freePort() };
  ports = { http: await freePort(), billingHttp: await freePort() };
  const ledgerUrl = `127.0.0.1:${grpc.ledger}`;
  const common = { NATS_URL: nats.url, LEDGER_URL: ledgerUrl };
  await start('ledger', {
    ...common,
    GENESIS_FILE: join(folder, 'genesis.json'),
    DATABASE_URL: await postgres.createDatabase(),
    GRPC_PORT: String(grpc.ledger),
  });
  ledger = teardown.use(createRpcClient(Ledger, { address: ledgerUrl, credentials: plain }));
  const netuid = await putSubnet();
  const registrationId = await register(netuid);
  const minerPort = await freePort();
  const neuron = {
    networkId: Buffer.from(networkId).toString('hex'),
    registrationId: Buffer.from(registrationId).toString('hex'),
    netuid,
    ledgerUrl,
    scoringUrl: '127.0.0.1:1',
    hotkeyFile: join(folder, 'hotkey.json'),
    publicUrls: [`https://127.0.0.1:${minerPort}`],
    gatewayPublicKeys: [Buffer.from(identityOf(gatewayKey).publicKey).toString('hex')],
  };
  await writeFile(join(folder, 'neuron.json'), JSON.stringify(neuron));
  const sha256 = createHash('sha256')
    .update(await readFile(MODEL_FILE))
    .digest('hex');
  await start('miner', {
    NEURON_FILE: join(folder, 'neuron.json'),
    MODELS: JSON.stringify([{ mechanismId: 0, format: 'Onnx', file: MODEL_FILE, sha256 }]),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    PORT: String(minerPort),
    HOST: '127.0.0.1',
  });
  await start('billing', {
    ...common,
    DATABASE_URL: await postgres.createDatabase(),
    HTTP_PORT: String(ports.billingHttp),
    GRPC_PORT: String(grpc.billing),
  });
  await start('serving-gateway', {
    ...common,
    BILLING_URL: `127.0.0.1:${grpc.billing}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    GATEWAY_KEY_FILE: join(folder, 'gateway-key'),
    SPOOL_DIR: join(folder, 'spool'),
    HTTP_PORT: String(ports.http),
    INFERENCE_GRPC_PORT: String(await freePort()),
    ENDPOINT_ALLOW_NETWORKS: '127.0.0.0/8',
  });
  using billing = createRpcClient(Billing, { address: `127.0.0.1:${grpc.billing}`, credentials: plain });
  using keys = createRpcClient(Keys, { address: `127.0.0.1:${grpc.billing}`, credentials: plain });
  const account = await billing.createAccount({ account: 'research', owner: owner.address, displayName: '' });
  const payload = toBinary(
    WalletOrderSchema,
    create(WalletOrderSchema, {
      order: { case: 'transfer', value: { to: account.ledgerAccount, amountRao: String(FUNDED_RAO) } },
    }),
  );
  const terms = { networkId, type: EnvelopeType.WALLET_ORDER, sequence: 1n, expiresAtBlock: 1_000_000n, payload };
  await ledger.submitOrder({ order: signEnvelope(terms, owner) });
  secret = (await keys.createKey({ account: 'research', name: 'test' })).secret;
});
afterAll(() => teardown.disposeAsync());

test('a forecast of the real miner is answered, charged at the real ledger and invoiced', async () => {
  await waitFor('the model to be ready', async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.http}/v2/models/${MODEL}/ready`).catch(() => undefined);
    return answer?.ok === true;
  });
  const described = await fetch(`http://127.0.0.1:${ports.http}/v2/models/${MODEL}`);
  expect(await described.json()).toMatchObject({
    name: MODEL,
    versions: ['1'],
    inputs: [{ name: 'closes', datatype: 'FP64' }],
    outputs: [{ name: 'quantiles', datatype: 'FP64' }],
  });
  const closes = Array.from({ length: 300 }, (_, day) => 2000 * Math.exp(0.01 * Math.sin(day)));
  const infer = (headers: Record<string, string>, body: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${ports.http}/v2/models/${MODEL}/infer`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, ...headers },
      body,
    });
  // An empty request with a key that the gateway knows is malformed, and costs nothing.
  await waitFor('the gateway to take the key', async () => (await infer({}, '{}')).status === 400);
  const answer = await infer(
    { traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` },
    JSON.stringify({ inputs: [{ name: 'closes', datatype: 'FP64', shape: [300], data: closes }] }),
  );
  const body = (await answer.json()) as { readonly outputs: readonly { readonly shape: readonly number[] }[] };
  expect([answer.status, body.outputs[0]?.shape]).toEqual([200, [2, 19]]);
  expect(answer.headers.get('x-subnetes-served-by')).toContain(hotkey.address);

  const invoice = await waitFor('the invoice', async () => {
    const listed = await fetch(`http://127.0.0.1:${ports.billingHttp}/v1/invoices`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    const { invoices } = (await listed.json()) as {
      readonly invoices: readonly {
        readonly totalRao: string;
        readonly lines: readonly { ledgerSequence: number }[];
      }[];
    };
    return invoices[0];
  });
  expect(invoice.totalRao).toBe(String(PRICE_RAO));
  const sequence = BigInt(invoice.lines[0]?.ledgerSequence ?? 0);
  const { entries } = await ledger.listEntries({ afterSequence: sequence - 1n, limit: 1 });
  expect(entries[0]).toMatchObject({ sequence, kind: 'HoldPosted' });
  const credited = entries[0]?.postings.filter(({ delta }) => !delta.startsWith('-')) ?? [];
  expect(credited.reduce((sum, { delta }) => sum + BigInt(delta), 0n)).toBe(PRICE_RAO);
  const { balances } = await ledger.getBalances({ accounts: ['billing:research', 'network'] });
  expect(balances.map(({ posted }) => posted?.amount)).toEqual([String(FUNDED_RAO - PRICE_RAO), '40']);
  expect((await ledger.audit({ verifyChain: true })).differenceRao).toBe('0');
});

test('the request is one trace: the client, the gateway, and below it the miner', async () => {
  const [gateway, miner] = await waitFor('spans of both', () => {
    const own = collector.spans.filter(({ traceId }) => traceId === TRACE_ID);
    const found = ['serving-gateway', 'miner'].map((name) => own.find(({ service }) => service === name));
    return found.every((span) => span !== undefined) ? found : undefined;
  });
  expect(gateway?.parentSpanId).toBe('00f067aa0ba902b7');
  expect(miner?.parentSpanId).toBe(gateway?.spanId);
});
