import { isOutage } from './commit-queue.ts';
import type { JournalStore } from './ports.ts';
import type { Sequencer } from './sequencer.ts';

/** Far less than a ledger needs for half of a range, at any speed. */
const EVERY_MS = 1000;

/** Sees to it that the journal has room for its entries long before they come, until the signal is aborted. */
export async function keepRoom(options: {
  readonly store: Pick<JournalStore, 'makeRoom'>;
  readonly sequencer: Pick<Sequencer, 'subscribe'>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}): Promise<void> {
  const { store, sequencer, sleep, signal } = options;
  let head = 0;
  const unsubscribe = sequencer.subscribe(({ entries }) => {
    head = entries.at(-1)?.sequence ?? head;
  });
  try {
    while (!signal.aborted) {
      try {
        await store.makeRoom(head);
      } catch (error) {
        if (!isOutage(error)) throw error;
        options.onFailure(error);
      }
      await sleep(EVERY_MS, signal);
    }
  } finally {
    unsubscribe();
  }
}
