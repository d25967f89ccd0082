import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { KubeApiError } from '#kube-api.ts';
import type { KubeApi } from '#kube-api.ts';

/** The server ends a watch after this time; the next one goes on where it stopped. */
const WATCH_SECONDS = 240;
const RETRY_MS = 500;

export type WatchedObject = {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion?: string };
};

export type Collection<Item> = {
  /** Present objects by `namespace/name`. */
  readonly items: ReadonlyMap<string, Item>;
  /** True once the first list is in: before, an empty map means nothing. */
  readonly isSynced: () => boolean;
};

export type WatchOptions<Raw, Item> = {
  readonly api: KubeApi;
  /** For example `/api/v1/pods`. */
  readonly path: string;
  /** Takes from an object what is kept of it. */
  readonly keep: (object: Raw) => Item;
  /** Called after every change and after each list. */
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal;
};

/**
 * Keeps a copy of a collection up to date: lists, then watches from the list's version with bookmarks, and goes on from the last
 * version seen after a break. Only an expired version (410) lists again. Runs until the signal aborts; never rejects.
 */
export function watchCollection<Raw, Item>(
  options: WatchOptions<Raw, Item>,
): Collection<Item> & { readonly done: Promise<void> } {
  const items = new Map<string, Item>();
  let synced = false;
  const run = async (): Promise<void> => {
    let version: string | undefined;
    while (!options.signal.aborted) {
      try {
        if (version === undefined) {
          version = await list(options, items);
          synced = true;
          options.onChange();
        }
        version = await watch(options, items, version);
      } catch (error) {
        if (options.signal.aborted) return;
        if (error instanceof KubeApiError && error.status === 410) version = undefined;
        else options.onError(error);
        await delay(RETRY_MS, undefined, { signal: options.signal }).catch(() => undefined); // aborted: the loop ends
      }
    }
  };
  return { items, isSynced: () => synced, done: run() };
}

function keyOf(object: WatchedObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

async function list<Raw, Item>(options: WatchOptions<Raw, Item>, items: Map<string, Item>): Promise<string> {
  const answer = (await options.api.send({ method: 'GET', path: options.path, signal: options.signal })) as {
    metadata: { resourceVersion: string };
    items: (WatchedObject & Raw)[] | null;
  };
  items.clear();
  for (const object of answer.items ?? []) items.set(keyOf(object), options.keep(object));
  return answer.metadata.resourceVersion;
}

/** Follows changes until the server ends the watch; returns the last version seen. */
async function watch<Raw, Item>(
  options: WatchOptions<Raw, Item>,
  items: Map<string, Item>,
  from: string,
): Promise<string> {
  let version = from;
  const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${version}`;
  const response = await options.api.open({ method: 'GET', path: `${options.path}?${query}`, signal: options.signal });
  for await (const line of createInterface({ input: response })) {
    const event = JSON.parse(line) as { type: string; object: WatchedObject & { code?: number; message?: string } };
    if (event.type === 'ERROR') {
      throw new KubeApiError(
        event.object.message ?? 'watch failed',
        event.object.code === undefined ? {} : { status: event.object.code },
      );
    }
    version = event.object.metadata.resourceVersion ?? version;
    if (event.type === 'BOOKMARK') continue;
    if (event.type === 'DELETED') items.delete(keyOf(event.object));
    else items.set(keyOf(event.object), options.keep(event.object as WatchedObject & Raw));
    options.onChange();
  }
  return version;
}
