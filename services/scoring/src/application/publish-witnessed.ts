import type { WitnessedEpoch, WitnessStore } from './witness-store.ts';

/** Tells an epoch again, with its witnesses. Once more with the same ones must change nothing. */
export type TellWitnessed = (epoch: WitnessedEpoch) => Promise<void>;

/** Publishes signatures that wait, oldest epoch first, and returns of how many epochs. Throws at the first outage. */
export type PublishWitnessed = () => Promise<number>;

/** Epochs read at once; each carries up to a hundred kilobytes of amounts. */
const BATCH = 10;

export function makePublishWitnessed(ports: {
  readonly store: WitnessStore;
  readonly tell: TellWitnessed;
}): PublishWitnessed {
  const { store, tell } = ports;
  return async () => {
    let published = 0;
    for (;;) {
      const waiting = await store.unpublishedWitnessed(BATCH);
      for (const epoch of waiting) await tell(epoch);
      // Last: a crash before it publishes again, which changes nothing.
      if (waiting.length > 0) await store.markWitnessesPublished(waiting);
      published += waiting.length;
      if (waiting.length < BATCH) return published;
    }
  };
}
