import { setTimeout as delay } from 'node:timers/promises';
import { BusError } from './bus.ts';
import type { Bucket, BucketEntry, BucketState, Bus, BusMessage, ConsumeOptions } from './bus.ts';
import { BUCKETS, STREAMS } from './subjects.ts';
import type { StreamName } from './subjects.ts';

/** What a hostile network does; each is asked once for every message. */
export interface BusFaults {
  /** Delivers the message to the stream once more. */
  readonly repeats?: () => boolean;
  /** Fails the publisher although the message was stored, as a lost acknowledgement does. */
  readonly losesAck?: () => boolean;
}

interface StoredMessage extends BusMessage {
  readonly stream: StreamName;
}

/** A bus within one process, for tests and simulations; it keeps everything. Passes the same contract as the real one. */
export function memoryBus(faults: BusFaults = {}): Bus {
  const stored: StoredMessage[] = [];
  const positions = new Map<string, number>();
  const changed = new EventTarget();
  const buckets = new Map<string, MemoryBucket>();
  const streams = new Set<StreamName>();
  const store = (stream: StreamName, message: Omit<BusMessage, 'streamSequence'>): void => {
    stored.push({ ...message, stream, streamSequence: BigInt(stored.length + 1) });
    changed.dispatchEvent(new Event('message'));
  };
  return {
    async ensureStream(stream) {
      const isNew = !streams.has(stream);
      streams.add(stream);
      return isNew;
    },
    async publish(subject, payload, { messageId, headers = {} }) {
      const stream = streamOf(subject);
      if (stream === undefined || !streams.has(stream)) throw new BusError(`publish to ${subject}: no stream takes it`);
      const isRepeated = stored.some((message) => message.stream === stream && message.messageId === messageId);
      const message = { subject, payload, headers: lowerCase({ ...headers, 'nats-msg-id': messageId }), messageId };
      if (!isRepeated) store(stream, message);
      if (faults.repeats?.() === true) store(stream, message);
      if (faults.losesAck?.() === true) throw new BusError(`publish to ${subject}: no answer`);
    },
    async consume(options) {
      const key = `${options.stream}/${options.durable}`;
      const lingered = async (): Promise<readonly StoredMessage[]> => {
        await delay(options.lingerMs ?? 0, undefined, { signal: options.signal }).catch(() => undefined);
        return nextBatch(stored, positions.get(key) ?? 0, options);
      };
      while (!options.signal.aborted) {
        const begun = nextBatch(stored, positions.get(key) ?? 0, options);
        if (begun.length === 0) {
          await nextEvent(changed, options.signal);
          continue;
        }
        const batch = begun.length < (options.batchMax ?? 1) ? await lingered() : begun;
        try {
          await options.handle(batch);
          positions.set(key, Number(batch.at(-1)?.streamSequence ?? 0n));
        } catch (error) {
          options.failed(error);
          await delay(1, undefined, { signal: options.signal }).catch(() => undefined); // the loop looks at the signal
        }
      }
    },
    async bucket(name, options = {}) {
      if (!BUCKETS.includes(name)) throw new RangeError(`there is no bucket ${name}`);
      const known = buckets.get(name);
      if (known !== undefined) return known;
      if (options.create !== true) throw new BusError(`bucket ${name}: not found`);
      const made = new MemoryBucket();
      buckets.set(name, made);
      return made;
    },
    isConnected: () => true,
    async [Symbol.asyncDispose]() {},
  };
}

class MemoryBucket implements Bucket {
  readonly #values = new Map<string, Uint8Array>();
  readonly #changed = new EventTarget();
  readonly #log: BucketEntry[] = [];

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#values.get(key);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    this.#values.set(key, value);
    this.#tell({ key, value, upToDate: true });
  }

  async delete(key: string): Promise<void> {
    this.#values.delete(key);
    this.#tell({ key, value: undefined, upToDate: true });
  }

  async entries(): Promise<ReadonlyMap<string, Uint8Array>> {
    return new Map(this.#values);
  }

  async state(): Promise<BucketState> {
    return { madeAt: 'memory', writes: BigInt(this.#log.length) };
  }

  async *watch(signal: AbortSignal): AsyncGenerator<BucketEntry, void, undefined> {
    let at = this.#log.length;
    const now = [...this.#values];
    for (const [index, [key, value]] of now.entries()) yield { key, value, upToDate: index === now.length - 1 };
    while (!signal.aborted) {
      const entry = this.#log[at];
      if (entry === undefined) {
        await nextEvent(this.#changed, signal);
        continue;
      }
      at += 1;
      yield entry;
    }
  }

  #tell(entry: BucketEntry): void {
    this.#log.push(entry);
    this.#changed.dispatchEvent(new Event('message'));
  }
}

function nextBatch(
  stored: readonly StoredMessage[],
  position: number,
  options: ConsumeOptions,
): readonly StoredMessage[] {
  const wanted = stored.filter(
    (message) =>
      message.stream === options.stream &&
      message.streamSequence > BigInt(position) &&
      (options.subjects === undefined || options.subjects.some((pattern) => matches(pattern, message.subject))),
  );
  return wanted.slice(0, options.batchMax ?? 1);
}

/** NATS's subject patterns: `*` is one token, `>` all that follow. */
export function matches(pattern: string, subject: string): boolean {
  const [wanted, given] = [pattern.split('.'), subject.split('.')];
  for (const [index, token] of wanted.entries()) {
    if (token === '>') return given.length > index;
    if (given[index] === undefined || (token !== '*' && token !== given[index])) return false;
  }
  return wanted.length === given.length;
}

function streamOf(subject: string): StreamName | undefined {
  return Object.values(STREAMS).find(({ subjects }) => subjects.some((pattern) => matches(pattern, subject)))?.name;
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]));
}

function nextEvent(target: EventTarget, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    target.removeEventListener('message', done);
    signal.removeEventListener('abort', done);
    resolve();
  };
  target.addEventListener('message', done);
  signal.addEventListener('abort', done);
  if (signal.aborted) done();
  return promise;
}
