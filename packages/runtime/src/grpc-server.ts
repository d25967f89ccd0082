import { setTimeout as delay } from 'node:timers/promises';
import { Server, ServerCredentials, status as grpcStatus } from '@grpc/grpc-js';
import { Health, HealthCheckResponse_ServingStatus } from '@subnetes/proto/gen/grpc/health/v1/health_pb';
import type { RpcService } from '@subnetes/proto/grpc-adapter';
import { addRpcService, type CallObserver, type RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { addReflection } from '@subnetes/proto/grpc-reflection';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import { aborted } from './clock.ts';
import { OutageError } from './errors.ts';
import { grpcServerCredentials, type TlsFiles } from './tls.ts';

const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const STREAMS_MAX = 1000;
const DRAIN_MS = 10_000;

/** A service with its handlers, for `serveGrpc`. */
export interface ServedService {
  readonly service: RpcService;
  /** Adds it to a server that is being made. */
  readonly addTo: (server: Server, observe: CallObserver) => void;
}

/** Pairs a service with its handlers, type-checked. */
export function rpcService<S extends RpcService>(service: S, handlers: RpcHandlers<S>): ServedService {
  return { service, addTo: (server, observe) => addRpcService(server, service, handlers, observe) };
}

export interface GrpcServerOptions {
  /** 9443 in the cluster; 0 picks a free one. */
  readonly port: number;
  readonly host?: string;
  /** Absent: plain text, for processes on one machine. */
  readonly tls?: TlsFiles;
  /** Callers must show a certificate of the same CA; false: may, as where neurons call too. Default true with TLS. */
  readonly mutual?: boolean;
  readonly services: readonly ServedService[];
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly messageBytesMax?: number;
  /** How long running calls may take once the server is disposed. Default 10 s. */
  readonly drainMs?: number;
}

export interface GrpcServer extends AsyncDisposable {
  readonly port: number;
  /** What grpc.health.v1 answers; a server begins as serving. */
  setServing(serving: boolean): void;
}

/**
 * Serves gRPC with health, reflection, metrics and a log of what went wrong. With TLS reflection answers only callers
 * that show a certificate of our authority, also where other calls need none. Disposing refuses new calls, ends health
 * watches and reflection, waits `drainMs` for running calls and then cuts them.
 * @throws OutageError when the port cannot be bound.
 */
export async function serveGrpc(options: GrpcServerOptions): Promise<GrpcServer> {
  const bytesMax = options.messageBytesMax ?? MESSAGE_BYTES_MAX;
  const server = new Server({
    // Nobody here asks for its counts, which cost a call a few microseconds.
    'grpc.enable_channelz': 0,
    'grpc.max_receive_message_length': bytesMax,
    'grpc.max_send_message_length': bytesMax,
    'grpc.max_concurrent_streams': STREAMS_MAX,
  });
  const health = healthState();
  const observe = observer(options);
  const served = [...options.services, rpcService(Health, health.handlers)];
  for (const { addTo } of served) addTo(server, observe);
  const reflection = addReflection(server, {
    services: served.map(({ service }) => service),
    admits: (names) => options.tls === undefined || names.length > 0,
    observe,
  });
  const port = await bind(server, options);
  return {
    port,
    setServing: (serving) => health.set(serving),
    async [Symbol.asyncDispose]() {
      health.set(false);
      health.close();
      reflection.close();
      const drained = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      const late = new AbortController();
      await Promise.race([drained, delay(options.drainMs ?? DRAIN_MS, undefined, { signal: late.signal })]);
      late.abort();
      server.forceShutdown();
    },
  };
}

function bind(server: Server, options: GrpcServerOptions): Promise<number> {
  const credentials =
    options.tls === undefined
      ? ServerCredentials.createInsecure()
      : grpcServerCredentials(options.tls, options.mutual ?? true);
  const address = `${options.host ?? '0.0.0.0'}:${options.port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) resolve(port);
      else reject(new OutageError('grpc', `cannot listen on ${address}`, error));
    });
  });
}

function observer({ metrics, log }: GrpcServerOptions): CallObserver {
  return ({ path, code, seconds, error }) => {
    const labels = { rpc_method: path.slice(1), rpc_status_code: grpcStatus[code] ?? String(code) };
    metrics.observe('rpc_server_call_duration_seconds', labels, seconds);
    if (error !== undefined) log.error({ err: error, rpc_method: path }, 'a call failed');
  };
}

/** grpc.health.v1 for the server as a whole; a named service answers the same. */
function healthState() {
  let serving = true;
  const closed = new AbortController();
  let changed = Promise.withResolvers<void>();
  const status = () =>
    serving ? HealthCheckResponse_ServingStatus.SERVING : HealthCheckResponse_ServingStatus.NOT_SERVING;
  const handlers: RpcHandlers<typeof Health> = {
    check: async () => ({ status: status() }),
    async *watch(_request, call) {
      while (!call.signal.aborted) {
        const next = changed.promise;
        yield { status: status() };
        await Promise.race([next, aborted(call.signal), aborted(closed.signal)]);
        if (closed.signal.aborted)
          throw new RpcError({ code: RpcCode.UNAVAILABLE, message: 'the server is going down' });
      }
    },
  };
  return {
    handlers,
    set(value: boolean) {
      serving = value;
      changed.resolve();
      changed = Promise.withResolvers<void>();
    },
    close: () => closed.abort(),
  };
}
