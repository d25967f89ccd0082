import { fileURLToPath } from 'node:url';
import { BusError, type Bus } from '@subnetes/bus/bus';
import { openNatsBus } from '@subnetes/bus/nats-bus';
import { STREAMS } from '@subnetes/bus/subjects';
import { publicKeyOf } from '@subnetes/keys/ss58';
import { Billing } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import { Keys } from '@subnetes/proto/gen/subnetes/billing/v1/keys_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import type { CallContext } from '@subnetes/proto/grpc-handlers';
import { isOutage } from '@subnetes/proto/rpc-error';
import { aborted, systemClock } from '@subnetes/runtime/clock';
import { OutageError } from '@subnetes/runtime/errors';
import { rpcService, serveGrpc } from '@subnetes/runtime/grpc-server';
import { serveHealth } from '@subnetes/runtime/health';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import { runService } from '@subnetes/runtime/run-service';
import type { Database } from '@subnetes/runtime/sql';
import { grpcClientCredentials, grpcServerTrust } from '@subnetes/runtime/tls';
import { createLogger, type Logger } from '@subnetes/telemetry/logger';
import { createMetrics, type Metrics } from '@subnetes/telemetry/metrics';
import { startTracing } from '@subnetes/telemetry/tracing';
import { takeUsageFrom } from '#adapters/bus-work.ts';
import { billingHandlers } from '#adapters/grpc-handlers.ts';
import { makeHttpApp } from '#adapters/http-app.ts';
import { keyBoard } from '#adapters/key-board.ts';
import { keyHandlers } from '#adapters/key-handlers.ts';
import { newKey } from '#adapters/key-text.ts';
import { ledgerClient } from '#adapters/ledger-client.ts';
import { billingObserver, exportState } from '#adapters/metrics.ts';
import { OwnBucket } from '#adapters/own-bucket.ts';
import { priceBoard } from '#adapters/price-board.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import { makeCreateAccount, makeReadAccount } from '#application/accounts.ts';
import { makeCreateKey, makeListKeys, makeRevokeKey } from '#application/api-keys.ts';
import { makeEndLeases } from '#application/end-leases.ts';
import { makeGrantLease } from '#application/grant-lease.ts';
import { makeKeepKeys, type KeyKeeper } from '#application/keep-keys.ts';
import { makeKeepPrices } from '#application/keep-prices.ts';
import { makeListInvoices } from '#application/list-invoices.ts';
import type { BillingObserver, BillingStore, LedgerPort } from '#application/ports.ts';
import { isReady, runRounds } from '#application/run-billing.ts';
import { makeSettleUsage } from '#application/settle-usage.ts';
import { makeTakeUsage } from '#application/take-usage.ts';
import { readConfig, type BillingConfig } from './config.ts';

const VERSION = '0.1.0';
const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));
const RETRY_MS = 500;
/** Shortest time between two rounds: under load each settles many requests instead of a few. */
const ROUND_REST_MS = 200;

await runService('billing', async (signal) => {
  const config = readConfig(process.env);
  const log = createLogger({ service: 'billing', version: VERSION, level: config.logLevel });
  const metrics = createMetrics({ service: 'billing', version: VERSION });
  await using teardown = new AsyncDisposableStack();
  const tracing = config.otlpEndpoint === undefined ? {} : { otlpEndpoint: config.otlpEndpoint };
  teardown.use(await startTracing({ service: 'billing', version: VERSION, ...tracing }));
  const failed = (error: unknown): void => log.warn({ err: error }, 'a part of the system does not answer');

  const database = teardown.use(await persistently(() => openMigrated(config), { failed, signal }));
  const store = sqlStore(database);
  const credentials = config.tls === undefined ? grpcServerTrust(undefined) : grpcClientCredentials(config.tls);
  const rpc = teardown.use(createRpcClient(Ledger, { address: config.ledgerUrl, credentials }));
  const { symbol: asset } = await persistently(() => rpc.getNetwork({}, { signal }), { failed, signal });
  const ledger = ledgerClient(rpc, () => asset);
  const natsOptions = { url: config.natsUrl, name: 'billing', ...(config.tls && { tls: config.tls }) };
  const bus = teardown.use(await persistently(() => openNatsBus(natsOptions), { failed, signal }));
  await persistently(() => bus.ensureStream(STREAMS.usage.name), { failed, signal });

  const observer = billingObserver(metrics, log);
  exportState(metrics, store);
  const keeper = makeKeepKeys({
    store,
    board: keyBoard(new OwnBucket(bus, 'api-keys')),
    sleep: (ms, until) => systemClock.sleep(ms, until).catch(() => {}), // aborted: the caller looks
    failed,
    compared: (difference) => log.info(difference, 'the bucket of API keys was compared with the database'),
  });
  const keepPrices = makeKeepPrices({ store, ledger, board: priceBoard(new OwnBucket(bus, 'prices')) });
  teardown.use(startWork({ store, ledger, observer, bus, failed, keepPrices, keeper }));
  teardown.use(await serve({ config, store, ledger, keeper, metrics, log, asset }));
  log.info({ grpcPort: config.grpcPort, httpPort: config.httpPort }, 'billing is ready');
  await aborted(signal);
});

