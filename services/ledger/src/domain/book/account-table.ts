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

  /** Puts an account that was read from the store: no change to be written. */
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

/** Whether the store has yet to be told: not at all, of other balances, or of an account that it does not know. */
type Untold = 'nothing' | 'balances' | 'account';

/**
 * A place in memory that an account keeps while its balances change. A new object for each change would outlive the order, and
 * clearing such objects away was a good part of what a transfer cost.
 */
interface Slot {
  readonly id: string;
  posted: bigint;
  held: bigint;
  untold: Untold;
  /** False once the command that made it was taken back. */
  isThere: boolean;
}

/** The accounts of one asset. */
class AssetAccounts implements Undoes {
  readonly asset: string;
  readonly #slots = new Map<string, Slot>();
  #changed: Slot[] = [];
  readonly #undo: UndoLog;
  readonly #observer: Observer<Account> | undefined;

  constructor(asset: string, undo: UndoLog, observer?: Observer<Account>) {
    this.asset = asset;
    this.#undo = undo;
    this.#observer = observer;
  }

  get(id: string): Account | undefined {
    const slot = this.#slots.get(id);
    return slot?.isThere === true ? this.#copyOf(slot) : undefined;
  }

  *values(): Generator<Account, void> {
    for (const slot of this.#slots.values()) if (slot.isThere) yield this.#copyOf(slot);
  }

  put(account: Account): void {
    const { id, posted, held } = account;
    const slot = this.#slots.get(id);
    const before = slot?.isThere === true ? this.#copyOf(slot) : undefined;
    this.#observer?.(id, before, account);
    this.#undo.record(this, id, before);
    if (slot === undefined) {
      const made: Slot = { id, posted, held, untold: 'account', isThere: true };
      this.#slots.set(id, made);
      this.#changed.push(made);
      return;
    }
    this.#tell(slot);
    slot.isThere = true;
    slot.posted = posted;
    slot.held = held;
  }

  restore({ id, posted, held }: Account): void {
    this.#slots.set(id, { id, posted, held, untold: 'nothing', isThere: true });
  }

  /** `before`: as `put` recorded it. */
  undo(id: string, before: unknown): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) throw new Error(`account ${id} was changed and is not there`);
    this.#tell(slot);
    const account = before as Account | undefined;
    slot.isThere = account !== undefined;
    slot.posted = account?.posted ?? 0n;
    slot.held = account?.held ?? 0n;
  }

  takeChanges(changes: TableChange<Account>[]): void {
    const changed = this.#changed;
    this.#changed = [];
    for (const slot of changed) {
      const row = slot.isThere ? this.#copyOf(slot) : undefined;
      changes.push({ key: accountKey(this.asset, slot.id), row, wasThere: slot.untold === 'balances' });
      slot.untold = 'nothing';
      // Nobody has asked for it since: a command that was refused had made it.
      if (row === undefined) this.#slots.delete(slot.id);
    }
  }

  #tell(slot: Slot): void {
    if (slot.untold !== 'nothing') return;
    slot.untold = 'balances';
    this.#changed.push(slot);
  }

  #copyOf({ id, posted, held }: Slot): Account {
    return { id, asset: this.asset, posted, held };
  }
}
