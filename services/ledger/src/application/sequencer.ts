import type { Decision } from '#domain/book/refusal.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { type Batch, CommitUnknown, Fenced, type JournalStore, LedgerUnavailable, StoreUnavailable } from './ports.ts';

/** A change of the ledger: pure, and run one after the other. */
export interface Command<T> {
  /** Idempotency keys that `run` will look for. */
  readonly keys?: readonly string[];
  readonly run: (ledger: Ledger) => Decision<T>;
}

/** Waiting commands at most; more are turned away, since a queue without a limit only hides an outage. */
export const QUEUE_MAX = 20_000;

/** Commands in one transaction at most. */
export const BATCH_MAX = 512;

export interface SequencerOptions {
  readonly ledger: Ledger;
  readonly store: JournalStore;
  /** Waits before the store is tried again; rejects when the process stops. */
  readonly retryDelay: (attempt: number) => Promise<void>;
  /** Told once, when another writer took over or a bug showed: the process has to end. */
  readonly onHalt: (cause: unknown) => void;
  readonly onCommit?: (batch: Batch, seconds: number) => void;
  readonly monotonicMs: () => number;
}

interface Waiting {
  readonly keys: readonly string[];
  /** Runs the command and answers how to tell its caller, once the batch is stored. */
  readonly run: () => () => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * The one writer. Commands run one by one on the state in memory and are stored in batches: whatever waits when the store
 * has answered makes the next one, so a single command is not delayed and many share one commit. Callers are answered
 * after the commit, in order. Reads see committed state only.
 */
export class Sequencer {
  readonly #options: SequencerOptions;
  readonly #queue: Waiting[] = [];
  readonly #listeners = new Set<(batch: Batch) => void>();
  #reads: { readonly answer: () => void; readonly reject: (cause: unknown) => void }[] = [];
  #busy = false;
  /** The store is away: what is in flight waits for it, what comes now is turned away. */
  #stalled = false;
  #halted: { readonly cause: unknown } | undefined;
  #idle: Promise<void> = Promise.resolve();

  constructor(options: SequencerOptions) {
    this.#options = options;
  }

  get isServing(): boolean {
    return !this.#stalled && this.#halted === undefined;
  }

  get queueLength(): number {
    return this.#queue.length;
  }

  /** Runs a command. Refusals are values; throws LedgerUnavailable when it cannot be taken. */
  submit<T>(command: Command<T>): Promise<Decision<T>> {
    const unavailable = this.#unavailable();
    if (unavailable !== undefined) return Promise.reject(unavailable);
    if (this.#queue.length >= QUEUE_MAX) {
      return Promise.reject(new LedgerUnavailable(`${QUEUE_MAX} commands wait already`));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Decision<T>>();
    this.#queue.push({
      keys: command.keys ?? [],
      reject,
      run: () => {
        const decision = this.#options.ledger.decide(command.run);
        return () => resolve(decision);
      },
    });
    this.#start();
    return promise;
  }

  /** Reads the committed state; waits for a batch that is being stored. */
  read<T>(query: (ledger: Ledger) => T): Promise<T> {
    const unavailable = this.#unavailable();
    if (unavailable !== undefined) return Promise.reject(unavailable);
    if (!this.#busy) return Promise.resolve(query(this.#options.ledger));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const answer = (): void => {
      try {
        resolve(query(this.#options.ledger));
      } catch (error) {
        reject(error);
      }
    };
    this.#reads.push({ answer, reject });
    return promise;
  }

  /** Told of every stored batch, at a moment when the state is the committed one. Answers how to unsubscribe. */
  subscribe(listener: (batch: Batch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops taking commands and waits for those that were taken. */
  async close(): Promise<void> {
    this.#halted ??= { cause: new LedgerUnavailable('the ledger is shutting down') };
    await this.#idle;
  }

  #unavailable(): LedgerUnavailable | undefined {
    if (this.#halted !== undefined) return new LedgerUnavailable('the ledger has stopped', this.#halted);
    return this.#stalled ? new LedgerUnavailable('the database cannot be reached') : undefined;
  }

  #start(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#idle = this.#work();
  }

  async #work(): Promise<void> {
    // A turn of the event loop lets the items of one batch call arrive together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const waiting = this.#queue.splice(0, BATCH_MAX);
      try {
        await this.#runBatch(waiting);
      } catch (cause) {
        this.#halt(cause, waiting);
        break;
      }
      this.#answerReads();
    }
    this.#busy = false;
    this.#answerReads();
  }

  async #runBatch(waiting: readonly Waiting[]): Promise<void> {
    const { ledger, store, monotonicMs } = this.#options;
    const keys = waiting.flatMap((command) => command.keys);
    if (keys.length > 0) ledger.claims.learn(await this.#persist(() => store.findClaims(keys)));
    const previous = ledger.journal.head;
    const answers = waiting.map((command) => command.run());
    ledger.claims.clear();
    const batch: Batch = {
      previous,
      entries: ledger.journal.takeEntries(),
      accounts: ledger.book.accounts.takeChanges(),
      holds: ledger.book.holds.takeChanges(),
      documents: ledger.documents.flatMap((table) =>
        table.takeChanges().map(({ key, row }) => ({ table: table.name, key, row })),
      ),
    };
    if (batch.entries.length > 0) {
      const started = monotonicMs();
      await this.#store(batch);
      this.#options.onCommit?.(batch, (monotonicMs() - started) / 1000);
      for (const listener of this.#listeners) listener(batch);
    }
    for (const answer of answers) answer();
  }

  /** Stores a batch for good. After an outage it reads where the journal ends before it sends anything again. */
  async #store(batch: Batch): Promise<void> {
    const last = batch.entries.at(-1);
    if (last === undefined) return;
    await this.#persist(async (attempt) => {
      if (attempt > 0) {
        const head = await this.#options.store.readHead();
        if (head.sequence === last.sequence && head.hash === last.hash) return;
        if (head.sequence !== batch.previous.sequence || head.hash !== batch.previous.hash) {
          throw new Fenced(`the journal ends at ${head.sequence}, which this process did not write`);
        }
      }
      await this.#options.store.append(batch);
    });
  }

  /** Tries until the store answers; turns new commands away meanwhile. */
  async #persist<T>(call: (attempt: number) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const answer = await call(attempt);
        this.#stalled = false;
        return answer;
      } catch (error) {
        if (!(error instanceof StoreUnavailable) && !(error instanceof CommitUnknown)) throw error;
        this.#stalled = true;
        await this.#options.retryDelay(attempt);
      }
    }
  }

  #answerReads(): void {
    const reads = this.#reads;
    this.#reads = [];
    for (const read of reads) read.answer();
  }

  /** The state in memory is ahead of the store or cannot be trusted: nothing more is answered from it. */
  #halt(cause: unknown, running: readonly Waiting[]): void {
    this.#halted = { cause };
    const error = new LedgerUnavailable('the ledger has stopped', { cause });
    for (const waiting of [...running, ...this.#queue.splice(0), ...this.#reads.splice(0)]) waiting.reject(error);
    this.#options.onHalt(cause);
  }
}
