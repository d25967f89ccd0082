import type { JournalHead } from '#domain/book/journal.ts';
import { CommitUnknown, Fenced, type JournalStore, LedgerUnavailable, StoreUnavailable } from './ports.ts';

/**
 * The store ends the session of a writer that was silent for this long, and with it its lock: a process that is stopped, or
 * cut off from the store, is replaced after that time, one that died at once.
 */
export const LEASE_MS = 5000;

/** Several beats may be late before the lease is lost. */
const BEAT_MS = 1000;

/**
 * Keeps the writer's session alive and finds out, also where nothing is to be written, that another one took over: then it
 * throws Fenced, and what this process still holds in memory is not to be told to anybody.
 */
export async function holdLease(options: {
  readonly store: Pick<JournalStore, 'readHead'>;
  /** Where the state in memory stands, once no batch is under way. Throws LedgerUnavailable while nothing is answered from it. */
  readonly readCommitted: () => Promise<JournalHead>;
  /** Sequence of the last entry that was stored by this process. */
  readonly lastStored: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}): Promise<void> {
  let seen = 0;
  while (!options.signal.aborted) {
    const last = options.lastStored();
    // What was stored a moment ago kept the session alive and was fenced; asking would hold up what comes next.
    const isWriting = last !== seen;
    seen = last;
    if (isWriting) {
      await options.sleep(BEAT_MS, options.signal);
      continue;
    }
    try {
      const stored = await options.store.readHead();
      const own = await options.readCommitted();
      // The lock may have been lost and be ours again: others may have written between.
      if (stored.sequence > own.sequence || (stored.sequence === own.sequence && stored.hash !== own.hash)) {
        throw new Fenced(`the journal ends at ${stored.sequence}, which this process did not write`);
      }
    } catch (error) {
      // The sequencer tells of an outage; the next beat asks for the lock again.
      if (!isOutage(error)) throw error;
    }
    await options.sleep(BEAT_MS, options.signal);
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof StoreUnavailable || error instanceof CommitUnknown || error instanceof LedgerUnavailable;
}
