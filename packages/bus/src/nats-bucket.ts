import { setTimeout as delay } from 'node:timers/promises';
import type { KV, KvEntry } from '@nats-io/kv';
import { BusError, type Bucket, type BucketEntry, type BucketState } from './bus.ts';
import { asBusError, isMissing } from './nats-errors.ts';
import type { NatsLink } from './nats-link.ts';
import type { BucketName } from './subjects.ts';

/** How often a watch looks whether its bucket is still the one that it began with. */
const LOOK_MS = 2000;
/** Longest time for reading a bucket whole. */
const READ_MS = 30_000;

/** A JetStream key-value bucket. */
export function natsBucket(name: BucketName, kv: KV, link: NatsLink): Bucket {
  const asking = <T>(what: string, work: () => Promise<T>): Promise<T> => asBusError(`${what} of bucket ${name}`, work);
  return {
    get: (key) => asking('get', async () => valueOf(await kv.get(key))),
    put: (key, value) => asking('put', async () => void (await kv.put(key, value))),
    delete: (key) => asking('delete', () => kv.delete(key)),
    entries: () => asking('entries', () => readAll(kv, link)),
    state: () => asking('state', () => stateOf(kv)),
    watch: (signal) => watch({ name, kv, link }, signal),
  };
}

async function stateOf(kv: KV): Promise<BucketState> {
  const { created, state } = (await kv.status()).streamInfo;
  return { madeAt: String(created), writes: BigInt(state.last_seq) };
}

type Entries = Awaited<ReturnType<KV['watch']>>;

/** The one value that each key has. */
async function readAll(kv: KV, link: NatsLink): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const entries = await kv.history();
  const broken = breaking(entries, link);
  const late = setTimeout(() => broken.by('took too long to be read'), READ_MS);
  try {
    for await (const entry of entries) {
      const value = valueOf(entry);
      if (value === undefined) found.delete(entry.key);
      else found.set(entry.key, value);
    }
    return found;
  } finally {
    clearTimeout(late);
    broken[Symbol.dispose]();
  }
}

async function* watch(
  { name, kv, link }: { readonly name: BucketName; readonly kv: KV; readonly link: NatsLink },
  signal: AbortSignal,
): AsyncGenerator<BucketEntry, void, undefined> {
  if (signal.aborted) return;
  const what = `watch of bucket ${name}`;
  const { madeAt } = await asBusError(what, () => stateOf(kv));
  const entries = await asBusError(what, () => kv.watch());
  using broken = breaking(entries, link);
  const over = new AbortController();
  const stop = (): void => entries.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  // The consumer behind a watch outlives its stream, in silence, and would skip the beginning of the next one.
  void lookAfter(kv, madeAt, { broken, over: over.signal });
  try {
    for await (const entry of entries) {
      yield { key: entry.key, value: valueOf(entry), upToDate: entry.isUpdate || entry.delta === 0 };
    }
  } finally {
    over.abort();
    signal.removeEventListener('abort', stop);
    entries.stop();
  }
}

interface Breaking extends Disposable {
  by(why: string): void;
}

/** Ends the iteration with a BusError when the connection is made anew: what comes after it may not follow what came before. */
function breaking(entries: Entries, link: NatsLink): Breaking {
  const by = (why: string): void => entries.stop(new BusError(`the bucket ${why}`));
  const renewed = (): void => by('is behind a new connection');
  link.addEventListener('reconnect', renewed);
  return { by, [Symbol.dispose]: () => link.removeEventListener('reconnect', renewed) };
}

/** Breaks the watch when its bucket is gone, or is another one of the same name. */
async function lookAfter(
  kv: KV,
  madeAt: string,
  { broken, over }: { readonly broken: Breaking; readonly over: AbortSignal },
): Promise<void> {
  for (;;) {
    await delay(LOOK_MS, undefined, { signal: over }).catch(() => undefined); // over: the loop looks
    if (over.aborted) return;
    try {
      if ((await stateOf(kv)).madeAt !== madeAt) return broken.by('was made anew');
    } catch (error) {
      if (isMissing(error)) return broken.by('is gone');
      // No answer: the connection is lost, and its return breaks the watch.
    }
  }
}

function valueOf(entry: KvEntry | null): Uint8Array | undefined {
  return entry === null || entry.operation !== 'PUT' ? undefined : entry.value;
}
