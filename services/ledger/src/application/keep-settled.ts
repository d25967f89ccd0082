import { isOutage } from './commit-queue.ts';
import type { JournalStore } from './ports.ts';
import type { Sequencer } from './sequencer.ts';

const EVERY_MS = 100;

/** Entries that only a start or an audit would have to read again, at most as long as the store keeps up. */
const ENTRIES_MAX = 100_000;

/** What came last is settled as well when little comes. */
const QUIET_MS = 5000;

/**
 * Has the store put balances into its table of accounts again and again, until the signal is aborted: beside the batches, and of
 * an account once for many changes. With every batch it would be a third of what a transfer costs the server.
 */
export async function keepSettled(options: {
  readonly store: Pick<JournalStore, 'settle'>;
  readonly sequencer: Pick<Sequencer, 'subscribe'>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly monotonicMs: () => number;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}): Promise<void> {
  const { store, sequencer, sleep, monotonicMs, signal } = options;
  let [head, settled, settledMs] = [0, 0, monotonicMs()];
  const unsubscribe = sequencer.subscribe(({ entries }) => {
    head = entries.at(-1)?.sequence ?? head;
  });
  const isDue = (): boolean =>
    head - settled >= ENTRIES_MAX || (head > settled && monotonicMs() - settledMs >= QUIET_MS);
  try {
    while (!signal.aborted) {
      if (isDue()) {
        try {
          settled = await store.settle();
        } catch (error) {
          if (!isOutage(error)) throw error;
          options.onFailure(error);
        }
        settledMs = monotonicMs();
      }
      await sleep(EVERY_MS, signal);
    }
  } finally {
    unsubscribe();
  }
}
