import { GRPCInferenceService } from '@subnetes/proto/gen/inference/grpc_service_pb';
import { aborted, systemClock } from '@subnetes/runtime/clock';
import { ConfigError } from '@subnetes/runtime/errors';
import { rpcService, serveGrpc } from '@subnetes/runtime/grpc-server';
import { serveHealth } from '@subnetes/runtime/health';
import { runService } from '@subnetes/runtime/run-service';
import { createLogger, type Logger } from '@subnetes/telemetry/logger';
import { createMetrics, type Metrics } from '@subnetes/telemetry/metrics';
import { startTracing } from '@subnetes/telemetry/tracing';
import { identityOf, type GatewayIdentity } from '#adapters/gateway-identity.ts';
import { makeHttpApp } from '#adapters/http-app.ts';
import { kserveGrpcHandlers } from '#adapters/kserve-grpc.ts';
import { followMarket } from '#adapters/market-watch.ts';
import { exportState } from '#adapters/metrics.ts';
import { openParts, type Parts } from '#adapters/open-parts.ts';
import { drain, keepUp } from '#application/keep-up.ts';
import { makeServeRequest } from '#application/serve-request.ts';
import { readConfig, type GatewayConfig } from './config.ts';

const VERSION = '0.1.0';

await runService('serving-gateway', async (signal) => {
  const config = readConfig(process.env);
  const log = createLogger({ service: 'serving-gateway', version: VERSION, level: config.logLevel });
  const metrics = createMetrics({ service: 'serving-gateway', version: VERSION });
  await using teardown = new AsyncDisposableStack();
  const tracing = config.otlpEndpoint === undefined ? {} : { otlpEndpoint: config.otlpEndpoint };
  teardown.use(await startTracing({ service: 'serving-gateway', version: VERSION, ...tracing }));

  const failed = (error: unknown): void => log.warn({ err: error }, 'a part of the system does not answer');
  const stopped = new AbortController();
  const sleep = (ms: number): Promise<void> => systemClock.sleep(ms, stopped.signal).catch(() => {}); // stopped: loops look
  const identity = identityFrom(config);
  const parts = openParts({ config, identity, log, metrics, teardown, sleep, failed });
  exportState(metrics, parts);
  const network = (id: Uint8Array): void => {
    parts.network.id = id;
  };
  const work = Promise.all([
    followMarket({ ...parts, failed, sleep, network }, stopped.signal),
    parts.bus.run(stopped.signal),
    keepUp({ ...parts, failed, sleep }, stopped.signal),
  ]);
  teardown.defer(async () => {
    stopped.abort(new Error('stopped'));
    parts.bus.nudge();
    await work;
  });
  teardown.use(await listen(config, parts, { log, metrics }));
  log.info({ httpPort: config.httpPort, grpcPort: config.inferenceGrpcPort }, 'serving-gateway is ready');

  await aborted(signal);
  log.info({ inFlight: parts.admission.inFlight }, 'draining');
  await drain({ ...parts, sleep });
});

/** Opens the ports: REST and gRPC for applications, health. */
async function listen(
  config: GatewayConfig,
  parts: Parts,
  { log, metrics }: { readonly log: Logger; readonly metrics: Metrics },
): Promise<AsyncDisposable> {
  const { market, admission, links } = parts;
  await using opened = new AsyncDisposableStack();
  const serve = makeServeRequest({ ...parts, upstream: links, random: () => Math.random() });
  const isModelReady = (model: string): boolean => {
    const offer = market.find(model, undefined);
    return offer.ok && market.miners(offer.subnet.netuid).some((miner) => links.isReady(miner, model));
  };
  const tensorsOf = (model: string): ReturnType<typeof links.tensorsOf> => links.tensorsOf(model);
  const offers = { serve, market, admission, isModelReady, tensorsOf };
  const host = config.tls === undefined ? '127.0.0.1' : '0.0.0.0';
  const { bodyBytesMax } = config;
  const app = makeHttpApp({ ...offers, metrics, log, bodyBytesMax });
  opened.defer(() => app.close());
  await app.listen({ port: config.httpPort, host });
  const inference = rpcService(GRPCInferenceService, kserveGrpcHandlers(offers));
  const forApplications = { port: config.inferenceGrpcPort, services: [inference], messageBytesMax: bodyBytesMax };
  opened.use(await serveGrpc({ ...forApplications, host, metrics, log }));
  opened.use(await serveHealth({ port: config.healthPort, host, ready: () => readiness(parts), metrics }));
  return opened.move();
}

function readiness({ admission, keys }: Parts): true | string {
  if (admission.isDraining) return 'draining';
  return keys.isLoaded ? true : 'the API keys have not been read yet';
}

function identityFrom(config: GatewayConfig): GatewayIdentity {
  try {
    return identityOf(config.gatewayKey);
  } catch (cause) {
    throw new ConfigError('GATEWAY_KEY_FILE must hold the 64 hexadecimal digits of an ed25519 secret key', { cause });
  }
}
