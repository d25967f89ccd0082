import { type Account, accountKey, BALANCE_MAX, MINT } from './account.ts';
import type { AccountTerms } from './account-terms.ts';
import type { Hold } from './hold.ts';
import { HoldIndex } from './hold-index.ts';
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
  /** Terms by account key; only of accounts for which some were agreed. */
  readonly terms: Table<AccountTerms>;
  readonly holdIndex: HoldIndex;
  readonly #journal: Journal;

  constructor(undo: UndoLog, journal: Journal) {
    this.accounts = new Table<Account>('accounts', undo);
    this.holds = new Table<Hold>('holds', undo);
    this.terms = new Table<AccountTerms>('account-terms', undo);
    this.holdIndex = new HoldIndex(undo);
    this.#journal = journal;
  }

  account(asset: string, id: string): Account {
    return this.accounts.get(accountKey(asset, id)) ?? { id, asset, posted: 0n, held: 0n };
  }

  posted(asset: string, id: string): bigint {
    return this.account(asset, id).posted;
  }

  termsOf(asset: string, id: string): AccountTerms | undefined {
    return this.terms.get(accountKey(asset, id));
  }

  /** Agrees terms; the account has a row from then on, also without a balance. */
  agree(asset: string, id: string, terms: AccountTerms): void {
    this.terms.put(accountKey(asset, id), terms);
    this.#setAccount(this.account(asset, id));
  }

  /** Balance less what is held, down to the account's floor. */
  spendable(asset: string, id: string): bigint {
    const { posted, held } = this.account(asset, id);
    return posted - held - (this.termsOf(asset, id)?.floor ?? 0n);
  }

  /** Moves money if the payer can spend it; answers the total. The mint account may go below zero without a floor. */
  pay(payment: Payment): Decision<bigint> {
    const barred = this.#barredOut(payment.asset, payment.from);
    return barred ?? this.#move(payment);
  }

  /** One leg out of an account that may pay. */
  debit(leg: Leg): Decision<undefined> {
    return this.#barredOut(leg.asset, leg.account) ?? this.#debit(leg);
  }

  credit(leg: Leg): Decision<undefined> {
    const account = this.account(leg.asset, leg.account);
    const terms = this.termsOf(leg.asset, leg.account);
    if (terms?.closed === true) return closedAccount(leg.account);
    if (terms !== undefined && terms.limit !== null && account.posted + leg.amount > terms.limit) {
      return refuse(
        'ACCOUNT_LIMIT',
        `${leg.account} has ${account.posted} and may have ${terms.limit}: ${leg.amount} more are too much`,
      );
    }
    return this.#post(account, leg.amount);
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
    const barred = this.#barredOut(hold.asset, hold.account);
    if (barred !== undefined) return barred;
    const account = this.account(hold.asset, hold.account);
    const spendable = this.spendable(hold.asset, hold.account);
    if (spendable < hold.amount) {
      return refuse('INSUFFICIENT_FUNDS', `${hold.account} can spend ${spendable}, the hold needs ${hold.amount}`);
    }
    const opened: Hold = { ...hold, remaining: hold.amount };
    this.#setAccount({ ...account, held: account.held + hold.amount });
    this.holds.put(hold.id, opened);
    this.holdIndex.add(opened);
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
      // Also out of a frozen account: what was held before is owed.
      const paid = this.#move({ asset: hold.asset, from: hold.account, parts: request.parts });
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
    return this.holdIndex.takeExpiring(block).filter((id) => {
      const hold = this.holds.get(id);
      if (hold === undefined || hold.expiresAtBlock > block) return false;
      this.#release(hold, hold.remaining);
      return true;
    });
  }

  #barredOut(asset: string, id: string): Decision<never> | undefined {
    const terms = this.termsOf(asset, id);
    if (terms === undefined) return undefined;
    if (terms.closed) return closedAccount(id);
    return terms.frozen ? refuse('ACCOUNT_FROZEN', `${id} is frozen: nothing goes out until it is freed`) : undefined;
  }

  #move(payment: Payment): Decision<bigint> {
    const total = totalOf(payment);
    if (!total.ok) return total;
    const { asset, from, parts } = payment;
    const debited = this.#debit({ asset, account: from, amount: total.value });
    if (!debited.ok) return debited;
    for (const part of parts) {
      const credited = this.credit({ asset, account: part.to, amount: part.amount });
      if (!credited.ok) return credited;
    }
    return total;
  }

  #debit(leg: Leg): Decision<undefined> {
    const spendable = this.spendable(leg.asset, leg.account);
    if (leg.account !== MINT && spendable < leg.amount) {
      return refuse(
        'INSUFFICIENT_FUNDS',
        `${leg.account} can spend ${spendable} of ${leg.asset}'s smallest unit, ${leg.amount} are needed`,
      );
    }
    return this.#post(this.account(leg.asset, leg.account), -leg.amount);
  }

  #release(hold: Hold, amount: bigint): void {
    const account = this.account(hold.asset, hold.account);
    if (amount > account.held) throw new Error(`hold ${hold.id} would free more than ${hold.account} has held`);
    this.#setAccount({ ...account, held: account.held - amount });
    if (hold.remaining === amount) {
      this.holds.remove(hold.id);
      this.holdIndex.remove(hold);
    } else this.holds.put(hold.id, { ...hold, remaining: hold.remaining - amount });
  }

  #post(account: Account, delta: bigint): Decision<undefined> {
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

function closedAccount(id: string): Decision<never> {
  return refuse('ACCOUNT_CLOSED', `${id} is closed: nothing goes in or out any more`);
}
