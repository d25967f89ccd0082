import { type Bucket, type Bus, BusError } from '@subnetes/bus/bus';
import { epochScoredSubject, scoredMessageId, STREAMS } from '@subnetes/bus/subjects';
import type { Clock } from '@subnetes/runtime/clock';
import { fromUnknown } from '@subnetes/runtime/errors';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import type { EpochPublisher } from '#application/publish-epochs.ts';
import type { MetagraphPublisher } from '#application/show-epochs.ts';

/** Pause after an outage, and the longest time for which a lost wake-up could hold an epoch back. */
const RETRY_MS = 1000;

/** Publishes into scoring's stream and the metagraph bucket, which scoring alone writes. */
export function busPublisher({
  bus,
  metrics,
}: {
  readonly bus: Bus;
  readonly metrics: Metrics;
}): EpochPublisher & MetagraphPublisher {
  const stream = STREAMS.scoring.name;
  let bucket: Bucket | undefined;
  return {
    open: async () => {
      await bus.ensureStream(stream);
    },
    openBucket: async () => {
      bucket = await bus.bucket('metagraph', { create: true });
    },
    scored: async ({ netuid, index, sequence, previousSequence, scored }) => {
      await bus.publish(epochScoredSubject(netuid), scored, {
        messageId: scoredMessageId(netuid, BigInt(index)),
        headers: { 'subnetes-sequence': String(sequence), 'subnetes-previous-sequence': String(previousSequence) },
      });
      metrics.inc('subnetes_bus_messages_published_total', { stream, result: 'stored' });
    },
    metagraph: async (netuid, metagraph) => {
      if (bucket === undefined) throw new BusError('the metagraph bucket was not opened');
      await bucket.put(String(netuid), metagraph);
    },
  };
}

/** Does what waits whenever it is woken, and tries again after an outage. */
export interface OutboxRelay {
  wake(): void;
  /** Runs until the signal ends it. */
  run(signal: AbortSignal): Promise<void>;
}

export function outboxRelay(parts: {
  /** Called at start and after every outage. */
  readonly open: () => Promise<void>;
  readonly publish: (signal: AbortSignal) => Promise<unknown>;
  /** What waits during an outage, as the log tells it. */
  readonly what: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}): OutboxRelay {
  let woken = Promise.withResolvers<void>();
  return {
    wake: () => woken.resolve(),
    run: async (signal) => {
      let isOpen = false;
      while (!signal.aborted) {
        woken = Promise.withResolvers<void>();
        try {
          if (!isOpen) await parts.open();
          isOpen = true;
          await parts.publish(signal);
        } catch (error) {
          isOpen = false;
          parts.metrics.inc('subnetes_bus_messages_published_total', {
            stream: STREAMS.scoring.name,
            result: 'failed',
          });
          parts.log.warn({ err: fromUnknown(error) }, `${parts.what} wait: publishing is tried again`);
        }
        const late = new AbortController();
        const pause = parts.clock.sleep(RETRY_MS, AbortSignal.any([signal, late.signal]));
        await Promise.race([woken.promise, pause.catch(() => {})]); // aborted: the loop looks at the signal
        late.abort();
      }
    },
  };
}
