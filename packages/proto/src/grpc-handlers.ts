import { context as otelContext, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import type {
  Metadata,
  sendUnaryData,
  Server,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
} from '@grpc/grpc-js';
import type { TLSSocket } from 'node:tls';
import type { MethodShape, RequestOf, ResponseInit, RpcService } from './grpc-adapter.ts';
import { serviceDefinition } from './grpc-adapter.ts';
import { RpcError } from './rpc-error.ts';
import { toStatus } from './status.ts';

/** What a handler knows of its call. */
export interface CallContext {
  /** Aborted when the caller has gone or its deadline is over. */
  readonly signal: AbortSignal;
  /** Names (SAN, DNS) in the caller's certificate; empty without one. */
  readonly peerNames: readonly string[];
  /** Address and port of the connection that the call came on; of a proxy's where there is one. */
  readonly peer: string;
  /** Full method name, `/subnetes.ledger.v1.Ledger/GetNetwork`. */
  readonly path: string;
  header(name: string): string | undefined;
}

type Handler<M extends MethodShape> = M['methodKind'] extends 'unary'
  ? (request: RequestOf<M>, call: CallContext) => Promise<ResponseInit<M>>
  : M['methodKind'] extends 'server_streaming'
    ? (request: RequestOf<M>, call: CallContext) => AsyncIterable<ResponseInit<M>>
    : M['methodKind'] extends 'bidi_streaming'
      ? (requests: AsyncIterable<RequestOf<M>>, call: CallContext) => AsyncIterable<ResponseInit<M>>
      : never;

/**
 * One handler per method, by local name. A handler of two streams reads the next request when it is ready for it: until then
 * flow control holds the caller back. Streams of requests with one answer are not used by any contract of ours.
 */
export type RpcHandlers<S extends RpcService> = { readonly [K in keyof S['method']]: Handler<S['method'][K]> };

export interface CallObserver {
  /** Called once for each call when it has ended; `error` only for what is a bug or an outage, not for refusals. */
  (call: { readonly path: string; readonly code: number; readonly seconds: number; readonly error: unknown }): void;
}

type AnyUnary = (request: unknown, call: CallContext) => Promise<unknown>;
type AnyStream = (request: unknown, call: CallContext) => AsyncIterable<unknown>;
type WritingCall = ServerWritableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>;
type AnyCall = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;

/** Adds a service to a grpc-js server. Every error leaves as a google.rpc.Status; none leaves with a stack. */
export function addRpcService<S extends RpcService>(
  server: Server,
  service: S,
  handlers: RpcHandlers<S>,
  observe: CallObserver = () => {},
): void {
  const definition = serviceDefinition(service);
  const byName = handlers as unknown as Readonly<Record<string, AnyUnary & AnyStream>>;
  const implementation = Object.fromEntries(
    Object.entries(definition).map(([name, method]) => {
      const handler = byName[name];
      if (handler === undefined) throw new Error(`no handler for ${method.path}`);
      return [
        name,
        method.responseStream ? streaming(handler, method.path, observe) : unary(handler, method.path, observe),
      ];
    }),
  );
  server.addService(definition, implementation);
}

function unary(handler: AnyUnary, path: string, observe: CallObserver) {
  return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>): void => {
    const started = performance.now();
    const settled = inCallersTrace(call.metadata, () => handler(call.request, contextOf(call, path)));
    settled.then(
      (response) => {
        callback(null, response);
        observe({ path, code: 0, seconds: (performance.now() - started) / 1000, error: undefined });
      },
      (error: unknown) => {
        const status = toStatus(error);
        callback(status);
        observe({ path, code: status.code, seconds: (performance.now() - started) / 1000, error: bugOf(error) });
      },
    );
  };
}

function streaming(handler: AnyStream, path: string, observe: CallObserver) {
  return (call: WritingCall): void => {
    const started = performance.now();
    const write = async (): Promise<void> => {
      const context = contextOf(call as ServerWritableStream<unknown, unknown>, path);
      for await (const message of handler(requestsOf(call), context)) {
        if (context.signal.aborted) return;
        if (!call.write(message)) await drained(call, context.signal);
      }
    };
    inCallersTrace(call.metadata, write).then(
      () => {
        call.end();
        observe({ path, code: 0, seconds: (performance.now() - started) / 1000, error: undefined });
      },
      (error: unknown) => {
        const status = toStatus(error);
        // grpc-js takes the status of a stream from the error event.
        call.emit('error', status);
        observe({ path, code: status.code, seconds: (performance.now() - started) / 1000, error: bugOf(error) });
      },
    );
  };
}

/** The one request of a call, or its stream of them; whoever leaves that early keeps the call, to answer by it. */
function requestsOf(call: WritingCall): unknown {
  return 'request' in call ? call.request : call.iterator({ destroyOnReturn: false });
}

/** RpcErrors without a cause are answers; everything else is for the log. */
export function bugOf(error: unknown): unknown {
  return error instanceof RpcError && error.cause === undefined ? undefined : error;
}

async function drained(stream: WritingCall, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once('drain', resolve);
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (signal.aborted) resolve();
  await promise;
}

/** grpc-js tells of each call that it ended, answered ones too; an error of its own for each would cost more than its headers. */
const CALL_ENDED = new DOMException('the call has ended', 'AbortError');

/** Most handlers ask for little of it, so it is made when it is asked for. */
function contextOf(call: AnyCall, path: string): CallContext {
  let abort: AbortController | undefined;
  let names: readonly string[] | undefined;
  return {
    get signal() {
      if (abort === undefined) {
        const made = new AbortController();
        abort = made;
        if (call.cancelled) made.abort(CALL_ENDED);
        call.on('cancelled', () => made.abort(CALL_ENDED));
      }
      return abort.signal;
    },
    path,
    get peerNames() {
      names ??= peerNames(call);
      return names;
    },
    get peer() {
      return call.getPeer();
    },
    header(name) {
      const value = call.metadata.get(name)[0];
      return value === undefined ? undefined : String(value);
    },
  };
}

/** Names (SAN, DNS) in the certificate that a caller showed and that the server believes; empty without one. */
export function peerNames(call: Pick<AnyCall, 'getAuthContext'>): readonly string[] {
  const auth = call.getAuthContext();
  const certificate = auth.sslPeerCertificate as ReturnType<TLSSocket['getPeerCertificate']> | undefined;
  const names = certificate?.subjectaltname ?? '';
  return names
    .split(', ')
    .filter((name) => name.startsWith('DNS:'))
    .map((name) => name.slice('DNS:'.length));
}

async function inCallersTrace<T>(metadata: Metadata, work: () => Promise<T>): Promise<T> {
  if (!propagation.fields().some((name) => metadata.get(name).length > 0)) return work();
  const getter = {
    keys: (carrier: Metadata) => Object.keys(carrier.getMap()),
    get: (carrier: Metadata, key: string) => carrier.get(key).map(String),
  };
  return otelContext.with(propagation.extract(ROOT_CONTEXT, metadata, getter), work);
}
