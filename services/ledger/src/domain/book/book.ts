import { type Account, accountKey, BALANCE_MAX, MINT } from './account.ts';
import type { Hold } from './hold.ts';
import type { Journal } from './journal.ts';
import { accept, type Decision, refuse } from './refusal.ts';
import { Table, type UndoLog } from './table.ts';
import { type Part, type Payment, totalOf } from './payment.ts';

/** An amount on an account. */
export interface Leg {
  readonly asset: string;
  readonly account: string;
  readonly amount: bigint;
}

/** Accounts and holds. It knows nothing of the economy: who may move what is decided by its callers. */
export class Book {
  readonly accounts: Table<Account>;
  readonly holds: Table<Hold>;
  readonly #journal: Journal;
  /** Ids of holds by the block that ends them; may name holds that are gone. */
  readonly #expiring = new Map<number, Set<string>>();

  constructor(undo: UndoLog, journal: Journal) {
    this.accounts = new Table<Account>('accounts', undo);
    this.holds = new Table<Hold>('holds', undo);
    this.#journal = journal;
  }

  account(asset: string, id: string): Account {
    return this.accounts.get(accountKey(asset, id)) ?? { id, asset, posted: 0n, held: 0n };
  }

  posted(asset: string, id: string): bigint {
    return this.account(asset, id).posted;
  }

  spendable(asset: string, id: string): bigint {
    const account = this.account(asset, id);
    return account.posted - account.held;
  }

  /** Moves money if the payer can spend it; answers the total. The mint account alone may go below zero. */
  pay(payment: Payment): Decision<bigint> {
    const total = totalOf(payment);
    if (!total.ok) return total;
    const { asset, from, parts } = payment;
    const debited = this.debit({ asset, account: from, amount: total.value });
    if (!debited.ok) return debited;
    for (const part of parts) {
      const credited = this.credit({ asset, account: part.to, amount: part.amount });
      if (!credited.ok) return credited;
    }
    return total;
  }

  debit(leg: Leg): Decision<undefined> {
    const account = this.account(leg.asset, leg.account);
    const spendable = account.posted - account.held;
    if (leg.account !== MINT && spendable < leg.amount) {
      return refuse(
        'INSUFFICIENT_FUNDS',
        `${leg.account} can spend ${spendable} of ${leg.asset}'s smallest unit, ${leg.amount} are needed`,
      );
    }
    return this.#move(account, -leg.amount);
  }

  credit(leg: Leg): Decision<undefined> {
    return this.#move(this.account(leg.asset, leg.account), leg.amount);
  }

  /** Reserves money of an account. Repeats are the caller's to recognise: here an id that is open is refused. */
  createHold(hold: Omit<Hold, 'remaining'>, block: number): Decision<Hold> {
    if (hold.amount <= 0n) return refuse('INVALID_ARGUMENT', `hold ${hold.id}: the amount must be at least 1`);
    if (hold.expiresAtBlock <= block) {
      return refuse(
        'HOLD_EXPIRY_PAST',
        `hold ${hold.id} would end at block ${hold.expiresAtBlock}, and this is block ${block}`,
      );
    }
    if (this.holds.get(hold.id) !== undefined) {
      return refuse('EXISTS_WITH_DIFFERENT_CONTENT', `hold ${hold.id} exists with different content`);
    }
    const account = this.account(hold.asset, hold.account);
    const spendable = account.posted - account.held;
    if (spendable < hold.amount) {
      return refuse('INSUFFICIENT_FUNDS', `${hold.account} can spend ${spendable}, the hold needs ${hold.amount}`);
    }
    const opened: Hold = { ...hold, remaining: hold.amount };
    this.#setAccount({ ...account, held: account.held + hold.amount });
    this.holds.put(hold.id, opened);
    this.indexExpiry(opened);
    return accept(opened);
  }

  /** Pays parts out of a hold; `close` frees the rest. Answers what remains reserved. */
  postHold(request: {
    readonly holdId: string;
    readonly parts: readonly Part[];
    readonly close: boolean;
  }): Decision<bigint> {
    const hold = this.holds.get(request.holdId);
    if (hold === undefined) return refuse('HOLD_UNKNOWN', `there is no open hold ${request.holdId}`);
    const total = request.parts.reduce((sum, part) => sum + part.amount, 0n);
    if (total > hold.remaining) {
      return refuse('HOLD_EXCEEDED', `hold ${hold.id} has ${hold.remaining} left, the parts need ${total}`);
    }
    this.#release(hold, request.close ? hold.remaining : total);
    if (total > 0n || request.parts.length > 0) {
      const paid = this.pay({ asset: hold.asset, from: hold.account, parts: request.parts });
      if (!paid.ok) return paid;
    }
    return accept(this.holds.get(hold.id)?.remaining ?? 0n);
  }

  /** Frees all that a hold reserves. */
  voidHold(holdId: string): Decision<Hold> {
    const hold = this.holds.get(holdId);
    if (hold === undefined) return refuse('HOLD_UNKNOWN', `there is no open hold ${holdId}`);
    this.#release(hold, hold.remaining);
    return accept(hold);
  }

  /** Ends the holds whose last block has come; answers their ids in order. */
  expireHolds(block: number): readonly string[] {
    const ids = [...(this.#expiring.get(block) ?? [])].toSorted();
    this.#expiring.delete(block);
    return ids.filter((id) => {
      const hold = this.holds.get(id);
      if (hold === undefined || hold.expiresAtBlock > block) return false;
      this.#release(hold, hold.remaining);
      return true;
    });
  }

  /** Remembers when a hold ends; for holds that were read from the store. */
  indexExpiry(hold: Hold): void {
    const ids = this.#expiring.get(hold.expiresAtBlock);
    if (ids === undefined) this.#expiring.set(hold.expiresAtBlock, new Set([hold.id]));
    else ids.add(hold.id);
  }

  #release(hold: Hold, amount: bigint): void {
    const account = this.account(hold.asset, hold.account);
    if (amount > account.held) throw new Error(`hold ${hold.id} would free more than ${hold.account} has held`);
    this.#setAccount({ ...account, held: account.held - amount });
    if (hold.remaining === amount) this.holds.remove(hold.id);
    else this.holds.put(hold.id, { ...hold, remaining: hold.remaining - amount });
  }

  #move(account: Account, delta: bigint): Decision<undefined> {
    const posted = account.posted + delta;
    if (posted > BALANCE_MAX || posted < -BALANCE_MAX) {
      return refuse('BALANCE_LIMIT', `the balance of ${account.id} would pass 39 digits`);
    }
    this.#setAccount({ ...account, posted });
    this.#journal.addPosting({ account: account.id, asset: account.asset, delta, balanceAfter: posted });
    return accept(undefined);
  }

  #setAccount(account: Account): void {
    this.accounts.put(accountKey(account.asset, account.id), account);
  }
}
