import type { Followed } from './apply.ts';
import { isConflict, isNotFound } from './errors.ts';
import { keyOf, objectPath, type Key, type KubeObject, type Resource } from './resource.ts';
import type { Transport } from './transport.ts';

export interface PruneRequest {
  readonly transport: Transport;
  /** Every kind that the owner may have children of; their stores carry the index `owner`. */
  readonly followed: readonly Followed[];
  readonly ownerUid: string;
  /** Children that stay. */
  readonly keep: readonly { readonly resource: Resource; readonly object: KubeObject }[];
  readonly signal: AbortSignal;
}

/** Deletes children of an owner that are no longer desired: server-side apply never deletes. */
export async function prune(request: PruneRequest): Promise<readonly Key[]> {
  const kept = new Set(request.keep.map(({ resource, object }) => `${resource.plural}/${keyOf(object)}`));
  const deleted: Key[] = [];
  for (const { resource, store } of request.followed) {
    for (const child of store.byIndex('owner', request.ownerUid)) {
      const id = `${resource.plural}/${keyOf(child)}`;
      if (kept.has(id) || child.metadata.deletionTimestamp !== undefined) continue;
      await deleteObject(request.transport, { resource, object: child, signal: request.signal });
      deleted.push(id);
    }
  }
  return deleted;
}

/** Deletes this very object; one that is gone, or has been made anew under the name, is left alone. */
export async function deleteObject(
  transport: Transport,
  target: { readonly resource: Resource; readonly object: KubeObject; readonly signal: AbortSignal },
): Promise<void> {
  const { resource, object, signal } = target;
  await transport
    .request({
      method: 'DELETE',
      path: objectPath(resource, object.metadata),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: 'Background',
        ...(object.metadata.uid === undefined ? {} : { preconditions: { uid: object.metadata.uid } }),
      },
      signal,
    })
    .catch((error: unknown) => {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    });
}
