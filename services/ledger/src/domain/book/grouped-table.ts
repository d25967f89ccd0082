import { Table, type UndoLog } from './table.ts';

/**
 * Rows that come and go in groups: the votes of one proposal, what one snapshot keeps. A group is taken away a few rows at a
 * time, so that no block has to do it all. Keys of a group are found by an index that is made when it is first asked for; it may
 * name rows that are gone.
 */
export class GroupedTable<Row> {
  readonly table: Table<Row>;
  readonly #undo: UndoLog;
  #groups: Map<number, Set<string>> | undefined;

  constructor(name: string, undo: UndoLog) {
    this.table = new Table<Row>(name, undo);
    this.#undo = undo;
  }

  get(group: number, key: string): Row | undefined {
    return this.table.get(rowKey(group, key));
  }

  put(group: number, key: string, row: Row): void {
    const isNew = this.get(group, key) === undefined;
    this.table.put(rowKey(group, key), row);
    if (!isNew || this.#groups === undefined) return;
    const keys = groupOf(this.#groups, group);
    keys.add(key);
    this.#undo.record({ undo: () => keys.delete(key) });
  }

  /** Takes at most so many rows of a group away, and hands each to `onTaken`. Answers how many of the limit were used. */
  take(group: number, limit: number, onTaken?: (key: string, row: Row) => void): number {
    const keys = this.#index().get(group) ?? new Set<string>();
    const taken = [...first(keys, limit)];
    for (const key of taken) {
      keys.delete(key);
      this.#undo.record({ undo: () => keys.add(key) });
      const row = this.get(group, key);
      if (row === undefined) continue;
      this.table.remove(rowKey(group, key));
      onTaken?.(key, row);
    }
    return taken.length;
  }

  #index(): Map<number, Set<string>> {
    if (this.#groups !== undefined) return this.#groups;
    const groups = new Map<number, Set<string>>();
    for (const [key] of this.table.entries()) {
      const slash = key.indexOf('/');
      groupOf(groups, Number(key.slice(0, slash))).add(key.slice(slash + 1));
    }
    this.#groups = groups;
    return groups;
  }
}

function rowKey(group: number, key: string): string {
  return `${group}/${key}`;
}

function groupOf(groups: Map<number, Set<string>>, group: number): Set<string> {
  const known = groups.get(group);
  if (known !== undefined) return known;
  const made = new Set<string>();
  groups.set(group, made);
  return made;
}

function* first(keys: Iterable<string>, limit: number): Generator<string, void> {
  let left = limit;
  for (const key of keys) {
    if (left <= 0) return;
    left -= 1;
    yield key;
  }
}
