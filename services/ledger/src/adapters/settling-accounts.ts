import type { Account } from '#domain/book/account.ts';
import type { TableChange } from '#domain/book/table.ts';
import type { Batch } from '#application/ports.ts';

/** A batch of so many entries is one of many: its balances can wait. */
const BUSY_ENTRIES = 64;

/** Entries after which what waits is written at the latest; a start reads two or three times as many. */
const SETTLE_EVERY = 20_000;

/** Rows that a batch writes at most beside its entries; a quiet one more, to be done soon. */
const ROWS_WHEN_BUSY = 512;
const ROWS_WHEN_QUIET = 2048;

/** What a batch writes of balances. */
export interface Settled {
  readonly rows: readonly Account[];
  /** With these rows all balances as of that entry are written; undefined: not yet. */
  readonly sequence: number | undefined;
}

/**
 * Balances that are in the journal and not in the table of accounts yet. Under load a row is written once for many changes, in
 * the order of the table, instead of with each of them: that is a third of what a transfer costs the server. When little comes, every
 * batch writes its own. Pure: it is asked once for each batch, in the journal's order.
 */
export class SettlingAccounts {
  /** By account key. */
  #waiting = new Map<string, Account>();
  /** Those of them that are being written, and how far that is: what changes meanwhile is written as it is then. */
  #sweep:
    | { readonly rows: Map<string, Account>; readonly order: readonly string[]; at: number; from: number }
    | undefined;
  #lastSweep: number;

  /** `waiting`: what has changed since `settledSequence`. */
  constructor(settledSequence: number, waiting: Iterable<readonly [string, Account]>) {
    this.#lastSweep = settledSequence;
    this.#waiting = new Map(waiting);
  }

  next({ entries, accounts }: Pick<Batch, 'entries' | 'accounts'>): Settled {
    for (const change of accounts) this.#remember(change);
    const last = entries.at(-1)?.sequence ?? this.#lastSweep;
    const isBusy = entries.length >= BUSY_ENTRIES;
    if (this.#sweep === undefined && (!isBusy || last - this.#lastSweep >= SETTLE_EVERY)) this.#begin(last);
    return this.#take(isBusy ? ROWS_WHEN_BUSY : ROWS_WHEN_QUIET);
  }

  /** A row that the table does not have yet is inserted with its batch. */
  #remember({ key, row, wasThere }: TableChange<Account>): void {
    if (row === undefined) return;
    if (this.#sweep?.rows.has(key) === true) this.#sweep.rows.set(key, row);
    else if (wasThere === true || this.#waiting.has(key)) this.#waiting.set(key, row);
  }

  #begin(sequence: number): void {
    const rows = this.#waiting;
    this.#waiting = new Map();
    const order = [...rows].sort(([, a], [, b]) => compare(a, b)).map(([key]) => key);
    this.#sweep = { rows, order, at: 0, from: sequence };
    this.#lastSweep = sequence;
  }

  #take(limit: number): Settled {
    const sweep = this.#sweep;
    if (sweep === undefined) return { rows: [], sequence: undefined };
    const keys = sweep.order.slice(sweep.at, sweep.at + limit);
    sweep.at += keys.length;
    const rows = keys.flatMap((key) => sweep.rows.get(key) ?? []);
    for (const key of keys) sweep.rows.delete(key);
    if (sweep.at < sweep.order.length) return { rows, sequence: undefined };
    this.#sweep = undefined;
    return { rows, sequence: sweep.from };
  }
}

/** The order of the table's key. */
function compare(a: Account, b: Account): number {
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return a.asset < b.asset ? -1 : Number(a.asset > b.asset);
}
