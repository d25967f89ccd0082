import type { JournalHead } from '#domain/book/journal.ts';
import type { Decision } from '#domain/book/refusal.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { CommitQueue, isOutage } from './commit-queue.ts';
import { type Batch, type JournalStore, LedgerUnavailable } from './ports.ts';
import { TakenKeys } from './taken-keys.ts';
import { Call, type Command, type Waiting, WaitingCommand } from './waiting-command.ts';

/** Waiting commands at most; more are turned away, since a queue without a limit only hides an outage. */
export const QUEUE_MAX = 20_000;

/** Commands in one transaction at most. */
export const BATCH_MAX = 512;

/** Fewer are not divided: by itself a transaction costs the server as much as some ten transfers. */
const SHARE_MIN = 64;

export interface SequencerOptions {
  readonly ledger: Ledger;
  readonly store: JournalStore;
  /** Waits before the store is tried again; rejects when the process stops. */
  readonly retryDelay: (attempt: number) => Promise<void>;
  /** Told once, when another writer took over or a bug showed: the process has to end. */
  readonly onHalt: (cause: unknown) => void;
  /** `seconds`: from the decision to the answer of the store. */
  readonly onCommit?: (batch: Batch, seconds: number) => void;
  readonly monotonicMs: () => number;
  /**
   * Resolves when everything else that has reached the process by now has been handed over, so that it shares a batch. Default:
   * at once.
   */
  readonly nextTurn?: () => Promise<void>;
}

/**
 * The one writer. Commands run one by one on the state in memory and are stored in batches: whatever waits when there is room
 * makes the next one, so a single command is not delayed and many share one commit. The next batch is decided while the one
 * before is being stored. Callers are answered after the commit, in order. Reads see committed state only: while one waits
 * nothing new is decided.
 */
