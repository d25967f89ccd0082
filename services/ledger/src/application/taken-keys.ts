import { KeyFilter } from '#domain/book/key-filter.ts';
import { isOutage } from './follow-journal.ts';
import type { JournalStore } from './ports.ts';

/** Keys that are read at once: a few milliseconds of the server's and of this process's time. */
const PAGE = 2000;

/** What comes after a start is about as much as there is, until the next one. */
const GROWTH = 1.25;

/**
 * Which idempotency keys the store may have. Nearly all orders bring a key that nobody took before: asking the store for each
 * was a fifth of a transfer's cost and a round trip before every batch. What the store holds is learnt after the start, while
 * orders are carried out; until then all keys may be there.
 */
export class TakenKeys {
  readonly #filter: KeyFilter;
  #isComplete = false;

  /** `entries`: of the journal so far; hardly any takes more than one key. */
  constructor(entries: number) {
    this.#filter = new KeyFilter(Math.ceil(entries * GROWTH));
  }

  /** Also of keys that are not stored yet: they may be a moment later. */
  add(key: string): void {
    this.#filter.add(key);
  }

  mayBeStored(key: string): boolean {
    return !this.#isComplete || this.#filter.mayHave(key);
  }

  /** All that the store had at the start was added. */
  complete(): void {
    this.#isComplete = true;
  }
}

/** Reads all keys of the store. One that is taken meanwhile need not be among them: its writer adds it. */
export async function learnTakenKeys(options: {
  readonly store: Pick<JournalStore, 'readClaimKeys'>;
  readonly taken: TakenKeys;
  /** Between two reads, and longer after one that failed: callers come first. */
  readonly pause: (afterFailure: boolean) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onLearnt: (keys: number) => void;
}): Promise<void> {
  const { store, taken, signal } = options;
  let last = '';
  for (let learnt = 0; !signal.aborted;) {
    const keys = await store.readClaimKeys(last, PAGE).catch((error: unknown) => {
      if (isOutage(error)) return undefined;
      throw error;
    });
    for (const key of keys ?? []) taken.add(key);
    learnt += keys?.length ?? 0;
    last = keys?.at(-1) ?? last;
    if (keys !== undefined && keys.length < PAGE) {
      taken.complete();
      return options.onLearnt(learnt);
    }
    await options.pause(keys === undefined);
  }
}
