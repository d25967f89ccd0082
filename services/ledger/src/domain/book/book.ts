import { type Account, accountKey, BALANCE_MAX, MINT } from './account.ts';
import { AccountTable } from './account-table.ts';
import type { AccountTerms } from './account-terms.ts';
import type { Hold } from './hold.ts';
import { HoldIndex } from './hold-index.ts';
import type { Journal } from './journal.ts';
import { accept, type Decision, refuse } from './refusal.ts';
import { type Observer, Table, type UndoLog } from './table.ts';
import { type Part, type Payment, totalOf } from './payment.ts';

/** An amount on an account. */
export interface Leg {
  readonly asset: string;
  readonly account: string;
  readonly amount: bigint;
}

/** An account as it stands, looked up once for all that an order asks of it. */
interface Place {
  readonly account: Account;
  readonly terms: AccountTerms | undefined;
}

/** Accounts and holds. It knows nothing of the economy: who may move what is decided by its callers. */
export class Book {
  readonly accounts: AccountTable;
  readonly holds: Table<Hold>;
  /** Terms by account key; only of accounts for which some were agreed. */
  readonly terms: Table<AccountTerms>;
  readonly holdIndex: HoldIndex;
  readonly #journal: Journal;

  constructor(undo: UndoLog, journal: Journal, observer?: Observer<Account>) {
    this.accounts = new AccountTable(undo, observer);
    this.holds = new Table<Hold>('holds', undo);
    this.terms = new Table<AccountTerms>('account-terms', undo);
    this.holdIndex = new HoldIndex(undo);
    this.#journal = journal;
  }

  account(asset: string, id: string): Account {
    return this.accounts.get(asset, id) ?? { id, asset, posted: 0n, held: 0n };
  }

  posted(asset: string, id: string): bigint {
    return this.account(asset, id).posted;
  }

  termsOf(asset: string, id: string): AccountTerms | undefined {
    return this.terms.size === 0 ? undefined : this.terms.get(accountKey(asset, id));
  }

  /** Agrees terms; the account has a row from then on, also without a balance. */
  agree(asset: string, id: string, terms: AccountTerms): void {
    this.terms.put(accountKey(asset, id), terms);
    this.accounts.put(this.account(asset, id));
  }

  /** Balance less what is held, down to the account's floor. */
  spendable(asset: string, id: string): bigint {
    return spendableOf(this.#placeOf(asset, id));
  }

  /** The account and what it can spend. */
  stateOf(asset: string, id: string): { readonly account: Account; readonly spendable: bigint } {
    const place = this.#placeOf(asset, id);
    return { account: place.account, spendable: spendableOf(place) };
  }

  /** Moves money if the payer can spend it; answers the total. The mint account may go below zero without a floor. */
  pay(payment: Payment): Decision<bigint> {
    const payer = this.#placeOf(payment.asset, payment.from);
    return barredOut(payer) ?? this.#move(payment, payer);
  }

  /** One leg out of an account that may pay. */
  debit(leg: Leg): Decision<undefined> {
    const payer = this.#placeOf(leg.asset, leg.account);
    return barredOut(payer) ?? this.#debit(payer, leg.amount);
  }

  credit(leg: Leg): Decision<undefined> {
    return this.#credit(this.#placeOf(leg.asset, leg.account), leg.amount);
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
    const place = this.#placeOf(hold.asset, hold.account);
    const barred = barredOut(place);
    if (barred !== undefined) return barred;
    const { account } = place;
    const spendable = spendableOf(place);
    if (spendable < hold.amount) {
      return refuse('INSUFFICIENT_FUNDS', `${hold.account} can spend ${spendable}, the hold needs ${hold.amount}`);
    }
    const opened: Hold = { ...hold, remaining: hold.amount };
    this.#hold(account, account.held + hold.amount);
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
      const payment = { asset: hold.asset, from: hold.account, parts: request.parts };
      const paid = this.#move(payment, this.#placeOf(hold.asset, hold.account));
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

  #placeOf(asset: string, id: string): Place {
    return { account: this.account(asset, id), terms: this.termsOf(asset, id) };
  }

  #move(payment: Payment, payer: Place): Decision<bigint> {
    const total = totalOf(payment);
    if (!total.ok) return total;
    const { asset, parts } = payment;
    const debited = this.#debit(payer, total.value);
    if (!debited.ok) return debited;
    for (const { to, amount } of parts) {
      const credited = this.#credit(this.#placeOf(asset, to), amount);
      if (!credited.ok) return credited;
    }
    return total;
  }

  #debit(payer: Place, amount: bigint): Decision<undefined> {
    const { id, asset } = payer.account;
    const spendable = spendableOf(payer);
    if (id !== MINT && spendable < amount) {
      return refuse(
        'INSUFFICIENT_FUNDS',
        `${id} can spend ${spendable} of ${asset}'s smallest unit, ${amount} are needed`,
      );
    }
    return this.#post(payer.account, -amount);
  }

  #credit({ account, terms }: Place, amount: bigint): Decision<undefined> {
    if (terms?.closed === true) return closedAccount(account.id);
    if (terms !== undefined && terms.limit !== null && account.posted + amount > terms.limit) {
      return refuse(
        'ACCOUNT_LIMIT',
        `${account.id} has ${account.posted} and may have ${terms.limit}: ${amount} more are too much`,
      );
    }
    return this.#post(account, amount);
  }

  #release(hold: Hold, amount: bigint): void {
    const account = this.account(hold.asset, hold.account);
    if (amount > account.held) throw new Error(`hold ${hold.id} would free more than ${hold.account} has held`);
    this.#hold(account, account.held - amount);
    if (hold.remaining === amount) {
      this.holds.remove(hold.id);
      this.holdIndex.remove(hold);
    } else this.holds.put(hold.id, { ...hold, remaining: hold.remaining - amount });
  }

  #hold({ id, asset, posted }: Account, held: bigint): void {
    this.accounts.put({ id, asset, posted, held });
    this.#journal.addHeld({ account: id, asset, held });
  }

  #post({ id, asset, held, posted: before }: Account, delta: bigint): Decision<undefined> {
    const posted = before + delta;
    if (posted > BALANCE_MAX || posted < -BALANCE_MAX) {
      return refuse('BALANCE_LIMIT', `the balance of ${id} would pass 39 digits`);
    }
    this.accounts.put({ id, asset, posted, held });
    this.#journal.addPosting({ account: id, asset, delta, balanceAfter: posted });
    return POSTED;
  }
}

const POSTED = accept(undefined);

function spendableOf({ account, terms }: Place): bigint {
  return account.posted - account.held - (terms?.floor ?? 0n);
}

function barredOut({ account, terms }: Place): Decision<never> | undefined {
  if (terms === undefined) return undefined;
  if (terms.closed) return closedAccount(account.id);
  return terms.frozen
    ? refuse('ACCOUNT_FROZEN', `${account.id} is frozen: nothing goes out until it is freed`)
    : undefined;
}

function closedAccount(id: string): Decision<never> {
  return refuse('ACCOUNT_CLOSED', `${id} is closed: nothing goes in or out any more`);
}
