import { setTimeout as delay } from 'node:timers/promises';
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import type { ConsumerInfo, JetStreamClient, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import { BusError, type BusMessage, type ConsumeOptions } from './bus.ts';
import { isMissing } from './nats-errors.ts';

interface Connected {
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
}

const ACK_WAIT_MS = 30_000;
/** Messages on their way to one consumer; what is not acknowledged within ACK_WAIT_MS comes again. */
const IN_FLIGHT_MAX = 512;
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 5000;

/** Consumes until the signal ends it: whatever breaks is reported and begun anew. */
export async function consumeInOrder(connected: Connected, options: ConsumeOptions): Promise<void> {
  let failures = 0;
  let takesOver = options.takesOver === true;
  while (!options.signal.aborted) {
    try {
      await ensureConsumer(connected.manager, options, takesOver);
      takesOver = false;
      await consumeOnce(connected, options, () => {
        failures = 0;
      });
    } catch (error) {
      if (options.signal.aborted) return;
      const told = error instanceof Error ? error.message : String(error);
      options.failed(new BusError(`consumer ${options.durable} broke off: ${told}`, { cause: error }));
    }
    await pause(failures, options.signal);
    failures += 1;
  }
}

async function consumeOnce({ js }: Connected, options: ConsumeOptions, succeeded: () => void): Promise<void> {
  const { stream, durable, signal } = options;
  const consumer = await js.consumers.get(stream, durable);
  const messages = await consumer.consume({
    max_messages: Math.max(options.batchMax ?? 1, 64),
    abort_on_missing_resource: true,
  });
  const stop = (): void => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  const arrived: JsMsg[] = [];
  let wake = Promise.withResolvers<void>();
  let ended = false;
  const reading = (async () => {
    try {
      for await (const message of messages) {
        arrived.push(message);
        wake.resolve();
      }
    } finally {
      ended = true;
      wake.resolve();
    }
  })();
  // Awaited below; a rejection before that must not count as unhandled.
  reading.catch(() => undefined);
  try {
    while (!signal.aborted) {
      if (arrived.length === 0) {
        if (ended) break;
        await wake.promise;
        wake = Promise.withResolvers<void>();
        continue;
      }
      await settle(arrived.splice(0, options.batchMax ?? 1), options);
      succeeded();
    }
  } finally {
    signal.removeEventListener('abort', stop);
    messages.stop();
  }
  await reading;
}

/** Hands a batch over until it is taken; later messages wait, which keeps the order. */
async function settle(batch: readonly JsMsg[], options: ConsumeOptions): Promise<void> {
  const messages = batch.map(messageOf);
  // The stream would send them to somebody else while a slow or failing handler still has them.
  const keepAlive = setInterval(() => {
    for (const message of batch) message.working();
  }, ACK_WAIT_MS / 3);
  try {
    for (let failures = 0; !options.signal.aborted; failures += 1) {
      try {
        await options.handle(messages);
        for (const message of batch) message.ack();
        return;
      } catch (error) {
        options.failed(error);
        await pause(failures, options.signal);
      }
    }
  } finally {
    clearInterval(keepAlive);
  }
}

async function ensureConsumer(manager: JetStreamManager, options: ConsumeOptions, takesOver: boolean): Promise<void> {
  const { stream, durable } = options;
  const settings = {
    ack_wait: ACK_WAIT_MS * 1_000_000,
    max_ack_pending: IN_FLIGHT_MAX,
    ...(options.subjects === undefined ? {} : { filter_subjects: [...options.subjects] }),
  };
  const known = await manager.consumers.info(stream, durable).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (known !== undefined && !takesOver) {
    await manager.consumers.update(stream, durable, settings);
    return;
  }
  // Made anew it owes nothing to whoever asked the old one. A crash between the two statements reads the stream again.
  if (known !== undefined) await manager.consumers.delete(stream, durable);
  await manager.consumers.add(stream, {
    ...settings,
    ...startAfter(known),
    durable_name: durable,
    ack_policy: AckPolicy.Explicit,
  });
}

function startAfter(known: ConsumerInfo | undefined) {
  return known === undefined
    ? { deliver_policy: DeliverPolicy.All }
    : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: known.ack_floor.stream_seq + 1 };
}

function messageOf(message: JsMsg): BusMessage {
  const headers: Record<string, string> = {};
  for (const [key, values] of message.headers ?? []) headers[key.toLowerCase()] = values[0] ?? '';
  return {
    subject: message.subject,
    payload: message.data,
    headers,
    streamSequence: BigInt(message.seq),
    messageId: headers['nats-msg-id'] ?? '',
  };
}

async function pause(failures: number, signal: AbortSignal): Promise<void> {
  const ms = Math.min(RETRY_MIN_MS * 2 ** Math.min(failures, 10), RETRY_MAX_MS);
  await delay(ms, undefined, { signal }).catch(() => undefined); // aborted: the caller looks at the signal
}
