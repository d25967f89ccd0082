import type { KV, KvWatchEntry } from '@nats-io/kv';
import type { Bucket, BucketEntry } from './bus.ts';

/** A JetStream key-value bucket. */
export function natsBucket(kv: KV): Bucket {
  return {
    async get(key) {
      const entry = await kv.get(key);
      return entry === null || entry.operation !== 'PUT' ? undefined : entry.value;
    },
    async put(key, value) {
      await kv.put(key, value);
    },
    async delete(key) {
      await kv.delete(key);
    },
    watch: (signal) => watch(kv, signal),
  };
}

async function* watch(kv: KV, signal: AbortSignal): AsyncGenerator<BucketEntry, void, undefined> {
  if (signal.aborted) return;
  const entries = await kv.watch();
  const stop = (): void => entries.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const entry of entries) yield entryOf(entry);
  } finally {
    signal.removeEventListener('abort', stop);
    entries.stop();
  }
}

function entryOf(entry: KvWatchEntry): BucketEntry {
  return {
    key: entry.key,
    value: entry.operation === 'PUT' ? entry.value : undefined,
    upToDate: entry.isUpdate || entry.delta === 0,
  };
}
