import type { Dispatcher, Pool } from 'undici';
import type { UpstreamFailure } from '../application/ports.ts';

/** One request to a miner, and how long it may take. */
export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly firstByteMs: number;
  readonly totalMs: number;
  readonly bodyBytesMax: number;
  readonly signal?: AbortSignal;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A time limit or size limit of ours ended the exchange. */
class Limit extends Error {
  readonly failure: UpstreamFailure;

  constructor(failure: UpstreamFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Sends and collects the whole answer; an abort of the signal rejects with its reason, all else is a failure. */
export function exchange(pool: Pool, request: Exchange): Promise<RawAnswer | UpstreamFailure> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer | UpstreamFailure>();
  const collected = new Collector(request, resolve, reject);
  const { method, path, headers, body } = request;
  if (request.signal?.aborted === true) return Promise.reject(request.signal.reason as Error);
  pool.dispatch(
    {
      method,
      path,
      headers: { ...headers },
      body: body ?? null,
      // Our own timers below; these are the net under them.
      headersTimeout: request.totalMs + 1000,
      bodyTimeout: request.totalMs + 1000,
    },
    collected,
  );
  return promise;
}

class Collector implements Dispatcher.DispatchHandler {
  readonly #request: Exchange;
  readonly #resolve: (answer: RawAnswer | UpstreamFailure) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #bytes = 0;
  #status = 0;
  #headers: RawAnswer['headers'] = {};
  #isSent = false;
  readonly #firstByte: NodeJS.Timeout;
  readonly #total: NodeJS.Timeout;
  readonly #onAbort = (): void => this.#stop(this.#request.signal?.reason);

  constructor(
    request: Exchange,
    resolve: (answer: RawAnswer | UpstreamFailure) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    const { firstByteMs, totalMs } = request;
    const late = (ms: number, what: string): Limit => new Limit({ failed: 'timeout', message: `${what} in ${ms} ms` });
    this.#firstByte = setTimeout(() => this.#stop(late(firstByteMs, 'no first byte')), firstByteMs);
    this.#total = setTimeout(() => this.#stop(late(totalMs, 'no whole answer')), totalMs);
    request.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#isSent = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    clearTimeout(this.#firstByte);
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    const { bodyBytesMax } = this.#request;
    if (this.#bytes > bodyBytesMax) {
      this.#stop(new Limit({ failed: 'too_large', message: `the answer has more than ${bodyBytesMax} bytes` }));
      return;
    }
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#finish();
    const [only] = this.#chunks;
    const body = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #stop(reason: unknown): void {
    this.#fail(reason);
    this.#controller?.abort(reason instanceof Error ? reason : new Error('stopped'));
  }

  #fail(reason: unknown): void {
    this.#finish();
    if (this.#request.signal?.aborted === true) return this.#reject(this.#request.signal.reason);
    if (reason instanceof Limit) return this.#resolve(reason.failure);
    const message = reason instanceof Error ? reason.message : 'the connection broke';
    this.#resolve({ failed: this.#isSent ? 'reset' : 'connect', message });
  }

  #finish(): void {
    clearTimeout(this.#firstByte);
    clearTimeout(this.#total);
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
  }
}
