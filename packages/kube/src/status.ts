import { sameJson } from './canonical.ts';
import type { Followed } from './apply.ts';
import { apiVersionOf, keyOf, objectPath, type KubeObject } from './resource.ts';
import type { Transport } from './transport.ts';

export interface StatusWrite {
  readonly followed: Followed;
  /** The object as it was read. */
  readonly object: KubeObject;
  /** The whole status; what is left out disappears. */
  readonly status: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

/** Writes statuses by server-side apply on the subresource. */
export interface StatusWriter {
  /** @returns false when the observed status already said so and nothing was sent */
  write(request: StatusWrite): Promise<boolean>;
}

export function createStatusWriter(options: {
  readonly transport: Transport;
  readonly fieldManager: string;
}): StatusWriter {
  return {
    async write({ followed, object, status, signal }) {
      const { resource, store } = followed;
      const wanted = withoutAbsent(status) as Record<string, unknown>;
      const latest = (store.get(keyOf(object)) ?? object) as KubeObject & { readonly status?: unknown };
      if (sameJson(latest.status ?? {}, wanted)) return false;
      const { name, namespace, uid } = object.metadata;
      const { body } = await options.transport.request({
        method: 'PATCH',
        path: objectPath(resource, object.metadata, 'status'),
        query: { fieldManager: options.fieldManager, force: 'true' },
        contentType: 'application/apply-patch+yaml',
        body: {
          apiVersion: apiVersionOf(resource),
          kind: resource.kind,
          // The uid makes the write fail when the object was deleted and made anew meanwhile.
          metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) },
          status: wanted,
        },
        signal,
      });
      store.put(body as KubeObject);
      return true;
    },
  };
}

/**
 * The value without members that are undefined.
 *
 * @throws Error for a null: the API server refuses nulls in an apply, and a status that means
 *   "nothing" leaves the field out.
 */
export function withoutAbsent(value: unknown, path = 'status'): unknown {
  if (value === null) throw new Error(`${path} is null; leave the field out`);
  if (Array.isArray(value)) return value.map((item, index) => withoutAbsent(item, `${path}[${index}]`));
  if (typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [key, withoutAbsent(member, `${path}.${key}`)]),
  );
}
