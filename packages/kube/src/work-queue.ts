import { backoffMs, type BackoffOptions } from './backoff.ts';
import type { KubeMetrics } from './metrics.ts';
import type { Key } from './resource.ts';

export interface WorkQueueOptions {
  /** Label value of the queue's metrics. */
  readonly name: string;
  readonly metrics: KubeMetrics;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly backoff?: BackoffOptions;
}

const BACKOFF: BackoffOptions = { baseMs: 50, capMs: 300_000 };
/** More keys than any cluster of ours has objects of a kind; reaching it is a bug in a mapping. */
const KEYS_MAX = 500_000;

/**
 * Keys to work on. A key is held once however often it is added; a key added while it is worked
 * on is handed out again after `done`, so two workers never hold the same key.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Keys that wait, in order, with the time they were added. */
  readonly #waiting = new Map<Key, number>();
  readonly #working = new Map<Key, number>();
  /** Keys that were added while they were worked on. */
  readonly #again = new Set<Key>();
  readonly #delayed = new Map<Key, { timer: NodeJS.Timeout; dueMs: number }>();
  readonly #failures = new Map<Key, number>();
  readonly #takers: ((key: Key | undefined) => void)[] = [];
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Keys that wait for a worker. */
  get depth(): number {
    return this.#waiting.size;
  }

  /** Keys that wait, are worked on, or come back later. */
  get pending(): number {
    return this.#waiting.size + this.#working.size + this.#delayed.size;
  }

  add(key: Key): void {
    if (this.#closed || this.#waiting.has(key)) return;
    this.#options.metrics.queueAdd(this.#options.name);
    if (this.#working.has(key)) {
      this.#again.add(key);
      return;
    }
    if (this.#waiting.size >= KEYS_MAX) throw new Error(`queue ${this.#options.name} holds ${KEYS_MAX} keys`);
    this.#waiting.set(key, this.#options.nowMs());
    this.#reportDepth();
    this.#hand();
  }

  /** Adds the key after a delay; of several delays for one key the earliest counts. */
  addAfter(key: Key, delayMs: number): void {
    if (this.#closed) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const dueMs = this.#options.nowMs() + delayMs;
    const before = this.#delayed.get(key);
    if (before !== undefined) {
      if (before.dueMs <= dueMs) return;
      clearTimeout(before.timer);
    }
    const timer = setTimeout(() => {
      this.#delayed.delete(key);
      this.add(key);
    }, delayMs);
    timer.unref();
    this.#delayed.set(key, { timer, dueMs });
  }

  /** Adds a key that failed, later each time until `forget`. Returns the delay. */
  addRateLimited(key: Key): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#options.metrics.queueRetry(this.#options.name);
    const delayMs = backoffMs(failures, this.#options.backoff ?? BACKOFF, this.#options.random());
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /** The key succeeded: its next failure waits the shortest delay again. */
  forget(key: Key): void {
    this.#failures.delete(key);
  }

  /** The next key; undefined once the queue is closed. Every key taken must be given back by `done`. */
  async take(): Promise<Key | undefined> {
    if (this.#closed) return undefined;
    const next = this.#shift();
    if (next !== undefined) return next;
    return await new Promise((resolve) => this.#takers.push(resolve));
  }

  done(key: Key): void {
    const startedMs = this.#working.get(key);
    if (startedMs === undefined) throw new Error(`${key} is not being worked on`);
    this.#working.delete(key);
    this.#options.metrics.queueWork(this.#options.name, (this.#options.nowMs() - startedMs) / 1000);
    if (this.#again.delete(key)) this.add(key);
  }

  /** Stops handing out keys and wakes every taker. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#delayed.values()) clearTimeout(timer);
    this.#delayed.clear();
    this.#waiting.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  #hand(): void {
    const taker = this.#takers.shift();
    if (taker !== undefined) taker(this.#shift());
  }

  #shift(): Key | undefined {
    const first = this.#waiting.entries().next();
    if (first.done === true) return undefined;
    const [key, addedMs] = first.value;
    const nowMs = this.#options.nowMs();
    this.#waiting.delete(key);
    this.#working.set(key, nowMs);
    this.#options.metrics.queueWait(this.#options.name, (nowMs - addedMs) / 1000);
    this.#reportDepth();
    return key;
  }

  #reportDepth(): void {
    this.#options.metrics.queueDepth(this.#options.name, this.#waiting.size);
  }
}
