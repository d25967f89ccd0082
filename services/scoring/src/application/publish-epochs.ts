import type { Outgoing, Store } from './ports.ts';

/** Where epochs go. Publishing twice must be as publishing once: messages carry the epoch as their id. */
export interface EpochPublisher {
  /** Makes what is published into, where it is missing. Called at start and after every outage. */
  open(): Promise<void>;
  scored(epoch: Outgoing): Promise<void>;
}

/** Publishes what waits in the outbox, oldest first, and returns how many. Throws at the first outage; nothing is skipped. */
export type PublishEpochs = () => Promise<number>;

/** Epochs read at once; each is a message of up to thirty kilobytes. */
const BATCH = 10;

export function makePublishEpochs(ports: { readonly store: Store; readonly publisher: EpochPublisher }): PublishEpochs {
  const { store, publisher } = ports;
  return async () => {
    let published = 0;
    for (;;) {
      const waiting = await store.unpublished(BATCH);
      for (const epoch of waiting) await publisher.scored(epoch);
      // Last: a crash before it publishes again, which changes nothing.
      if (waiting.length > 0) await store.markPublished(waiting.map(({ sequence }) => sequence));
      published += waiting.length;
      if (waiting.length < BATCH) return published;
    }
  };
}
