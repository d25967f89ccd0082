import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Billing } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import { Keys } from '@subnetes/proto/gen/subnetes/billing/v1/keys_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { grpcClientCredentials, grpcServerTrust, type TlsFiles } from '@subnetes/runtime/tls';
import { startNats } from '@subnetes/testkit/nats';
import { startPostgres } from '@subnetes/testkit/postgres';
import { freePort, startServer, waitFor } from '@subnetes/testkit/processes';
import { programEnvironment } from '@subnetes/testkit/program-environment';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeMiner } from './fake-miner.ts';
import { LedgerStub, MODEL } from './ledger-stub.ts';
import { OWNER, WINDOW } from './market-fixture.ts';
import { writeTlsFiles } from './tls-files.ts';

/** Gateway and billing with certificates, as in the cluster: every call between the parts is mTLS. */
const teardown = new AsyncDisposableStack();
let files: Readonly<Record<'ledger' | 'billing' | 'serving-gateway' | 'cli' | 'nats', TlsFiles>>;
let ports: Readonly<{ http: number; billing: number }>;
let ledger: LedgerStub;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tls-'));
  teardown.defer(() => rm(folder, { recursive: true, force: true }));
  files = await writeTlsFiles(folder, ['ledger', 'billing', 'serving-gateway', 'cli', 'nats']);
  // The test's nats-server may run under another user.
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'gateway-key'), randomBytes(32).toString('hex'));
  const { caFile, certFile, keyFile } = files.nats;
  const config = `tls { ca_file: "${caFile}", cert_file: "${certFile}", key_file: "${keyFile}", verify: true }`;
  const nats = teardown.use(await startNats({ config }));
  const postgres = teardown.use(await startPostgres());
  const miner = teardown.use(await new FakeMiner(3).listen());
  ledger = new LedgerStub();
  ledger.neurons.push(miner.neuron);
  const ledgerServer = teardown.use(await ledger.serve(0, files.ledger));
  ports = { http: await freePort(), billing: await freePort() };
  const start = async (part: 'billing' | 'serving-gateway', env: Record<string, string>) => {
    const healthPort = String(await freePort());
    const tls = files[part];
    const server = await startServer({
      command: process.execPath,
      args: [new URL(`../../${part}/src/main.ts`, import.meta.url).pathname],
      env: {
        ...programEnvironment(),
        // Node checks the name of an address that is an IP as localhost.
        NATS_URL: nats.url.replace('nats://127.0.0.1', 'tls://localhost'),
        LEDGER_URL: `127.0.0.1:${ledgerServer.port}`,
        TLS_CA_FILE: tls.caFile,
        TLS_CERT_FILE: tls.certFile,
        TLS_KEY_FILE: tls.keyFile,
        LOG_LEVEL: 'warn',
        ...env,
        HEALTH_PORT: healthPort,
      },
      ready: async () => (await fetch(`http://127.0.0.1:${healthPort}/readyz`)).ok,
    });
    teardown.use(server);
  };
  await start('billing', {
    DATABASE_URL: await postgres.createDatabase(),
    HTTP_PORT: String(await freePort()),
    GRPC_PORT: String(ports.billing),
  });
  await start('serving-gateway', {
    BILLING_URL: `127.0.0.1:${ports.billing}`,
    GATEWAY_KEY_FILE: join(folder, 'gateway-key'),
    SPOOL_DIR: join(folder, 'spool'),
    HTTP_PORT: String(ports.http),
    INFERENCE_GRPC_PORT: String(await freePort()),
    ENDPOINT_ALLOW_NETWORKS: '127.0.0.0/8',
  });
});
afterAll(() => teardown.disposeAsync());

test('a call is sold with certificates between all parts', async () => {
  const shown = grpcClientCredentials(files.cli);
  using billing = createRpcClient(Billing, { address: `127.0.0.1:${ports.billing}`, credentials: shown });
  using keys = createRpcClient(Keys, { address: `127.0.0.1:${ports.billing}`, credentials: shown });
  const { ledgerAccount } = await billing.createAccount({ account: 'research', owner: OWNER, displayName: '' });
  ledger.posted.set(ledgerAccount, 1_000_000n);
  const { secret } = await keys.createKey({ account: 'research', name: 'test' });
  await waitFor('the model to be ready', async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.http}/v2/models/${MODEL}/ready`).catch(() => undefined);
    return answer?.ok === true;
  });
  const ask = () =>
    fetch(`http://127.0.0.1:${ports.http}/v2/models/${MODEL}/infer`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}` },
      body: WINDOW,
    });
  const answer = await waitFor('the gateway to take the key', async () => {
    const given = await ask();
    return given.status === 401 || given.status === 503 ? undefined : given;
  });
  expect(answer.status).toBe(200);
});

test('leases are for the gateway alone, keys for people alone, and without a certificate there is nothing', async () => {
  const shown = grpcClientCredentials(files.cli);
  const address = `127.0.0.1:${ports.billing}`;
  using billing = createRpcClient(Billing, { address, credentials: shown });
  const lease = { leaseId: 'lease-of-cli', account: 'research', instance: 'cli', maxRao: '1000' };
  await expect(billing.grantLease(lease)).rejects.toMatchObject({ reason: 'NOT_A_GATEWAY' });
  using ofGateway = createRpcClient(Keys, { address, credentials: grpcClientCredentials(files['serving-gateway']) });
  const key = { account: 'research', name: 'own' };
  await expect(ofGateway.createKey(key)).rejects.toMatchObject({ reason: 'NOT_A_PERSON' });
  await expect(ofGateway.revokeKey({ keyId: '0'.repeat(16) })).rejects.toMatchObject({ reason: 'NOT_A_PERSON' });
  await expect(ofGateway.listKeys({ account: 'research' })).rejects.toMatchObject({ reason: 'NOT_A_PERSON' });
  using stranger = createRpcClient(Keys, {
    address,
    credentials: grpcServerTrust(files.cli.caFile),
    deadlineMs: 5000,
  });
  await expect(stranger.listKeys({ account: 'research' })).rejects.toMatchObject({ name: 'RpcError' });
});
