import type { Followed } from './apply.ts';
import type { KubeLog, KubeMetrics } from './metrics.ts';
import { startReflector, type Reflector } from './reflector.ts';
import { gvkOf, type KubeObject, type Resource } from './resource.ts';
import { ObjectStore, ownerIndex, type IndexFunction } from './store.ts';
import type { Transport } from './transport.ts';

export interface InformersOptions {
  readonly transport: Transport;
  readonly metrics: KubeMetrics;
  readonly log: KubeLog;
  readonly random: () => number;
  readonly nowMs: () => number;
  /** Namespace to follow; absent: all. */
  readonly namespace?: string;
}

/** A store that a reflector keeps equal to the cluster. */
export interface Informer<T extends KubeObject> extends Followed<T> {
  readonly reflector: Reflector;
}

export interface FollowOptions<T extends KubeObject> {
  readonly labelSelector?: string;
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
  /** What is kept of an object; absent: all but managedFields. */
  readonly keep?: (object: T) => T;
}

/** The watches of one process: one for each kind, however many read it. */
export interface Informers extends AsyncDisposable {
  /** Starts to follow a kind. Every store carries the index `owner`. */
  follow<T extends KubeObject>(resource: Resource, options?: FollowOptions<T>): Informer<T>;
  waitForSync(signal: AbortSignal): Promise<void>;
  /** What is not followed at present, by kind; empty when all is well. For /readyz. */
  troubles(): Readonly<Record<string, string>>;
}

export function createInformers(options: InformersOptions): Informers {
  const reflectors: { readonly resource: Resource; readonly reflector: Reflector }[] = [];
  return {
    follow<T extends KubeObject>(resource: Resource, how: FollowOptions<T> = {}): Informer<T> {
      const store = new ObjectStore<T>({ owner: ownerIndex, ...how.indexes }, how.keep);
      const reflector = startReflector<T>({
        ...options,
        resource,
        store,
        ...(how.labelSelector === undefined ? {} : { labelSelector: how.labelSelector }),
      });
      reflectors.push({ resource, reflector });
      return { resource, store, reflector };
    },
    async waitForSync(signal) {
      await Promise.all(reflectors.map(async ({ reflector }) => await reflector.waitForSync(signal)));
    },
    troubles() {
      const found: Record<string, string> = {};
      for (const { resource, reflector } of reflectors) {
        if (reflector.trouble !== undefined) found[gvkOf(resource)] = reflector.trouble;
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(reflectors.map(async ({ reflector }) => await reflector[Symbol.asyncDispose]()));
    },
  };
}
