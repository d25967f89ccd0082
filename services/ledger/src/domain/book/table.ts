/** Whoever changed something and can take it back, the latest change first. */
export interface Undoes {
  /** `key`, `before` and `after` are what was recorded. */
  undo(key: string, before: unknown, after: unknown): void;
}

/**
 * Takes back the changes of a command that was refused half way, so that a refusal changes nothing. Each transfer records a
 * dozen and takes none back: a step is no object of its own, since clearing those away was a good part of a transfer's cost.
 */
export class UndoLog {
  // They keep their length, and with it their memory: what is behind the mark is of commands before.
  readonly #changed: Undoes[] = [];
  readonly #keys: string[] = [];
  readonly #before: unknown[] = [];
  readonly #after: unknown[] = [];
  #mark = 0;

  record(changed: Undoes, key = '', before?: unknown, after?: unknown): void {
    const at = this.#mark;
    this.#changed[at] = changed;
    this.#keys[at] = key;
    this.#before[at] = before;
    this.#after[at] = after;
    this.#mark = at + 1;
  }

  /** Where the log stands, for taking back what comes after it. */
  get mark(): number {
    return this.#mark;
  }

  /** Keeps what was done since the last keep or rollBack. */
  keep(): void {
    if (this.#changed.length > LOG_KEPT) this.#shrink();
    this.#mark = 0;
  }

  rollBack(): void {
    this.rollBackTo(0);
  }

  /** Takes back what was done since a mark of the same command, and nothing before it. */
  rollBackTo(mark: number): void {
    while (this.#mark > mark) {
      this.#mark -= 1;
      const at = this.#mark;
      this.#changed[at]?.undo(this.#keys[at] ?? '', this.#before[at], this.#after[at]);
    }
  }

  #shrink(): void {
    for (const column of [this.#changed, this.#keys, this.#before, this.#after]) column.length = 0;
  }
}

/** A payout of an epoch records a hundred thousand changes, which need not stay in memory after it. */
const LOG_KEPT = 256;

/** A row that changed; `row` is undefined when it was removed. */
export interface TableChange<Row> {
  readonly key: string;
  readonly row: Row | undefined;
  /** Whether there was a row under the key before these changes. Left out: not known. */
  readonly wasThere?: boolean;
}

/** What the store and the undo log need to know of a table, whatever its rows are. */
export interface AnyTable {
  readonly name: string;
  entries(): IterableIterator<[string, unknown]>;
  takeChanges(): TableChange<unknown>[];
  restore(key: string, row: unknown): void;
}

/** Told of a row before it changes; not when a change is taken back, nor when rows are read from the store. */
export type Observer<Row> = (key: string, before: Row | undefined, after: Row | undefined) => void;

/**
 * Immutable rows by key, in memory: the ledger's state. Every change can be taken back and is remembered until the store
 * has asked for it.
 */
export class Table<Row> implements AnyTable, Undoes {
  readonly name: string;
  readonly #rows = new Map<string, Row>();
  /** Keys that changed, and whether they had a row before. */
  readonly #changed = new Map<string, boolean>();
  readonly #undo: UndoLog;
  readonly #observer: Observer<Row> | undefined;

  constructor(name: string, undo: UndoLog, observer?: Observer<Row>) {
    this.name = name;
    this.#undo = undo;
    this.#observer = observer;
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  get size(): number {
    return this.#rows.size;
  }

  entries(): IterableIterator<[string, Row]> {
    return this.#rows.entries();
  }

  values(): IterableIterator<Row> {
    return this.#rows.values();
  }

  put(key: string, row: Row): void {
    const before = this.#rows.get(key);
    this.#observer?.(key, before, row);
    this.#undo.record(this, key, before, row);
    this.#set(key, row, before);
  }

  remove(key: string): void {
    const before = this.#rows.get(key);
    this.#observer?.(key, before, undefined);
    this.#undo.record(this, key, before);
    this.#set(key, undefined, before);
  }

  undo(key: string, before: unknown, after: unknown): void {
    this.#set(key, before as Row | undefined, after as Row | undefined); // rows of this table, by `put` and `remove`
  }

  /** Puts a row that was read from the store: no change to be written. */
  restore(key: string, row: unknown): void {
    // The store gives back what it was given; the journal's hash chain and the audit judge whether it was touched.
    this.#rows.set(key, row as Row);
  }

  /** The rows that changed since the last call. A row that was changed and taken back may be among them. */
  takeChanges(): TableChange<Row>[] {
    const changes = Array.from(this.#changed, ([key, wasThere]) => ({ key, row: this.#rows.get(key), wasThere }));
    this.#changed.clear();
    return changes;
  }

  #set(key: string, row: Row | undefined, before: Row | undefined): void {
    if (row === undefined) this.#rows.delete(key);
    else this.#rows.set(key, row);
    if (!this.#changed.has(key)) this.#changed.set(key, before !== undefined);
  }
}
