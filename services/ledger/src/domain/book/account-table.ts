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

  constructor(undo: UndoLog, observer?: Observer<Account>) {
    this.#undo = undo;
    this.#observer = observer;
  }

  get(asset: string, id: string): Account | undefined {
    return this.#ofAsset.get(asset)?.get(id);
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
      for (const change of table.takeChanges()) changes.push({ ...change, key: accountKey(asset, change.key) });
    }
    return changes;
  }

  #tableOf(asset: string): Table<Account> {
    const known = this.#ofAsset.get(asset);
    if (known !== undefined) return known;
    const table = new Table<Account>('accounts', this.#undo, this.#observer);
    this.#ofAsset.set(asset, table);
    return table;
  }
}
