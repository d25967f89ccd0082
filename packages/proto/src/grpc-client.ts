import { once } from 'node:events';
import { context as otelContext, propagation } from '@opentelemetry/api';
import { Metadata } from '@grpc/grpc-js';
import type {
  ChannelCredentials,
  ChannelOptions,
  ClientDuplexStream,
  ClientReadableStream,
  MethodDefinition,
  ServiceError,
} from '@grpc/grpc-js';
import type { MethodShape, RequestInit, ResponseOf, RpcService } from './grpc-adapter.ts';
import { methodDefinition, methodsOf } from './grpc-adapter.ts';
import { openChannel } from './grpc-channel.ts';
import type { RpcChannel } from './grpc-channel.ts';
import { fromStatus } from './status.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Overrides the client's; streams have none unless it is given here. */
  readonly deadlineMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

type Method<M extends MethodShape> = M['methodKind'] extends 'unary'
  ? (request: RequestInit<M>, options?: CallOptions) => Promise<ResponseOf<M>>
  : M['methodKind'] extends 'server_streaming'
    ? (request: RequestInit<M>, options?: CallOptions) => AsyncIterable<ResponseOf<M>>
    : M['methodKind'] extends 'bidi_streaming'
      ? (requests: AsyncIterable<RequestInit<M>>, options?: CallOptions) => AsyncIterable<ResponseOf<M>>
      : never;

/** A service's methods by local name. Every failure is an RpcError. Dispose closes the channel. */
export type RpcClient<S extends RpcService> = {
  readonly [K in keyof S['method']]: Method<S['method'][K]>;
} & Disposable;

export interface RpcClientOptions {
  /** `host:port`. */
  readonly address: string;
  readonly credentials: ChannelCredentials;
  /** Of unary calls. Default 10 s. */
  readonly deadlineMs?: number;
  readonly channelOptions?: ChannelOptions;
}

const DEADLINE_MS = 10_000;
/** How long a stream without a deadline tries to connect before it fails. */
const STREAM_CONNECT_MS = 20_000;
const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.max_receive_message_length': 16 * 1024 * 1024,
  'grpc.max_send_message_length': 16 * 1024 * 1024,
  // Pods are replaced within seconds: waiting longer than this to dial again only makes an outage longer.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
  // Nobody here asks for its counts, which cost a call a few microseconds.
  'grpc.enable_channelz': 0,
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 5000,
};

/** Opens a channel; nothing is dialled before the first call. */
export function createRpcClient<S extends RpcService>(service: S, options: RpcClientOptions): RpcClient<S> {
  const channel = openChannel(options.address, options.credentials, { ...CHANNEL_OPTIONS, ...options.channelOptions });
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const methods = [...methodsOf(service)].map(([name, method]) => {
    const definition = methodDefinition(method);
    const call = definition.responseStream
      ? (request: unknown, callOptions: CallOptions = {}) => streaming(channel, definition, request, callOptions)
      : (request: unknown, callOptions: CallOptions = {}) =>
          unary(channel, definition, request, { deadlineMs, ...callOptions });
    return [name, call] as const;
  });
  return {
    ...Object.fromEntries(methods),
    [Symbol.dispose]: () => channel[Symbol.dispose](),
  } as unknown as RpcClient<S>;
}

async function unary(
  channel: RpcChannel,
  method: MethodDefinition<unknown, unknown>,
  request: unknown,
  options: CallOptions & { readonly deadlineMs: number },
): Promise<unknown> {
  const deadline = Date.now() + options.deadlineMs;
  options.signal?.throwIfAborted();
  const client = await channel.client(deadline, options.signal);
  options.signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const { signal } = options;
  const call = client.makeUnaryRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    request,
    metadataOf(options),
    { deadline },
    (error: ServiceError | null, response?: unknown) => {
      signal?.removeEventListener('abort', cancel);
      if (error === null) resolve(response);
      else reject(signal?.aborted === true ? (signal.reason as Error) : fromStatus(error));
    },
  );
  const cancel = (): void => call.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  return promise;
}

async function* streaming(
  channel: RpcChannel,
  method: MethodDefinition<unknown, unknown>,
  request: unknown,
  options: CallOptions,
): AsyncGenerator<unknown, void, undefined> {
  const { signal } = options;
  signal?.throwIfAborted();
  const untilMs = options.deadlineMs === undefined ? Date.now() + STREAM_CONNECT_MS : Date.now() + options.deadlineMs;
  const client = await channel.client(untilMs, signal);
  signal?.throwIfAborted();
  const { path, requestSerialize, responseDeserialize } = method;
  const [metadata, deadline] = [metadataOf(options), deadlineOf(options)];
  const feed = new Feed();
  const call: ClientReadableStream<unknown> = method.requestStream
    ? feed.start(
        client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata, deadline),
        request as AsyncIterable<unknown>,
      )
    : client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, metadata, deadline);
  const cancel = (): void => call.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    for await (const message of call) yield message as unknown;
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    if (feed.failure !== undefined) throw feed.failure.cause;
    throw fromStatus(error as ServiceError);
  } finally {
    feed.stop();
    signal?.removeEventListener('abort', cancel);
    // A consumer that leaves the loop early would otherwise keep the server writing.
    call.cancel();
    call.on('error', () => {}); // the cancellation just asked for
  }
}

/** Writes a caller's stream of requests as fast as the peer takes it. */
class Feed {
  readonly #stopped = new AbortController();
  /** Why the caller's own stream broke off; the call is cancelled then. */
  failure: { readonly cause: unknown } | undefined;

  start(call: ClientDuplexStream<unknown, unknown>, requests: AsyncIterable<unknown>): typeof call {
    this.#write(call, requests).catch((cause: unknown) => {
      if (this.#stopped.signal.aborted) return; // the call has ended, and nobody waits for the rest
      this.failure = { cause };
      call.cancel();
    });
    return call;
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #write(call: ClientDuplexStream<unknown, unknown>, requests: AsyncIterable<unknown>): Promise<void> {
    const { signal } = this.#stopped;
    for await (const request of requests) {
      if (signal.aborted) return;
      if (!call.write(request)) await once(call, 'drain', { signal });
    }
    call.end();
  }
}

function metadataOf(options: CallOptions): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(options.headers ?? {})) metadata.set(name, value);
  propagation.inject(otelContext.active(), metadata, { set: (carrier, key, value) => carrier.set(key, value) });
  return metadata;
}

function deadlineOf(options: CallOptions): { deadline?: number } {
  return options.deadlineMs === undefined ? {} : { deadline: Date.now() + options.deadlineMs };
}
