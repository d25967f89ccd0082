import { context, propagation } from '@opentelemetry/api';
import { connect } from '@nats-io/transport-node';
import { headers as createHeaders } from '@nats-io/nats-core';
import type { NatsConnection } from '@nats-io/nats-core';
import { jetstream, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { Bus, PublishOptions } from './bus.ts';
import { natsBucket } from './nats-bucket.ts';
import { consumeInOrder } from './nats-consumer.ts';
import { asBusError, isMissing } from './nats-errors.ts';
import { NatsLink } from './nats-link.ts';
import { STREAMS } from './subjects.ts';
import type { BucketName, StreamName } from './subjects.ts';

export interface NatsOptions {
  /** `nats://host:4222` or `tls://host:4222`; several with commas. */
  readonly url: string;
  /** Name of this client on the server's pages. */
  readonly name: string;
  /** Certificate files, read at every connect so that renewed ones are taken up. */
  readonly tls?: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
  /** Copies of each stream; 3 needs a NATS cluster. Default 1. */
  readonly replicas?: number;
}

const CONNECT_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 5000;
const RECONNECT_WAIT_MS = 250;
/** Streams are transport, not record: a week lets any consumer come back and catch up. */
const MAX_AGE_NS = 7 * 24 * 3600 * 1_000_000_000;
const MAX_BYTES = 256 * 1024 * 1024;
const DUPLICATE_WINDOW_NS = 120 * 1_000_000_000;
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

/** Connects, and goes on trying for ever after that. @throws BusError when the first connection cannot be made. */
export async function openNatsBus(options: NatsOptions): Promise<Bus> {
  const connection = await dial(options);
  const link = new NatsLink(connection);
  const js = jetstream(connection, { timeout: REQUEST_TIMEOUT_MS });
  // The check would ask for account-wide information, which no part is allowed to see.
  const manager = await jetstreamManager(connection, { timeout: REQUEST_TIMEOUT_MS, checkAPI: false });
  const buckets = new Kvm(js);
  return {
    ensureStream: (stream) =>
      asBusError(`stream ${stream}`, () => ensureStream(manager, stream, options.replicas ?? 1)),
    publish: (subject, payload, publishOptions) =>
      asBusError(`publish to ${subject}`, () => publish(js, { subject, payload, options: publishOptions })),
    consume: (consumeOptions) => consumeInOrder({ js, manager }, consumeOptions),
    bucket: (name, bucketOptions = {}) =>
      asBusError(`bucket ${name}`, async () =>
        natsBucket(
          name,
          await openBucket(buckets, name, { create: bucketOptions.create === true, replicas: options.replicas ?? 1 }),
          link,
        ),
      ),
    isConnected: () => !connection.isClosed() && !link.isDown,
    async [Symbol.asyncDispose]() {
      // Drain would wait for consumers; theirs have ended by their own signals.
      await connection.close();
    },
  };
}

async function dial(options: NatsOptions): Promise<NatsConnection> {
  return asBusError(`connect to ${options.url}`, () =>
    connect({
      servers: options.url.split(','),
      name: options.name,
      timeout: CONNECT_TIMEOUT_MS,
      reconnectTimeWait: RECONNECT_WAIT_MS,
      reconnectJitter: 100,
      reconnectJitterTLS: 100,
      maxReconnectAttempts: -1,
      pingInterval: 10_000,
      maxPingOut: 2,
      ...(options.tls === undefined ? {} : { tls: options.tls }),
    }),
  );
}

async function ensureStream(manager: JetStreamManager, name: StreamName, replicas: number): Promise<boolean> {
  const stream = Object.values(STREAMS).find((candidate) => candidate.name === name);
  if (stream === undefined) throw new RangeError(`there is no stream ${name}`);
  const wanted = {
    subjects: [...stream.subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    max_age: MAX_AGE_NS,
    max_bytes: MAX_BYTES,
    max_msg_size: MESSAGE_BYTES_MAX,
    duplicate_window: DUPLICATE_WINDOW_NS,
    num_replicas: replicas,
    allow_direct: true,
  };
  const known = await manager.streams.info(name).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (known === undefined) await manager.streams.add({ name, ...wanted });
  else await manager.streams.update(name, wanted);
  return known === undefined;
}

async function publish(
  js: JetStreamClient,
  message: { readonly subject: string; readonly payload: Uint8Array; readonly options: PublishOptions },
): Promise<void> {
  const headers = createHeaders();
  for (const [key, value] of Object.entries(message.options.headers ?? {})) headers.set(key, value);
  const trace: Record<string, string> = {};
  propagation.inject(context.active(), trace);
  for (const [key, value] of Object.entries(trace)) headers.set(key, value);
  await js.publish(message.subject, message.payload, {
    msgID: message.options.messageId,
    headers,
    timeout: REQUEST_TIMEOUT_MS,
  });
}

async function openBucket(
  kvm: Kvm,
  name: BucketName,
  options: { readonly create: boolean; readonly replicas: number },
) {
  if (!options.create) {
    const kv = await kvm.open(name);
    // Opening asks nobody; the status does, and a bucket that its writer has not made yet is noticed here.
    await kv.status();
    return kv;
  }
  return kvm.create(name, {
    history: 1,
    storage: StorageType.File,
    replicas: options.replicas,
    maxValueSize: MESSAGE_BYTES_MAX,
  });
}