/** Intake, rounds and the copy of the keys; disposing ends them after what they are doing. */
function startWork(deps: {
  readonly store: BillingStore;
  readonly ledger: LedgerPort;
  readonly observer: BillingObserver;
  readonly bus: Bus;
  readonly failed: (error: unknown) => void;
  readonly keepPrices: () => Promise<void>;
  readonly keeper: KeyKeeper;
}): AsyncDisposable {
  const stop = new AbortController();
  let wake = Promise.withResolvers<void>();
  const pause = async (ms: number): Promise<void> => {
    await systemClock.sleep(ROUND_REST_MS, stop.signal).catch(() => {});
    // Either ends the pause; the timer is aborted by the end of the process alone.
    await Promise.race([wake.promise, systemClock.sleep(ms - ROUND_REST_MS, stop.signal).catch(() => {})]);
    wake = Promise.withResolvers<void>();
  };
  const settleUsage = makeSettleUsage(deps);
  const work = Promise.all([
    takeUsageFrom(deps.bus, {
      ...deps,
      takeUsage: makeTakeUsage(deps),
      taken: () => wake.resolve(),
      signal: stop.signal,
    }),
    runRounds({ ...deps, settleUsage, endLeases: makeEndLeases(deps), pause }, stop.signal),
    deps.keeper.run(stop.signal),
  ]);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('stopped'));
      wake.resolve();
      await work;
    },
  };
}

async function serve(deps: {
  readonly config: BillingConfig;
  readonly store: BillingStore;
  readonly ledger: LedgerPort;
  readonly keeper: KeyKeeper;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly asset: string;
}): Promise<AsyncDisposable> {
  const { config, store, metrics, log, asset } = deps;
  await using opened = new AsyncDisposableStack();
  const listInvoices = makeListInvoices(store);
  const app = makeHttpApp({ listInvoices, store, metrics, log });
  opened.defer(() => app.close());
  const host = config.tls === undefined ? '127.0.0.1' : '0.0.0.0';
  await app.listen({ port: config.httpPort, host });
  const isFrom = (part: string, { peerNames }: CallContext): boolean =>
    config.tls === undefined || peerNames.includes(`${part}.${config.systemNamespace}.svc`);
  const handlers = billingHandlers({
    grantLease: makeGrantLease(deps),
    createAccount: makeCreateAccount({ ...deps, isAddress: (text) => publicKeyOf(text) !== undefined }),
    readAccount: makeReadAccount(deps),
    listInvoices,
    store,
    asset: () => asset,
    mayLease: (call) => isFrom('serving-gateway', call),
  });
  const nowMs = (): number => systemClock.nowMs();
  const changes = { store, tell: (keyId: string) => deps.keeper.tell(keyId), nowMs };
  const keys = keyHandlers({
    createKey: makeCreateKey({ ...changes, newKey }),
    revokeKey: makeRevokeKey(changes),
    listKeys: makeListKeys(store),
    mayKeepKeys: (call) => isFrom('cli', call),
  });
  const tls = config.tls === undefined ? {} : { tls: config.tls };
  const services = [rpcService(Billing, handlers), rpcService(Keys, keys)];
  opened.use(await serveGrpc({ port: config.grpcPort, host, ...tls, services, metrics, log }));
  opened.use(await serveHealth({ port: config.healthPort, host, ready: () => isReady(store), metrics }));
  return opened.move();
}

async function openMigrated(config: BillingConfig): Promise<Database> {
  const database = await openDatabase({ ...config.database, applicationName: 'billing' });
  try {
    await migrate(database, MIGRATIONS);
    return database;
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

/** Parts start in any order: what is not there yet is tried again until it is. */
async function persistently<T>(
  work: () => Promise<T>,
  { failed, signal }: { readonly failed: (error: unknown) => void; readonly signal: AbortSignal },
): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const mayPass = error instanceof OutageError || error instanceof BusError || isOutage(error);
      if (!mayPass) throw error;
      failed(error);
      await systemClock.sleep(RETRY_MS, signal);
    }
  }
}
