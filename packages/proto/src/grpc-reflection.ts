import { once } from 'node:events';
import type { Server, ServerDuplexStream, ServiceDefinition } from '@grpc/grpc-js';
import type { RpcService } from './grpc-adapter.ts';
import { bugOf, peerNames, type CallObserver } from './grpc-handlers.ts';
import { RpcCode, RpcError } from './rpc-error.ts';
import { toStatus } from './status.ts';

const PATH = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
const REQUEST_BYTES_MAX = 4096;
const REQUESTS_MAX = 1000;
const CALL_MS = 60_000;

export interface ReflectionOptions {
  /** What the server serves; the reflection service adds itself. */
  readonly services: readonly RpcService[];
  /** Whether a caller with these names in its certificate may ask. */
  readonly admits: (peerNames: readonly string[]) => boolean;
  readonly observe: CallObserver;
}

/** The reflection of one server. */
export interface Reflection {
  /** Ends the calls that are open, so that a server which goes down need not wait for them. */
  close(): void;
}

type Call = ServerDuplexStream<Buffer, Buffer>;
type Answers = (request: Uint8Array) => Uint8Array;

/** Messages stay bytes here: who can read them is loaded with the first question. */
const DEFINITION: ServiceDefinition = {
  serverReflectionInfo: {
    path: PATH,
    requestStream: true,
    responseStream: true,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
};

/** Adds grpc.reflection.v1 to a server that is being made: grpcurl and its like learn from it what can be called. */
export function addReflection(server: Server, options: ReflectionOptions): Reflection {
  const open = new Set<AbortController>();
  const goingDown = new RpcError({ code: RpcCode.UNAVAILABLE, message: 'the server is going down' });
  let isClosed = false;
  let loading: Promise<Answers> | undefined;
  const answers = async (): Promise<Answers> => {
    loading ??= import('./reflection-answers.ts').then((loaded) => loaded.reflectionAnswers(options.services));
    return await loading;
  };
  const converse = async (call: Call, end: AbortController): Promise<void> => {
    if (!options.admits(peerNames(call))) {
      const message = 'show a certificate of this system to learn what this server serves';
      throw new RpcError({ code: RpcCode.PERMISSION_DENIED, message });
    }
    await answerAll(call, end.signal, answers);
  };
  const serve = (call: Call): void => {
    const started = performance.now();
    const end = new AbortController();
    open.add(end);
    if (isClosed) end.abort(goingDown);
    call.once('cancelled', () => end.abort(new RpcError({ code: RpcCode.CANCELLED, message: 'the caller has gone' })));
    const late = setTimeout(() => end.abort(tooMuch(`a call may last ${CALL_MS / 1000} s`)), CALL_MS).unref();
    const told = (code: number, error: unknown): void => {
      clearTimeout(late);
      open.delete(end);
      options.observe({ path: PATH, code, seconds: (performance.now() - started) / 1000, error });
    };
    converse(call, end).then(
      () => {
        call.end();
        told(0, undefined);
      },
      (error: unknown) => {
        const status = toStatus(error);
        call.emit('error', status); // grpc-js takes the status of a stream from the error event
        told(status.code, bugOf(error));
      },
    );
  };
  server.addService(DEFINITION, { serverReflectionInfo: serve });
  return {
    close() {
      isClosed = true;
      for (const end of open) end.abort(goingDown);
    },
  };
}

/** Answers one question after the other, until the caller has no more or `signal` says why there is an end. */
async function answerAll(call: Call, signal: AbortSignal, load: () => Promise<Answers>): Promise<void> {
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {}); // an end that comes after the last question is nobody's
  signal.addEventListener('abort', () => ended.reject(signal.reason as Error), { once: true });
  signal.throwIfAborted();
  // Left open: the end of the questions must not destroy what the answers are written to.
  const questions = call.iterator({ destroyOnReturn: false });
  for (let asked = 0; ; asked += 1) {
    const { done, value } = await Promise.race([questions.next(), ended.promise]);
    if (done === true) return;
    if (asked === REQUESTS_MAX) throw tooMuch(`a call may ask ${REQUESTS_MAX} times`);
    const question = value as Buffer;
    if (question.length > REQUEST_BYTES_MAX) throw tooMuch(`a question may have ${REQUEST_BYTES_MAX} bytes`);
    const answer = (await load())(question);
    const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
    if (!call.write(bytes)) await Promise.race([once(call, 'drain'), ended.promise]);
  }
}

function tooMuch(limit: string): RpcError {
  return new RpcError({ code: RpcCode.RESOURCE_EXHAUSTED, message: `${limit}: go on in another one` });
}
