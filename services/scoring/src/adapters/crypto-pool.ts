import { Worker } from 'node:worker_threads';
import type { Clock } from '@subnetes/runtime/clock';
import { type CryptoJob, type CryptoResult, doCryptoJobs } from './crypto-job.ts';

/** Does jobs beside the event loop where there are many; results come as promises of their own. */
export interface CryptoPool extends AsyncDisposable {
  run(job: CryptoJob): Promise<CryptoResult>;
}

export interface CryptoPoolOptions {
  /** The program whose worker threads serve jobs: this service's own entry. */
  readonly program: string;
  /** 0: everything is done on the calling thread. */
  readonly threads: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** Jobs a second that are done at once, on this thread: at most a twentieth of its time, and no thread for a few. */
const INLINE_PER_SECOND = 25;
/** Jobs that go to a thread in one message: signatures that wait are verified together, a lock takes as long as dozens. */
const CHUNK: { readonly [Work in CryptoJob['work']]: number } = { envelope: 32, lock: 2 };
/** Threads without work end after so long and give their memory back. */
const IDLE_MS = 30_000;
const WAITING_MAX = 65_536;

interface Waiting {
  readonly job: CryptoJob;
  readonly settle: PromiseWithResolvers<CryptoResult>;
}

interface Thread {
  readonly worker: Worker;
  busy: readonly Waiting[];
}

/** A pool that starts threads when there is more to do than one thread should, and ends them when there is not. */
export function cryptoPool(options: CryptoPoolOptions): CryptoPool {
  const threads = new Threads(options);
  const isCheap = inlineBudget(options);
  return {
    run: (job) => {
      const isInline = options.threads === 0 || (!threads.hasWaiting && isCheap());
      return isInline ? doInline(job) : threads.run(job);
    },
    [Symbol.asyncDispose]: () => threads.end(),
  };
}

async function doInline(job: CryptoJob): Promise<CryptoResult> {
  const [result] = doCryptoJobs([job]);
  return result ?? leftUndone();
}

function leftUndone(): never {
  throw new Error('a job was left undone');
}

/** Answers whether one more job may be done at once: a bucket that fills with time. */
function inlineBudget({ clock }: CryptoPoolOptions): () => boolean {
  let left = INLINE_PER_SECOND;
  let filledMs = clock.monotonicMs();
  return () => {
    const nowMs = clock.monotonicMs();
    left = Math.min(INLINE_PER_SECOND, left + ((nowMs - filledMs) / 1000) * INLINE_PER_SECOND);
    filledMs = nowMs;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}

class Threads {
  readonly #options: CryptoPoolOptions;
  readonly #queue: Waiting[] = [];
  readonly #threads = new Set<Thread>();
  #idle: NodeJS.Timeout | undefined;

  constructor(options: CryptoPoolOptions) {
    this.#options = options;
  }

  get hasWaiting(): boolean {
    return this.#queue.length > 0;
  }

  run(job: CryptoJob): Promise<CryptoResult> {
    if (this.#queue.length >= WAITING_MAX) return Promise.reject(new Error(`${WAITING_MAX} jobs wait already`));
    const settle = Promise.withResolvers<CryptoResult>();
    this.#queue.push({ job, settle });
    this.#feed();
    return settle.promise;
  }

  /** Ends the threads that have nothing to do. */
  async end(): Promise<void> {
    clearTimeout(this.#idle);
    const ended = [...this.#threads].filter(({ busy }) => busy.length === 0);
    for (const thread of ended) this.#threads.delete(thread);
    await Promise.all(ended.map(({ worker }) => worker.terminate()));
  }

  #feed(): void {
    while (this.#queue.length > 0) {
      const free = [...this.#threads].find(({ busy }) => busy.length === 0);
      const thread = free ?? (this.#threads.size < this.#options.threads ? this.#start() : undefined);
      if (thread === undefined) return;
      thread.busy = this.#takeWaiting();
      thread.worker.ref();
      thread.worker.postMessage(thread.busy.map(({ job }) => job));
    }
    for (const { worker, busy } of this.#threads) if (busy.length === 0) worker.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.end(), IDLE_MS).unref();
  }

  /** The next jobs of one kind, as many as wait: none waits for others to come. */
  #takeWaiting(): readonly Waiting[] {
    const work = this.#queue[0]?.job.work ?? 'envelope';
    const next = this.#queue.slice(0, CHUNK[work]);
    const other = next.findIndex(({ job }) => job.work !== work);
    return this.#queue.splice(0, other < 0 ? next.length : other);
  }

  #start(): Thread {
    const thread: Thread = { worker: new Worker(this.#options.program), busy: [] };
    thread.worker.on('message', (results: readonly CryptoResult[]) => this.#take(thread, results));
    thread.worker.on('error', (error) => this.#lose(thread, error));
    this.#threads.add(thread);
    return thread;
  }

  #take(thread: Thread, results: readonly CryptoResult[]): void {
    const done = thread.busy;
    thread.busy = [];
    for (const [at, { settle }] of done.entries()) {
      const result = results[at];
      if (result === undefined) settle.reject(new Error('a worker thread left a job undone'));
      else settle.resolve(result);
    }
    this.#feed();
  }

  /** A thread that died is a bug: those who waited for it hear of it, and the next job starts another. */
  #lose(thread: Thread, error: unknown): void {
    this.#threads.delete(thread);
    for (const { settle } of thread.busy) settle.reject(error);
    this.#feed();
  }
}
