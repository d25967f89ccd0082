import { randomUUID } from 'node:crypto';
import { openNatsBus } from '@subnetes/bus/nats-bus';
import { Billing } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import { GatewayControl } from '@subnetes/proto/gen/subnetes/gateway/v1/gateway_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { GRPCInferenceService } from '@subnetes/proto/gen/inference/grpc_service_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { aborted, systemClock } from '@subnetes/runtime/clock';
import { ConfigError } from '@subnetes/runtime/errors';
import { rpcService, serveGrpc } from '@subnetes/runtime/grpc-server';
import { serveHealth } from '@subnetes/runtime/health';
import { runService } from '@subnetes/runtime/run-service';
import { grpcClientCredentials, grpcServerTrust } from '@subnetes/runtime/tls';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { startTracing } from '@subnetes/telemetry/tracing';
import { KeyTable } from '#adapters/api-keys.ts';
import { billingClient } from '#adapters/billing-client.ts';
import { BusLink } from '#adapters/bus-link.ts';
import { controlHandlers } from '#adapters/control-handlers.ts';
import { AddressRule } from '#adapters/endpoint-address.ts';
import { identityOf } from '#adapters/gateway-identity.ts';
import { makeHttpApp } from '#adapters/http-app.ts';
import { kserveGrpcHandlers } from '#adapters/kserve-grpc.ts';
import { followMarket } from '#adapters/market-watch.ts';
import { exportState, gatewayObserver } from '#adapters/metrics.ts';
import { Receipts } from '#adapters/receipts.ts';
import { MinerLinks } from '#adapters/upstream.ts';
import { DurableUsageSpool } from '#adapters/usage-spool.ts';
import { Leases } from '#application/keep-leases.ts';
import { drain, keepUp } from '#application/keep-up.ts';
import { makeServeRequest } from '#application/serve-request.ts';
import { MinerTrack } from '#application/track-miners.ts';
import { Admission } from '#domain/admission.ts';
import { Market } from '#domain/market.ts';
import { readConfig, type GatewayConfig } from './config.ts';

const VERSION = '0.1.0';
const LEASE_PATIENCE_MS = 3000;

await runService('serving-gateway', async (signal) => {
  const config = readConfig(process.env);
  const log = createLogger({ service: 'serving-gateway', version: VERSION, level: config.logLevel });
  const metrics = createMetrics({ service: 'serving-gateway', version: VERSION });
  await using teardown = new AsyncDisposableStack();
  const tracing = config.otlpEndpoint === undefined ? {} : { otlpEndpoint: config.otlpEndpoint };
  teardown.use(await startTracing({ service: 'serving-gateway', version: VERSION, ...tracing }));

  const { monotonicMs, nowMs } = systemClock;
  const failed = (error: unknown): void => log.warn({ err: error }, 'a part of the system does not answer');
  const stopped = new AbortController();
  const sleep = (ms: number): Promise<void> => systemClock.sleep(ms, stopped.signal).catch(() => {}); // stopped: loops look
  const credentials = config.tls === undefined ? grpcServerTrust(undefined) : grpcClientCredentials(config.tls);
  const ledger = teardown.use(createRpcClient(Ledger, { address: config.ledgerUrl, credentials }));
  const billing = teardown.use(createRpcClient(Billing, { address: config.billingUrl, credentials }));

  const market = new Market();
  const keys = new KeyTable();
  const observer = gatewayObserver(metrics);
  const identity = identityFrom(config);
  let networkId: Uint8Array | undefined;
  const { spoolDir: folder, spoolBytesMax: bytesMax } = config;
  const spool = teardown.use(new DurableUsageSpool({ folder, bytesMax, nowMs, failed }));
  const bus = teardown.use(
    new BusLink({
      open: () => openNatsBus({ url: config.natsUrl, name: config.instance, ...(config.tls && { tls: config.tls }) }),
      market,
      keys,
      spool,
      failed,
      sleep,
    }),
  );
  const links = teardown.use(
    new MinerLinks({
      market,
      rule: new AddressRule({ suffixes: config.allowSuffixes, networks: config.allowNetworks }),
      identity,
      receipts: new Receipts(identity),
      networkId: () => networkId,
      log,
      nowMs,
      monotonicMs,
      answerBytesMax: config.answerBytesMax,
    }),
  );
  const admission = new Admission({
    inFlightMax: config.inFlightMax,
    accountInFlightMax: config.accountInFlightMax,
  });
  const leases = new Leases({
    billing: billingClient(billing, config.instance),
    spool,
    observer,
    settings: { leaseRao: config.leaseRao, patienceMs: LEASE_PATIENCE_MS },
    newLeaseId: randomUUID,
    monotonicMs,
    sleep,
  });
  const track = new MinerTrack();
  const random = Math.random;
  const deps = { keys, market, admission, leases, upstream: links, track, spool, observer, random, monotonicMs };
  const serve = makeServeRequest(deps);
  exportState(metrics, { admission, leases, links, market, spool });

  const network = (id: Uint8Array): void => {
    networkId = id;
  };
  const work = Promise.all([
    followMarket({ ledger, market, failed, sleep, network }, stopped.signal),
    bus.run(stopped.signal),
    keepUp({ links, leases, track, market, failed, sleep }, stopped.signal),
  ]);
  teardown.defer(async () => {
    stopped.abort(new Error('stopped'));
    bus.nudge();
    await work;
  });

  const isModelReady = (model: string): boolean => {
    const offer = market.find(model, undefined);
    return offer.ok && market.miners(offer.subnet.netuid).some((miner) => links.isReady(miner, model));
  };
  const app = makeHttpApp({
    serve,
    market,
    admission,
    isModelReady,
    metrics,
    log,
    bodyBytesMax: config.bodyBytesMax,
  });
  teardown.defer(() => app.close());
  const host = config.tls === undefined ? '127.0.0.1' : '0.0.0.0';
  await app.listen({ port: config.httpPort, host });
  const grpcCommon = { host, metrics, log };
  const inference = rpcService(GRPCInferenceService, kserveGrpcHandlers({ serve, market, admission, isModelReady }));
  teardown.use(
    await serveGrpc({
      ...grpcCommon,
      port: config.inferenceGrpcPort,
      services: [inference],
      messageBytesMax: config.bodyBytesMax,
    }),
  );
  const control = rpcService(GatewayControl, controlHandlers({ keys, bucket: () => bus.keyBucket, nowMs }));
  const tls = config.tls === undefined ? {} : { tls: config.tls };
  teardown.use(await serveGrpc({ ...grpcCommon, ...tls, port: config.grpcPort, services: [control] }));
  const ready = (): true | string => readiness({ admission, keys, networkId });
  teardown.use(await serveHealth({ port: config.healthPort, host, ready, metrics }));
  log.info({ httpPort: config.httpPort, grpcPort: config.inferenceGrpcPort }, 'serving-gateway is ready');

  await aborted(signal);
  log.info({ inFlight: admission.inFlight }, 'draining');
  await drain({ admission, leases, spool, monotonicMs, sleep });
});

function identityFrom(config: GatewayConfig) {
  try {
    return identityOf(config.gatewayKey);
  } catch (cause) {
    throw new ConfigError('GATEWAY_KEY_FILE must hold the 64 hexadecimal digits of an ed25519 secret key', { cause });
  }
}

function readiness(state: {
  readonly admission: Admission;
  readonly keys: KeyTable;
  readonly networkId: Uint8Array | undefined;
}): true | string {
  if (state.admission.isDraining) return 'draining';
  return state.keys.isLoaded ? true : 'the API keys have not been read yet';
}
