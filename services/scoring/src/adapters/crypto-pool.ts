import { Worker } from 'node:worker_threads';
import type { Clock } from '@subnetes/runtime/clock';
import { type CryptoJob, type CryptoResult, doCryptoJob } from './crypto-job.ts';

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
  readonly idleMs?: number;
}

/** Jobs a second that are done at once, on this thread: at most a twentieth of its time, and no thread for a few. */
const INLINE_PER_SECOND = 25;
/** Jobs that go to a thread in one message. */
const CHUNK = 8;
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
  const queue: Waiting[] = [];
  const threads = new Set<Thread>();
  let inlineLeft = INLINE_PER_SECOND;
  let filledMs = options.clock.monotonicMs();
  let idle: NodeJS.Timeout | undefined;

  const isCheap = (): boolean => {
    const nowMs = options.clock.monotonicMs();
    inlineLeft = Math.min(INLINE_PER_SECOND, inlineLeft + ((nowMs - filledMs) / 1000) * INLINE_PER_SECOND);
    filledMs = nowMs;
    if (options.threads === 0) return true;
    if (queue.length > 0 || inlineLeft < 1) return false;
    inlineLeft -= 1;
    return true;
  };

  const start = (): Thread => {
    const thread: Thread = { worker: new Worker(options.program), busy: [] };
    thread.worker.on('message', (results: readonly CryptoResult[]) => {
      const done = thread.busy;
      thread.busy = [];
      for (const [at, { settle }] of done.entries()) {
        const result = results[at];
        if (result === undefined) settle.reject(new Error('a worker thread left a job undone'));
        else settle.resolve(result);
      }
      feed();
    });
    thread.worker.on('error', (error) => lose(thread, error));
    thread.worker.unref();
    threads.add(thread);
    return thread;
  };

  /** A thread that died is a bug: those who waited for it hear of it, and the next job starts another. */
  const lose = (thread: Thread, error: unknown): void => {
    threads.delete(thread);
    for (const { settle } of thread.busy) settle.reject(error);
    feed();
  };

  const feed = (): void => {
    while (queue.length > 0) {
      const free = [...threads].find(({ busy }) => busy.length === 0);
      const thread = free ?? (threads.size < options.threads ? start() : undefined);
      if (thread === undefined) return;
      thread.busy = queue.splice(0, CHUNK);
      thread.worker.ref();
      thread.worker.postMessage(thread.busy.map(({ job }) => job));
    }
    for (const { worker, busy } of threads) if (busy.length === 0) worker.unref();
    clearTimeout(idle);
    idle = setTimeout(() => void end(threads), options.idleMs ?? IDLE_MS).unref();
  };

  return {
    run: (job) => {
      if (isCheap()) return new Promise((resolve) => resolve(doCryptoJob(job)));
      if (queue.length >= WAITING_MAX) return Promise.reject(new Error(`${WAITING_MAX} jobs wait already`));
      const settle = Promise.withResolvers<CryptoResult>();
      queue.push({ job, settle });
      feed();
      return settle.promise;
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(idle);
      await end(threads);
    },
  };
}

/** Ends the threads that have nothing to do. */
async function end(threads: Set<Thread>): Promise<void> {
  const ended = [...threads].filter(({ busy }) => busy.length === 0);
  for (const thread of ended) threads.delete(thread);
  await Promise.all(ended.map(({ worker }) => worker.terminate()));
}
