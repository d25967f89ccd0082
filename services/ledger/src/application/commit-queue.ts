import { type Batch, CommitUnknown, Fenced, type JournalStore, StoreUnavailable } from './ports.ts';

/** Batches that are decided and not known to be stored, at most: one on its way while the one before is being stored. */
export const BATCHES_IN_FLIGHT = 2;

export interface CommitQueueOptions {
  readonly store: Pick<JournalStore, 'append' | 'readHead'>;
  /** Waits before the store is tried again; rejects when the process stops. */
  readonly retryDelay: (attempt: number) => Promise<void>;
}

interface Pending {
  readonly batch: Batch;
  readonly stored: PromiseWithResolvers<void>;
  /** Its latest try. */
  tried: Promise<void>;
}

/**
 * Stores batches in order, each for good. The next one is handed over before the store has answered for the one before, so
 * that it never waits for us; since each follows from the one before, one that fails takes with it all behind it. After an
 * outage the end of the journal tells which of them are stored, and the others are sent again.
 */
export class CommitQueue {
  readonly #options: CommitQueueOptions;
  readonly #pending: Pending[] = [];
  #attempt = 0;
  #failed: { readonly cause: unknown } | undefined;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  /** Nothing is decided that is not stored. */
  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  /** Batches that may be pushed before one has to be stored. */
  get vacancies(): number {
    return BATCHES_IN_FLIGHT - this.#pending.length;
  }

  /** The store did not answer the last time. */
  get isStalled(): boolean {
    return this.#attempt > 0;
  }

  /** The first sequence that may not be stored yet; undefined when all are. */
  get firstPending(): number | undefined {
    return this.#pending[0]?.batch.entries[0]?.sequence;
  }

  /** Stores a batch that follows those before; resolves in their order. Rejects, like all behind it, when it never will be. */
  push(batch: Batch): Promise<void> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed.cause);
    const stored = Promise.withResolvers<void>();
    this.#pending.push({ batch, stored, tried: this.#append(batch) });
    if (this.#pending.length === 1) void this.#work();
    return stored.promise;
  }

  /** Waits until there is room for one more. Rejects when a batch failed. */
  async room(): Promise<void> {
    while (this.#pending.length >= BATCHES_IN_FLIGHT) await this.#pending[0]?.stored.promise;
  }

  /** Waits for all that was pushed before this call. Rejects when a batch failed. */
  async drained(): Promise<void> {
    await this.#pending.at(-1)?.stored.promise;
  }

  async #work(): Promise<void> {
    for (let first = this.#pending[0]; first !== undefined; first = this.#pending[0]) {
      try {
        await first.tried;
        this.#attempt = 0;
        this.#keep(1);
      } catch (error) {
        await this.#recover(error).catch((cause: unknown) => this.#fail(cause));
      }
    }
  }

  #append(batch: Batch): Promise<void> {
    // What is decided during an outage is sent with the rest, once it is known where the journal ends.
    const tried = this.isStalled
      ? Promise.reject(new StoreUnavailable('the database was away'))
      : this.#options.store.append(batch);
    tried.catch(() => {}); // awaited in its turn
    return tried;
  }

  /** Waits until the store answers, takes out what it has and sends the rest again. */
  async #recover(error: unknown): Promise<void> {
    if (!isOutage(error)) throw error;
    // The ones behind went the same way; what they say follows from the first.
    await Promise.allSettled(this.#pending.map(({ tried }) => tried));
    this.#attempt += 1;
    await this.#options.retryDelay(this.#attempt - 1);
    try {
      this.#keep(await this.#countStored());
    } catch (cause) {
      if (!isOutage(cause)) throw cause;
      return; // the loop meets the same failed try and comes here again
    }
    for (const pending of this.#pending) {
      pending.tried = this.#options.store.append(pending.batch);
      pending.tried.catch(() => {}); // awaited in its turn
    }
    if (this.#pending.length === 0) this.#attempt = 0;
  }

  async #countStored(): Promise<number> {
    const head = await this.#options.store.readHead();
    const isHead = (at: { readonly sequence: number; readonly hash: string } | undefined): boolean =>
      at?.sequence === head.sequence && at.hash === head.hash;
    if (isHead(this.#pending[0]?.batch.previous)) return 0;
    const last = this.#pending.findIndex(({ batch }) => isHead(batch.entries.at(-1)));
    if (last < 0) throw new Fenced(`the journal ends at ${head.sequence}, which this process did not write`);
    return last + 1;
  }

  #keep(count: number): void {
    for (const { stored } of this.#pending.splice(0, count)) stored.resolve();
  }

  #fail(cause: unknown): void {
    this.#failed = { cause };
    for (const { stored } of this.#pending.splice(0)) stored.reject(cause);
  }
}

export function isOutage(error: unknown): boolean {
  return error instanceof StoreUnavailable || error instanceof CommitUnknown;
}
