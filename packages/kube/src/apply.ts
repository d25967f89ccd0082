import { differences, hashOf } from './canonical.ts';
import { isRefusal } from './errors.ts';
import type { KubeMetrics } from './metrics.ts';
import { apiVersionOf, keyOf, objectPath, type KubeObject, type Resource } from './resource.ts';
import type { ObjectStore } from './store.ts';
import type { Transport } from './transport.ts';

/** Hash of what was applied last; tells a field that we no longer want from one that others added. */
export const APPLIED_ANNOTATION = 'subnetes.io/applied-sha256';

export interface ApplyOptions {
  readonly transport: Transport;
  readonly fieldManager: string;
  readonly metrics: KubeMetrics;
}

export interface Applied {
  readonly result: 'created' | 'updated' | 'unchanged';
}

/** One resource with the store that follows it. */
export interface Followed<T extends KubeObject = KubeObject> {
  readonly resource: Resource;
  readonly store: ObjectStore<T>;
}

export interface Applier {
  /**
   * Makes the object as desired. Sends nothing when the observed object carries the hash of this
   * very desire and everything in it: nothing of ours changed and nobody changed it.
   *
   * @throws KubeApiError, KubeConnectionError
   */
  apply(followed: Followed, desired: KubeObject, signal: AbortSignal): Promise<Applied>;
}

const MEMORY_MAX = 20_000;

export function createApplier(options: ApplyOptions): Applier {
  // What the server writes in another way than we do (a quantity of 1000m becomes 1) would look like
  // drift for ever: after an apply the remaining differences are remembered and count as none.
  const settled = new Map<string, string>();

  return {
    async apply(followed, desired, signal) {
      const { resource, store } = followed;
      const kind = resource.kind;
      const hash = hashOf(desired);
      const object = withAnnotation(desired, hash);
      const observed = store.get(keyOf(desired));
      const memoryKey = `${resource.plural}/${keyOf(desired)}`;
      if (observed !== undefined && isSettled(observed, object, hash, settled.get(memoryKey))) {
        options.metrics.apply({ kind, result: 'unchanged' });
        return { result: 'unchanged' };
      }
      const response = await options.transport
        .request({
          method: 'PATCH',
          path: objectPath(resource, desired.metadata),
          query: { fieldManager: options.fieldManager, force: 'true' },
          contentType: 'application/apply-patch+yaml',
          body: { ...object, apiVersion: apiVersionOf(resource), kind },
          signal,
        })
        .catch((error: unknown) => {
          if (isRefusal(error)) options.metrics.apply({ kind, result: 'refused' });
          throw error;
        });
      const written = response.body as KubeObject;
      store.put(written);
      remember(settled, memoryKey, `${hash} ${differences(object, written).join(' ')}`);
      const result = resultOf(response.status, observed, written);
      options.metrics.apply({ kind, result });
      return { result };
    },
  };
}

function resultOf(status: number, observed: KubeObject | undefined, written: KubeObject): Applied['result'] {
  if (status === 201) return 'created';
  const same = observed?.metadata.resourceVersion === written.metadata.resourceVersion;
  return same ? 'unchanged' : 'updated';
}

function isSettled(observed: KubeObject, desired: KubeObject, hash: string, memory: string | undefined): boolean {
  if (observed.metadata.deletionTimestamp !== undefined) return false;
  if (observed.metadata.annotations?.[APPLIED_ANNOTATION] !== hash) return false;
  const found = differences(desired, observed);
  return found.length === 0 || memory === `${hash} ${found.join(' ')}`;
}

function withAnnotation(desired: KubeObject, hash: string): KubeObject {
  const annotations = { ...desired.metadata.annotations, [APPLIED_ANNOTATION]: hash };
  return { ...desired, metadata: { ...desired.metadata, annotations } };
}

function remember(settled: Map<string, string>, key: string, value: string): void {
  settled.delete(key);
  settled.set(key, value);
  if (settled.size <= MEMORY_MAX) return;
  const oldest = settled.keys().next();
  if (oldest.done !== true) settled.delete(oldest.value);
}
