import { addressName, type Entry } from '#domain/book/journal.ts';
import type { JournalStore, StoredEntry } from './ports.ts';
import type { Sequencer } from './sequencer.ts';

/** Entries that wait for one reader at most; who falls behind reads them from the store instead. */
export const WAITING_ENTRIES_MAX = 1000;
/** Entries that are read from the store at once. */
const PAGE_ENTRIES = 500;

/** The next entries for a reader, and where the journal ended when they were taken. */
export interface JournalPage {
  readonly entries: readonly StoredEntry[];
  readonly lastSequence: number;
}

/**
 * Follows the journal from an entry on until the signal is aborted: what is stored page by page, then what is committed, as
 * it is committed. Each entry is told once and in order, whatever happens between two readings: the reader's place is
 * a sequence number, and what does not follow it is read from the store.
 */
export async function* watchJournal(
  ports: { readonly sequencer: Sequencer; readonly store: Pick<JournalStore, 'readEntries'> },
  fromSequence: number,
  signal: AbortSignal,
): AsyncGenerator<JournalPage, void, undefined> {
  const waiting = new Waiting();
  // Subscribed before the store is read, so that nothing falls between the two.
  const unsubscribe = ports.sequencer.subscribe(({ entries }) => waiting.add(entries));
  const wakeUp = (): void => waiting.wakeUp();
  signal.addEventListener('abort', wakeUp, { once: true });
  try {
    let told = Math.max(0, fromSequence - 1);
    let last = await ports.sequencer.read((ledger) => ledger.journal.head.sequence);
    while (!signal.aborted) {
      last = Math.max(last, waiting.lastSequence);
      const live = waiting.takeAfter(told);
      const entries =
        live.length > 0 || told >= last
          ? live
          : await ports.store.readEntries({ afterSequence: told, limit: PAGE_ENTRIES });
      if (entries.length === 0) {
        await waiting.next();
        continue;
      }
      told = entries.at(-1)?.sequence ?? told;
      yield { entries, lastSequence: Math.max(last, told) };
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', wakeUp);
  }
}

/** What was committed and not taken yet: the newest entries without a gap, or none after too many. */
class Waiting {
  lastSequence = 0;
  #entries: StoredEntry[] = [];
  #wake = Promise.withResolvers<void>();

  add(entries: readonly Entry[]): void {
    this.lastSequence = entries.at(-1)?.sequence ?? this.lastSequence;
    if (this.#entries.length + entries.length > WAITING_ENTRIES_MAX) this.#entries = [];
    else this.#entries.push(...entries.map(storedOf));
    this.wakeUp();
  }

  /** All that waits, if it follows the reader's place; else it is in the store, and so is what comes before it. */
  takeAfter(told: number): readonly StoredEntry[] {
    const entries = this.#entries.filter(({ sequence }) => sequence > told);
    this.#entries = [];
    return entries[0]?.sequence === told + 1 ? entries : [];
  }

  wakeUp(): void {
    this.#wake.resolve();
  }

  async next(): Promise<void> {
    await this.#wake.promise;
    this.#wake = Promise.withResolvers<void>();
  }
}

function storedOf({ keys: _keys, event, held: _held, ...stored }: Entry): StoredEntry {
  return { ...stored, eventAddress: event === undefined ? undefined : addressName(event) };
}