export class Sequencer {
  /** Told of every key that this writer takes; what was taken before is for others to tell. */
  readonly taken: TakenKeys;
  readonly #options: SequencerOptions;
  readonly #commits: CommitQueue;
  readonly #queue: Waiting[] = [];
  readonly #listeners = new Set<(batch: Batch) => void>();
  #reads: { readonly answer: () => void; readonly reject: (cause: unknown) => void }[] = [];
  #busy = false;
  #lastStored = 0;
  /** Idempotency keys cannot be looked up. */
  #isBlind = false;
  /** Nothing is taken any more. */
  #halted: { readonly cause: unknown } | undefined;
  #isBroken = false;
  #idle: Promise<void> = Promise.resolve();

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.taken = new TakenKeys(options.ledger.journal.head.sequence);
    this.#commits = new CommitQueue(options);
  }

  get isServing(): boolean {
    return this.#unavailable() === undefined;
  }

  /** Sequence of the last entry that this process is known to have stored; 0 before the first. */
  get lastStored(): number {
    return this.#lastStored;
  }

  get queueLength(): number {
    return this.#queue.length;
  }

  /** Runs a command. Refusals are values; throws LedgerUnavailable when it cannot be taken. */
  submit<T>(command: Command<T>): Promise<Decision<T>> {
    return this.submitAll([command]).then(([decision]) => {
      if (decision === undefined) throw new Error('a command was answered without a decision');
      return decision;
    });
  }

  /** Runs commands in order, each for itself, as `submit` does; answers when the last one is stored. */
  submitAll<T>(commands: readonly Command<T>[]): Promise<readonly Decision<T>[]> {
    const unavailable = this.#unavailable();
    if (unavailable !== undefined) return Promise.reject(unavailable);
    if (this.#queue.length + commands.length > QUEUE_MAX) {
      return Promise.reject(new LedgerUnavailable(`${this.#queue.length} commands wait already`));
    }
    const call = new Call<T>(commands.length);
    for (const command of commands) this.#queue.push(new WaitingCommand(call, command));
    this.#start();
    return call.answered;
  }

  /** Reads the committed state; waits for what is being stored. */
  read<T>(query: (ledger: Ledger) => T): Promise<T> {
    const unavailable = this.#unavailable();
    if (unavailable !== undefined) return Promise.reject(unavailable);
    if (this.#commits.isEmpty) return Promise.resolve(query(this.#options.ledger));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const answer = (): void => {
      try {
        resolve(query(this.#options.ledger));
      } catch (error) {
        reject(error);
      }
    };
    this.#reads.push({ answer, reject });
    this.#start();
    return promise;
  }

  /** Told of every stored batch, in order; the state may be ahead of it. Answers how to unsubscribe. */
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
    const isAway = this.#isBlind || this.#commits.isStalled;
    return isAway ? new LedgerUnavailable('the database cannot be reached') : undefined;
  }

  #start(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#idle = this.#work();
  }

  async #work(): Promise<void> {
    // Else the first of many calls that came with one reading of a socket would have a batch of its own, and the others wait for it.
    await this.#options.nextTurn?.();
    try {
      while (this.#queue.length > 0 || this.#reads.length > 0) await this.#step();
      this.#busy = false; // what comes while the last batches are stored begins anew
      await this.#commits.drained();
    } catch (cause) {
      this.#busy = false;
      this.#halt(cause);
    }
  }

  async #step(): Promise<void> {
    await this.#commits.room();
    if (this.#reads.length > 0) {
      await this.#commits.drained();
      return this.#answerReads();
    }
    // Shared among the batches that may be under way: were all of it taken at once, the store would have nothing to do while
    // the answers make the next one, and nothing would be decided while it is being stored.
    const share = Math.ceil(this.#queue.length / this.#commits.vacancies);
    const waiting = this.#queue.splice(0, Math.min(BATCH_MAX, Math.max(SHARE_MIN, share)));
    try {
      await this.#learnClaims(waiting);
      const { ledger } = this.#options;
      const previous = ledger.journal.head;
      for (const command of waiting) command.decide(ledger);
      void this.#commit(waiting, this.#takeBatch(previous));
    } catch (cause) {
      rejectAll(waiting, cause);
      throw cause;
    }
  }

  /** Looks up the keys that the store may have and that are not in memory. The store may be behind what is decided; what it lacks is in memory. */
  async #learnClaims(waiting: readonly Waiting[]): Promise<void> {
    const { ledger, store } = this.#options;
    ledger.claims.forget((this.#commits.firstPending ?? Number.POSITIVE_INFINITY) - 1);
    const unknown: string[] = [];
    for (const { keys } of waiting) {
      for (const key of keys) {
        if (this.taken.mayBeStored(key) && ledger.claims.find(key) === undefined) unknown.push(key);
      }
    }
    if (unknown.length === 0) return;
    ledger.claims.learn(await this.#untilAnswered(() => store.findClaims(unknown)));
  }

  /** Stores what the commands changed and then answers them. */
  async #commit(waiting: readonly Waiting[], batch: Batch | undefined): Promise<void> {
    const { monotonicMs, onCommit } = this.#options;
    const started = monotonicMs();
    try {
      // A refusal may follow from what is not stored yet: it is told when that is.
      await (batch === undefined ? this.#commits.drained() : this.#commits.push(batch));
    } catch (cause) {
      rejectAll(waiting, cause);
      this.#halt(cause);
      return;
    }
    if (batch !== undefined) {
      this.#lastStored = batch.entries.at(-1)?.sequence ?? this.#lastStored;
      onCommit?.(batch, (monotonicMs() - started) / 1000);
      for (const listener of this.#listeners) listener(batch);
    }
    for (const command of waiting) command.answer();
  }

  /** What was changed after `previous`; undefined when all was refused. */
  #takeBatch(previous: JournalHead): Batch | undefined {
    const { journal, book, documents } = this.#options.ledger;
    const [entries, accounts, holds] = [journal.takeEntries(), book.accounts.takeChanges(), book.holds.takeChanges()];
    const changed = documents.flatMap((table) =>
      table.takeChanges().map(({ key, row }) => ({ table: table.name, key, row })),
    );
    for (const { keys } of entries) for (const { key } of keys) this.taken.add(key);
    return entries.length === 0 ? undefined : { previous, entries, accounts, holds, documents: changed };
  }

  /** Tries until the store answers; turns new commands away meanwhile. */
  async #untilAnswered<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const answer = await call();
        this.#isBlind = false;
        return answer;
      } catch (error) {
        if (!isOutage(error)) throw error;
        this.#isBlind = true;
        await this.#options.retryDelay(attempt);
      }
    }
  }

  #answerReads(): void {
    for (const read of this.#reads.splice(0)) read.answer();
  }

  /** The state in memory is ahead of the store or cannot be trusted: nothing more is answered from it. */
  #halt(cause: unknown): void {
    rejectAll([...this.#queue.splice(0), ...this.#reads.splice(0)], cause);
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#halted = { cause };
    this.#options.onHalt(cause);
  }
}

function rejectAll(callers: readonly Pick<Waiting, 'reject'>[], cause: unknown): void {
  const error = new LedgerUnavailable('the ledger has stopped', { cause });
  for (const caller of callers) caller.reject(error);
}
