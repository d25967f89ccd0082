import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from './backoff.ts';
import { errorFromStatus, isExpired, KubeApiError } from './errors.ts';
import type { KubeLog, KubeMetrics } from './metrics.ts';
import { collectionPath, gvkOf, type KubeObject, type Resource } from './resource.ts';
import type { ObjectStore } from './store.ts';
import type { Transport, WatchEvent } from './transport.ts';

export interface ReflectorOptions<T extends KubeObject> {
  readonly transport: Transport;
  readonly resource: Resource;
  readonly store: ObjectStore<T>;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly metrics: KubeMetrics;
  readonly log: KubeLog;
  readonly random: () => number;
  readonly nowMs: () => number;
  readonly pageSize?: number;
}

/** Why the last watch ended or could not begin, with how often each happened. */
export interface ReflectorCounts {
  lists: number;
  watches: number;
  events: number;
  bookmarks: number;
  expired: number;
  failures: number;
}

export interface Reflector extends AsyncDisposable {
  /** True once the first list is in the store. */
  readonly synced: boolean;
  readonly counts: Readonly<ReflectorCounts>;
  /** What keeps it from following at present, for /readyz; undefined when all is well. */
  readonly trouble: string | undefined;
  /** Resolves at the first sync; rejects when `signal` aborts before. */
  waitForSync(signal: AbortSignal): Promise<void>;
}

const PAGE_SIZE = 500;
const RELIST_BACKOFF = { baseMs: 200, capMs: 30_000 };
/** The server ends a watch after 240 to 300 s, spread so that not all come back at once. */
const WATCH_SECONDS = { min: 240, spread: 60 };
/** A connection that lasted this long was healthy: the next failure starts at the shortest delay again. */
const HEALTHY_MS = 120_000;
/** A watch that ends sooner is treated as a failure, or event-then-close becomes a storm of dials. */
const SHORT_WATCH_MS = 1_000;

/**
 * Keeps a store equal to a collection: list in pages, watch with bookmarks, resume from the last
 * resource version, list again after 410. It never gives up; what is wrong shows in `trouble`.
 */
export function startReflector<T extends KubeObject>(options: ReflectorOptions<T>): Reflector {
  const abort = new AbortController();
  const state = new ReflectorState(options, abort.signal);
  const running = state.run();
  return {
    get synced() {
      return state.synced;
    },
    get trouble() {
      return state.trouble;
    },
    counts: state.counts,
    async waitForSync(signal) {
      await Promise.race([
        state.firstSync.promise,
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
          if (signal.aborted) reject(signal.reason as Error);
        }),
      ]);
    },
    async [Symbol.asyncDispose]() {
      abort.abort();
      await running;
    },
  };
}

class ReflectorState<T extends KubeObject> {
  synced = false;
  trouble: string | undefined = 'not listed yet';
  readonly counts: ReflectorCounts = { lists: 0, watches: 0, events: 0, bookmarks: 0, expired: 0, failures: 0 };
  readonly firstSync = Promise.withResolvers<void>();
  readonly #options: ReflectorOptions<T>;
  readonly #signal: AbortSignal;
  readonly #path: string;
  #resourceVersion: string | undefined;
  #failures = 0;

  constructor(options: ReflectorOptions<T>, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#path = collectionPath(options.resource, options.namespace);
    this.firstSync.promise.catch(() => undefined); // nobody has to wait for it
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      const startedMs = this.#options.nowMs();
      const reason = await this.#follow();
      if (this.#signal.aborted) return;
      this.#options.metrics.watchRestart({ gvk: gvkOf(this.#options.resource), reason });
      const lastedMs = this.#options.nowMs() - startedMs;
      if (lastedMs >= HEALTHY_MS) this.#failures = 0;
      if (reason === 'expired' && this.#failures === 0) continue;
      if (reason === 'ended' && lastedMs >= SHORT_WATCH_MS) continue;
      const waitMs = backoffMs(this.#failures, RELIST_BACKOFF, this.#options.random());
      this.#failures += 1;
      await delay(waitMs, undefined, { signal: this.#signal }).catch(() => undefined); // aborted: the loop ends
    }
  }

  async #follow(): Promise<'ended' | 'expired' | 'refused' | 'connection'> {
    try {
      if (this.#resourceVersion === undefined) await this.#list();
      await this.#watch();
      return 'ended';
    } catch (error) {
      if (this.#signal.aborted) return 'ended';
      this.counts.failures += 1;
      if (isExpired(error)) {
        this.counts.expired += 1;
        this.#resourceVersion = undefined;
        return 'expired';
      }
      this.trouble = error instanceof Error ? error.message : String(error);
      this.#options.log.warn({ gvk: gvkOf(this.#options.resource), error: this.trouble }, 'watch failed, trying again');
      return error instanceof KubeApiError ? 'refused' : 'connection';
    }
  }

  #selector(): Record<string, string> {
    return this.#options.labelSelector === undefined ? {} : { labelSelector: this.#options.labelSelector };
  }

  async #list(): Promise<void> {
    this.counts.lists += 1;
    const { resource } = this.#options;
    const objects: T[] = [];
    let page: Record<string, string> = {};
    for (;;) {
      const { body } = await this.#options.transport.request({
        method: 'GET',
        path: this.#path,
        query: { ...this.#selector(), limit: String(this.#options.pageSize ?? PAGE_SIZE), ...page },
        signal: this.#signal,
      });
      const list = body as ListBody<T>;
      // Items of a list come without apiVersion and kind.
      for (const item of list.items ?? []) {
        objects.push({ ...item, apiVersion: list.apiVersion, kind: resource.kind });
      }
      const next = list.metadata.continue;
      if (next === undefined || next === '') {
        this.#adopt(objects, list.metadata.resourceVersion);
        return;
      }
      page = { continue: next };
    }
  }

  #adopt(objects: readonly T[], resourceVersion: string): void {
    this.#options.store.replace(objects, resourceVersion);
    this.#resourceVersion = resourceVersion;
    this.synced = true;
    this.trouble = undefined;
    this.#countObjects();
    this.firstSync.resolve();
  }

  async #watch(): Promise<void> {
    this.counts.watches += 1;
    const seconds = Math.round(WATCH_SECONDS.min + this.#options.random() * WATCH_SECONDS.spread);
    const query = {
      ...this.#selector(),
      resourceVersion: this.#resourceVersion ?? '',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(seconds),
    };
    for await (const event of this.#options.transport.watch(this.#path, query, this.#signal)) {
      this.trouble = undefined;
      this.#take(event);
    }
  }

  #take(event: WatchEvent): void {
    if (event.type === 'ERROR') throw errorFromStatus(event.object, 500);
    const object = event.object as T;
    const version = object.metadata.resourceVersion;
    if (event.type === 'BOOKMARK') {
      this.counts.bookmarks += 1;
    } else {
      this.counts.events += 1;
      if (event.type === 'DELETED') this.#options.store.remove(object);
      else this.#options.store.put(object);
      this.#countObjects();
    }
    if (version !== undefined) this.#resourceVersion = version;
  }

  #countObjects(): void {
    this.#options.metrics.cacheObjects(gvkOf(this.#options.resource), this.#options.store.size);
  }
}

interface ListBody<T> {
  readonly apiVersion: string;
  readonly items: readonly T[] | null;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}
