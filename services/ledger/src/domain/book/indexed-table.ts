import { type AnyTable, Table, type TableChange, type Undoes, type UndoLog } from './table.ts';

/**
 * A table whose rows are also found by groups that follow from them, such as the block at which they end. The groups are
 * not stored: they follow from the rows, also after a restart.
 */
export class IndexedTable<Row> implements AnyTable, Undoes {
  readonly name: string;
  readonly #rows: Table<Row>;
  readonly #undo: UndoLog;
  readonly #groupsOf: (row: Row) => readonly string[];
  readonly #groups = new Map<string, Set<string>>();

  constructor(name: string, undo: UndoLog, groupsOf: (row: Row) => readonly string[]) {
    this.name = name;
    this.#undo = undo;
    this.#groupsOf = groupsOf;
    this.#rows = new Table<Row>(name, undo);
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

  has(group: string): boolean {
    return this.#groups.has(group);
  }

  /** How many rows are in a group. */
  count(group: string): number {
    return this.#groups.get(group)?.size ?? 0;
  }

  /** The first rows of a group by key, whole numbers ascending. A restart does not change the order. */
  find(group: string, limit = Number.POSITIVE_INFINITY): readonly Row[] {
    const keys = [...(this.#groups.get(group) ?? [])].toSorted(byKey);
    return keys.slice(0, limit).flatMap((key) => this.#rows.get(key) ?? []);
  }

  put(key: string, row: Row): void {
    this.#replace(key, row);
    this.#rows.put(key, row);
  }

  remove(key: string): void {
    this.#replace(key, undefined);
    this.#rows.remove(key);
  }

  restore(key: string, row: unknown): void {
    this.#rows.restore(key, row);
    this.#regroup(key, undefined, row as Row);
  }

  takeChanges(): TableChange<Row>[] {
    return this.#rows.takeChanges();
  }

  undo(key: string, before: unknown, after: unknown): void {
    this.#regroup(key, after as Row | undefined, before as Row | undefined); // rows of this table, by `put` and `remove`
  }

  #replace(key: string, after: Row | undefined): void {
    const before = this.#rows.get(key);
    this.#undo.record(this, key, before, after);
    this.#regroup(key, before, after);
  }

  #regroup(key: string, before: Row | undefined, after: Row | undefined): void {
    for (const group of before === undefined ? [] : this.#groupsOf(before)) {
      const keys = this.#groups.get(group);
      keys?.delete(key);
      if (keys?.size === 0) this.#groups.delete(group);
    }
    for (const group of after === undefined ? [] : this.#groupsOf(after)) {
      const keys = this.#groups.get(group) ?? new Set();
      this.#groups.set(group, keys.add(key));
    }
  }
}

/** Shorter ones first, so that whole numbers ascend. */
function byKey(left: string, right: string): number {
  return left.length - right.length || (left < right ? -1 : 1);
}
