import { type Account, accountKey } from './account.ts';
import { type Observer, Table, type TableChange, type UndoLog } from './table.ts';

/**
 * Accounts in memory, a table of names for each asset. Every order looks some up several times, and making a text of asset and
 * name each time was almost a tenth of all work of this process.
 */
export class AccountTable {
  readonly #ofAsset = new Map<string, Table<Account>>();
  readonly #undo: UndoLog;
  readonly #observer: Observer<Account> | undefined;
  /** The table that was asked for last: nearly always the network's own token. */
  #latest: { readonly asset: string; readonly table: Table<Account> } | undefined;

  constructor(undo: UndoLog, observer?: Observer<Account>) {
    this.#undo = undo;
    this.#observer = observer;
  }

  get(asset: string, id: string): Account | undefined {
    return this.#known(asset)?.get(id);
  }

  *values(): Generator<Account, void> {
    for (const table of this.#ofAsset.values()) yield* table.values();
  }

  /** Everybody who has or had some of an asset. */
  ofAsset(asset: string): Iterable<Account> {
    return this.#ofAsset.get(asset)?.values() ?? [];
  }

  put(account: Account): void {
    this.#tableOf(account.asset).put(account.id, account);
  }

  /** Puts an account that was read from the store: no change to be written. */
  restore(account: Account): void {
    this.#tableOf(account.asset).restore(account.id, account);
  }

  /** The accounts that changed since the last call, by `accountKey`. */
  takeChanges(): TableChange<Account>[] {
    const changes: TableChange<Account>[] = [];
    for (const [asset, table] of this.#ofAsset) {
      table.takeChanges((id, row, wasThere) => changes.push({ key: accountKey(asset, id), row, wasThere }));
    }
    return changes;
  }

  #known(asset: string): Table<Account> | undefined {
    if (this.#latest?.asset === asset) return this.#latest.table;
    const table = this.#ofAsset.get(asset);
    if (table !== undefined) this.#latest = { asset, table };
    return table;
  }

  #tableOf(asset: string): Table<Account> {
    const known = this.#known(asset);
    if (known !== undefined) return known;
    const table = new Table<Account>('accounts', this.#undo, this.#observer);
    this.#ofAsset.set(asset, table);
    return table;
  }
}
