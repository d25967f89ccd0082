import type { Account } from '../book/account.ts';
import { GroupedTable } from '../book/grouped-table.ts';
import { Table, type UndoLog } from '../book/table.ts';

/** A row as it was when a snapshot was taken; null: there was none. */
interface Kept {
  readonly row: unknown;
}

/** A snapshot; one that is closed is read no more, and what it kept is being taken away. */
interface Snapshot {
  readonly id: number;
  readonly isOpen: boolean;
}

/** What decides who may vote with how much. */
export type Watched =
  | 'posted'
  | 'share-pools'
  | 'share-rounds'
  | 'delegations'
  | 'delegation-lists'
  | 'hotkeys'
  | 'vote-delegates'
  | 'represented';

const SNAPSHOTS_KEY = 'all';

/**
 * Stakes as they were. Taking a snapshot copies nothing: while one is open, a row that changes is kept as it was, once for the
 * newest snapshot, and an older one reads what a newer one kept. Without a snapshot that is open nothing is kept.
 */
export class StakeHistory {
  readonly kept: GroupedTable<Kept>;
  readonly snapshots: Table<readonly Snapshot[]>;

  constructor(undo: UndoLog) {
    this.kept = new GroupedTable<Kept>('stake-history', undo);
    this.snapshots = new Table<readonly Snapshot[]>('stake-snapshots', undo);
  }

  /** Ids rise: each snapshot is newer than those before. */
  open(id: number): void {
    this.#put([...this.#all(), { id, isOpen: true }]);
  }

  close(id: number): void {
    this.#put(this.#all().map((each) => (each.id === id ? { id, isOpen: false } : each)));
  }

  /** Before a row changes. */
  note(table: Watched, key: string, before: unknown): void {
    const all = this.#all();
    if (all.length === 0) return;
    const newest = all.findLast(({ isOpen }) => isOpen)?.id;
    if (newest === undefined) return;
    const name = `${table}/${key}`;
    if (all.some(({ id }) => id >= newest && this.kept.get(id, name) !== undefined)) return;
    this.kept.put(newest, name, { row: before ?? null });
  }

  /** Before a balance changes: only that of stake is of interest. */
  noteAccount(before: Account | undefined, { id }: Account): void {
    if (isStake(id)) this.note('posted', id, before?.posted ?? 0n);
  }

  /** A row as it was when a snapshot was taken; `now` is what it is. */
  at<Row>(snapshot: number, { table, key, now }: { readonly table: Watched; readonly key: string; readonly now: Row }) {
    for (const { id } of this.#all()) {
      if (id < snapshot) continue;
      const kept = this.kept.get(id, `${table}/${key}`);
      // What was kept is a row of the very table that is asked for.
      if (kept !== undefined) return (kept.row ?? undefined) as Row | undefined;
    }
    return now;
  }

  /** Rows of a table that snapshots keep, each as it was; a scan, for what is made anew after a start. */
  *keptOf(watched: Watched): Generator<readonly [key: string, row: unknown], void> {
    for (const [name, { row }] of this.kept.table.entries()) {
      const [, table, ...key] = name.split('/');
      if (table === watched) yield [key.join('/'), row];
    }
  }

  /** Takes away what closed snapshots kept, unless an older one that is open reads it: then it goes there. */
  sweep(limit: number): void {
    const closed = this.#all().find(({ isOpen }) => !isOpen);
    if (closed === undefined) return;
    const all = this.#all();
    const older = all.findLast(({ id, isOpen }) => isOpen && id < closed.id)?.id;
    const between = all.filter(({ id }) => older !== undefined && id >= older && id < closed.id);
    const used = this.kept.take(closed.id, limit, (name, row) => {
      if (older === undefined || between.some(({ id }) => this.kept.get(id, name) !== undefined)) return;
      this.kept.put(older, name, row);
    });
    if (used < limit) this.#put(all.filter(({ id }) => id !== closed.id));
  }

  #all(): readonly Snapshot[] {
    return this.snapshots.get(SNAPSHOTS_KEY) ?? [];
  }

  #put(all: readonly Snapshot[]): void {
    if (all.length === 0) this.snapshots.remove(SNAPSHOTS_KEY);
    else this.snapshots.put(SNAPSHOTS_KEY, all);
  }
}

/** Whether an account holds stake that counts. */
export function isStake(account: string): boolean {
  return account.startsWith('stake:') || account.startsWith('delegated:');
}
