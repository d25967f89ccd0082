import type { Decision } from '#domain/book/refusal.ts';
import type { Ledger } from '#domain/economy/ledger.ts';

/** A change of the ledger: pure, and run one after the other. */
export interface Command<T> {
  /** Idempotency keys that `run` will look for. */
  readonly keys?: readonly string[];
  readonly run: (ledger: Ledger) => Decision<T>;
}

/** A command that waits for its turn, whatever it decides. */
export interface Waiting {
  readonly keys: readonly string[];
  decide(ledger: Ledger): void;
  /** Tells the caller what was decided, once the batch is stored. */
  answer(): void;
  reject(cause: unknown): void;
}

/** Commands that were handed over together. They may be stored by several batches. */
export class Call<T> {
  readonly #decisions: Decision<T>[] = [];
  readonly #answer = Promise.withResolvers<readonly Decision<T>[]>();
  #open: number;

  constructor(commands: number) {
    this.#open = commands;
    if (commands === 0) this.#answer.resolve([]);
  }

  get answered(): Promise<readonly Decision<T>[]> {
    return this.#answer.promise;
  }

  /** Of its next command: they are decided and stored in order. */
  settle(decision: Decision<T>): void {
    this.#decisions.push(decision);
    this.#open -= 1;
    if (this.#open === 0) this.#answer.resolve(this.#decisions);
  }

  reject(cause: unknown): void {
    this.#answer.reject(cause);
  }
}

export class WaitingCommand<T> implements Waiting {
  readonly #call: Call<T>;
  readonly #command: Command<T>;
  #decision: Decision<T> | undefined;

  constructor(call: Call<T>, command: Command<T>) {
    this.#call = call;
    this.#command = command;
  }

  get keys(): readonly string[] {
    return this.#command.keys ?? [];
  }

  decide(ledger: Ledger): void {
    this.#decision = ledger.decide(this.#command.run);
  }

  answer(): void {
    if (this.#decision === undefined) throw new Error('a command is answered before it was decided');
    this.#call.settle(this.#decision);
  }

  reject(cause: unknown): void {
    this.#call.reject(cause);
  }
}
