import type { BucketName, StreamName } from './subjects.ts';

/** A message as a consumer gets it. Headers in lower case. */
export interface BusMessage {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** Position in the stream; it starts anew if the stream is made anew, so it is no key for anything kept. */
  readonly streamSequence: bigint;
  /** What the publisher named it, for logs. */
  readonly messageId: string;
}

export interface PublishOptions {
  /** A message with an id that the stream has seen within two minutes is dropped by it. */
  readonly messageId: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ConsumeOptions {
  readonly stream: StreamName;
  /** Name under which the stream remembers how far this consumer is. */
  readonly durable: string;
  /** Subjects or patterns; all of the stream where absent. */
  readonly subjects?: readonly string[];
  /**
   * The process before is gone, or no longer counts: what it was given and did not acknowledge comes here at once, in
   * order, instead of after the time that it had for it. Default false.
   */
  readonly takesOver?: boolean;
  /** Most messages handed over at once. Default 1. */
  readonly batchMax?: number;
  /**
   * Takes messages in the stream's order. They are acknowledged when it resolves; when it rejects, the same ones come
   * again after a pause, and none that follow them before. It must take repetition: after a crash acknowledged effects
   * may come once more.
   */
  handle(messages: readonly BusMessage[]): Promise<void>;
  /** Told of every rejection of `handle` and every break of the connection. */
  failed(error: unknown): void;
  /** Ends the consumer; `consume` resolves when `handle` is through. */
  readonly signal: AbortSignal;
}

/** Small current state by key; the last value stands. @throws BusError from every method when the bus did not answer. */
export interface Bucket {
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, value: Uint8Array): Promise<void>;
  delete(key: string): Promise<void>;
  /** All keys of now with their values. */
  entries(): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Tells a writer whether the bucket still stands as it left it. */
  state(): Promise<BucketState>;
  /**
   * All entries of now, then every change; a deleted key has no value. Ends with the signal.
   * @throws BusError when the connection or the bucket was made anew, since nobody knows what was missed: watch again.
   */
  watch(signal: AbortSignal): AsyncIterable<BucketEntry>;
}

/** Which bucket of its name it is, and how far it has been written. */
export interface BucketState {
  /** When it was made, as the server writes it: another time is another bucket. */
  readonly madeAt: string;
  /** Grows by one with every put and every delete, whoever did it. */
  readonly writes: bigint;
}

export interface BucketEntry {
  readonly key: string;
  readonly value: Uint8Array | undefined;
  /** True for the last entry of those that were there when the watch began, and for all later ones. */
  readonly upToDate: boolean;
}

/** The bus delivers, and may repeat; the producers' journals are the record. */
export interface Bus extends AsyncDisposable {
  /**
   * Makes the stream, or brings its settings in line. Only its producer does. Repeats safely. True when it was made now:
   * an empty stream is to be told everything again.
   */
  ensureStream(stream: StreamName): Promise<boolean>;
  /** Resolves when the stream has stored it. @throws BusError when it has not, or not surely. */
  publish(subject: string, payload: Uint8Array, options: PublishOptions): Promise<void>;
  /** Runs until the signal ends it; waits for a stream that is not there yet. */
  consume(options: ConsumeOptions): Promise<void>;
  /** Opens a bucket; only its writer passes `create`. @throws BusError when it is not there. */
  bucket(name: BucketName, options?: { readonly create?: boolean }): Promise<Bucket>;
  isConnected(): boolean;
}

/** The bus did not answer, or refused. Another try may help. */
export class BusError extends Error {
  override readonly name = 'BusError';
  /** The log tells it without a stack. */
  readonly isOutage = true;
}
