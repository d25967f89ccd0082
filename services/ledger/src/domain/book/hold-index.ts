import { accountKey } from './account.ts';
import type { Hold } from './hold.ts';
import type { UndoLog } from './table.ts';

/** Finds holds by the block that ends them, and by the account that they reserve money of. */
export class HoldIndex {
  readonly #undo: UndoLog;
  /** Ids by block: the open ones, as most are posted long before their block and would only be kept for it. */
  readonly #expiring = new Map<number, Set<string>>();
  /** Ids by account key: the open ones exactly. */
  readonly #byAccount = new Map<string, Set<string>>();

  constructor(undo: UndoLog) {
    this.#undo = undo;
  }

  /** Of a hold that a command opens. */
  add(hold: Hold): void {
    this.restore(hold);
    this.#undo.record({ undo: () => this.#forget(hold) });
  }

  /** Of a hold that a command ends. */
  remove(hold: Hold): void {
    this.#forget(hold);
    this.#undo.record({ undo: () => this.restore(hold) });
  }

  /** Of a hold that was read from the store. */
  restore(hold: Hold): void {
    addTo(this.#expiring, hold.expiresAtBlock, hold.id);
    addTo(this.#byAccount, accountKey(hold.asset, hold.account), hold.id);
  }

  /** Ids of an account's open holds, in order. */
  of(asset: string, account: string): readonly string[] {
    return [...(this.#byAccount.get(accountKey(asset, account)) ?? [])].toSorted();
  }

  countOf(asset: string, account: string): number {
    return this.#byAccount.get(accountKey(asset, account))?.size ?? 0;
  }

  /** Ids that may end with a block, in order; they are told once. */
  takeExpiring(block: number): readonly string[] {
    const ids = this.#expiring.get(block);
    if (ids === undefined) return [];
    this.#expiring.delete(block);
    this.#undo.record({ undo: () => this.#expiring.set(block, ids) });
    return [...ids].toSorted();
  }

  #forget(hold: Hold): void {
    removeFrom(this.#expiring, hold.expiresAtBlock, hold.id);
    removeFrom(this.#byAccount, accountKey(hold.asset, hold.account), hold.id);
  }
}

function addTo<Key>(index: Map<Key, Set<string>>, key: Key, id: string): void {
  const ids = index.get(key);
  if (ids === undefined) index.set(key, new Set([id]));
  else ids.add(id);
}

function removeFrom<Key>(index: Map<Key, Set<string>>, key: Key, id: string): void {
  const ids = index.get(key);
  ids?.delete(id);
  if (ids?.size === 0) index.delete(key);
}
