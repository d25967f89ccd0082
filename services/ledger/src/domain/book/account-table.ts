import { type Account, accountKey } from './account.ts';
import type { Observer, TableChange, UndoLog, Undoes } from './table.ts';

/**
 * Accounts in memory, a table of names for each asset. Every order looks some up several times, and making a text of asset and
 * name each time was almost a tenth of all work of this process.
 */
export class AccountTable {
  readonly #ofAsset = new Map<string, AssetAccounts>();
  readonly #undo: UndoLog;
  readonly #observer: Observer<Account> | undefined;
  /** The table that was asked for last: nearly always the network's own token. */
  #latest: AssetAccounts | undefined;

  constructor(undo: UndoLog, observer?: Observer<Account>) {
    this.#undo = undo;
    this.#observer = observer;
  }

  /** The account as it stands now; what is answered does not change with it. */
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
    this.#tableOf(account.asset).put(account);
  }

  /** Puts an account that was read from the store, and takes the object over, since there may be millions: no change to be written. */
  restore(account: Account): void {
    this.#tableOf(account.asset).restore(account);
  }

  /** The accounts that changed since the last call, by `accountKey`. One that was changed and taken back may be among them. */
  takeChanges(): TableChange<Account>[] {
    const changes: TableChange<Account>[] = [];
    for (const table of this.#ofAsset.values()) table.takeChanges(changes);
    return changes;
  }

  #known(asset: string): AssetAccounts | undefined {
    if (this.#latest?.asset === asset) return this.#latest;
    const table = this.#ofAsset.get(asset);
    if (table !== undefined) this.#latest = table;
    return table;
  }

  #tableOf(asset: string): AssetAccounts {
    const known = this.#known(asset);
    if (known !== undefined) return known;
    const table = new AssetAccounts(asset, this.#undo, this.#observer);
    this.#ofAsset.set(asset, table);
    return table;
  }
}

/**
 * A place in memory that an account keeps while its balances change. A new object for each change would outlive the order, and
 * clearing such objects away was a good part of what a transfer cost.
 */
interface Slot {
  readonly id: string;
  readonly asset: string;
  posted: bigint;
  held: bigint;
}

/** The accounts of one asset. */
class AssetAccounts implements Undoes {
  readonly asset: string;
  readonly #slots = new Map<string, Slot>();
  /** Places whose balances the store has yet to be told, and whether it knows the account. */
  readonly #changed = new Map<Slot, boolean>();
  readonly #undo: UndoLog;
  readonly #observer: Observer<Account> | undefined;
  /** The two places that were asked for last: an order asks for those of its payer and its payee several times. */
  #latest: Slot | undefined;
  #latestBut: Slot | undefined;

  constructor(asset: string, undo: UndoLog, observer?: Observer<Account>) {
    this.asset = asset;
    this.#undo = undo;
    this.#observer = observer;
  }

  get(id: string): Account | undefined {
    const slot = this.#slotOf(id);
    return slot === undefined ? undefined : copyOf(slot);
  }

  *values(): Generator<Account, void> {
    for (const slot of this.#slots.values()) yield copyOf(slot);
  }

  put(account: Account): void {
    const { id, asset, posted, held } = account;
    const slot = this.#slotOf(id);
    const before = slot === undefined ? undefined : copyOf(slot);
    this.#observer?.(id, before, account);
    this.#undo.record(this, id, before);
    if (slot === undefined) {
      const made = { id, asset, posted, held };
      this.#slots.set(id, made);
      this.#changed.set(made, false);
    } else this.#change(slot, account);
  }

  restore(account: Slot): void {
    this.#slots.set(account.id, account);
    this.#forgetLatest();
  }

  /** `before`: as `put` recorded it. */
  undo(id: string, before: unknown): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) throw new Error(`account ${id} was changed and is not there`);
    if (before === undefined) {
      this.#slots.delete(id);
      this.#forgetLatest();
    } else this.#change(slot, before as Account);
  }

  takeChanges(changes: TableChange<Account>[]): void {
    this.#changed.forEach((wasThere, slot) => {
      // Of one that a refused command made nothing is left but this.
      const isThere = wasThere || this.#slots.get(slot.id) === slot;
      changes.push({ key: accountKey(this.asset, slot.id), row: isThere ? copyOf(slot) : undefined, wasThere });
    });
    this.#changed.clear();
  }

  #slotOf(id: string): Slot | undefined {
    const [latest, other] = [this.#latest, this.#latestBut];
    if (latest?.id === id) return latest;
    if (other?.id === id) return other;
    const slot = this.#slots.get(id);
    if (slot !== undefined) {
      this.#latestBut = latest;
      this.#latest = slot;
    }
    return slot;
  }

  #forgetLatest(): void {
    this.#latest = undefined;
    this.#latestBut = undefined;
  }

  #change(slot: Slot, { posted, held }: Account): void {
    if (!this.#changed.has(slot)) this.#changed.set(slot, true);
    slot.posted = posted;
    slot.held = held;
  }
}

function copyOf({ id, asset, posted, held }: Slot): Account {
  return { id, asset, posted, held };
}
