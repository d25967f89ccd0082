import { expect, test } from 'vitest';
import { done, expectConserved, newLedger, produce, TAO, testGenesis } from '#test/ledger-state.ts';
import { type AccountChange, type AccountOrder, changeAccount } from './account-orders.ts';
import type { Ledger } from './ledger.ts';
import { createHold, postHold, submitTransfer, voidHold } from './money-orders.ts';

const SHOP = 'billing:shop';
const lending = { ...testGenesis, creditMax: 30n };

const open = (floor = 0n, limit: bigint | null = null): AccountChange => ({
  type: 'Open',
  owner: 'desk',
  floor,
  limit,
});
const limits = (floor: bigint, limit: bigint | null = null): AccountChange => ({ type: 'Limits', floor, limit });
const freeze = (frozen: boolean): AccountChange => ({ type: 'Freeze', frozen });
const close = (to: string | null): AccountChange => ({ type: 'Close', to });

let orders = 0;
/** Each under an id of its own, unless one is given. */
function change(ledger: Ledger, what: AccountChange, order: Partial<AccountOrder> = {}) {
  orders += 1;
  const asked: AccountOrder = { id: `o${orders}`, account: SHOP, actor: 'billing', ...order, change: what };
  return ledger.decide((state) => changeAccount(state, asked));
}
const pay = (ledger: Ledger, id: string, amount: bigint, to = 'desk') =>
  ledger.decide((state) => submitTransfer(state, { id, from: SHOP, to, amount, code: 'sale' }));
const hold = (ledger: Ledger, id: string, amount: bigint, expiresAtBlock = 50) =>
  ledger.decide((state) => createHold(state, { id, account: SHOP, amount, expiresAtBlock }));
const refused = (code: string) => expect.objectContaining({ ok: false, code });

test('an account spends down to its floor and no further, holds included', () => {
  const ledger = newLedger({ ...lending, accounts: [{ account: SHOP, amount: 10n }] });
  done(change(ledger, open(-20n)));
  done(hold(ledger, 'h', 15n));
  expect(done(pay(ledger, 't', 14n)).after[0]).toEqual({ account: SHOP, posted: -4n, held: 15n, spendable: 1n });
  expect(pay(ledger, 'u', 2n)).toEqual(refused('INSUFFICIENT_FUNDS'));
  expect(hold(ledger, 'g', 2n)).toEqual(refused('INSUFFICIENT_FUNDS'));
  done(pay(ledger, 'v', 1n));
  expect(change(ledger, limits(-19n))).toEqual(refused('ACCOUNT_FLOOR'));
  expect(change(ledger, close('desk'))).toEqual(refused('ACCOUNT_NOT_EMPTY'));
  expectConserved(ledger);
});

test('what billing accounts may owe together is what genesis allows, nothing unless it says so', () => {
  const strict = newLedger();
  expect(change(strict, open(-1n))).toEqual(refused('CREDIT_EXHAUSTED'));
  const ledger = newLedger(lending);
  done(change(ledger, open(-20n)));
  expect(change(ledger, open(-11n), { account: 'billing:other' })).toEqual(refused('CREDIT_EXHAUSTED'));
  done(change(ledger, open(-10n), { account: 'billing:other' }));
  expect(change(ledger, limits(-21n))).toEqual(refused('CREDIT_EXHAUSTED'));
  done(change(ledger, limits(0n)));
  done(change(ledger, limits(-30n), { account: 'billing:other' }));
  done(change(ledger, close(null), { account: 'billing:other' }));
  done(change(ledger, limits(-30n)));
  expect(ledger.creditGranted).toBe(30n);
});

test('a balance stays within its limit', () => {
  const ledger = newLedger();
  done(change(ledger, open(0n, 5n), { account: 'billing:other' }));
  done(pay(ledger, 't', 5n, 'billing:other'));
  expect(pay(ledger, 'u', 1n, 'billing:other')).toEqual(refused('ACCOUNT_LIMIT'));
  expect(change(ledger, limits(0n, 4n), { account: 'billing:other' })).toEqual(refused('ACCOUNT_LIMIT'));
  done(change(ledger, limits(0n, 6n), { account: 'billing:other' }));
  done(pay(ledger, 'v', 1n, 'billing:other'));
});

test('a frozen account pays nothing new, settles what was held, and still takes money', () => {
  const ledger = newLedger();
  done(hold(ledger, 'h', 10n));
  done(hold(ledger, 'g', 10n));
  done(change(ledger, freeze(true), { actor: 'operator' }));
  expect(pay(ledger, 't', 1n)).toEqual(refused('ACCOUNT_FROZEN'));
  expect(hold(ledger, 'i', 1n)).toEqual(refused('ACCOUNT_FROZEN'));
  expect(change(ledger, close('desk'))).toEqual(refused('ACCOUNT_NOT_EMPTY'));
  const parts = [{ to: 'desk', amount: 4n, code: 'sale' }];
  done(ledger.decide((state) => postHold(state, { id: 'p', holdId: 'h', parts, close: true })));
  done(ledger.decide((state) => voidHold(state, 'g')));
  expect(change(ledger, close('desk'))).toEqual(refused('ACCOUNT_FROZEN'));
  done(change(ledger, freeze(false)));
  done(pay(ledger, 't', 1n));
  expectConserved(ledger);
});

test('closing moves the rest, is for ever, and waits for holds', () => {
  const ledger = newLedger();
  done(hold(ledger, 'h', 10n, 3));
  expect(change(ledger, close('desk'))).toMatchObject({ code: 'ACCOUNT_NOT_EMPTY', message: /10 in 1 open holds/ });
  produce(ledger, 3);
  expect(change(ledger, close(null))).toEqual(refused('ACCOUNT_NOT_EMPTY'));
  const closed = done(change(ledger, close('desk'), { id: 'c' }));
  expect(closed.after.map(({ posted }) => posted)).toEqual([0n, 10_100n * TAO]);
  expect(done(change(ledger, close('desk'), { id: 'c' }))).toMatchObject({ repeated: true, sequence: closed.sequence });
  expect(change(ledger, close('owner'), { id: 'c' })).toEqual(refused('EXISTS_WITH_DIFFERENT_CONTENT'));
  expect(pay(ledger, 't', 1n)).toEqual(refused('ACCOUNT_CLOSED'));
  expect(hold(ledger, 'g', 1n)).toEqual(refused('ACCOUNT_CLOSED'));
  for (const what of [open(), limits(0n), freeze(false), close(null)]) {
    expect(change(ledger, what)).toEqual(refused('ACCOUNT_CLOSED'));
  }
  const fund = ledger.decide((state) =>
    state.book.pay({ asset: 'TAO', from: 'desk', parts: [{ to: SHOP, amount: 1n }] }),
  );
  expect(fund).toEqual(refused('ACCOUNT_CLOSED'));
  expectConserved(ledger);
});

test.for<readonly [string, AccountChange, Partial<AccountOrder>, string]>([
  ['a wallet', freeze(true), { account: 'desk' }, 'ACCOUNT_PROTECTED'],
  ['the mint', limits(-5n), { account: 'mint' }, 'ACCOUNT_PROTECTED'],
  ['a pot', close('desk'), { account: 'pot:1' }, 'ACCOUNT_PROTECTED'],
  ['limits, by the operator', limits(0n), { actor: 'operator' }, 'ACCOUNT_PROTECTED'],
  ['an account, closed by the operator', close('desk'), { actor: 'operator' }, 'ACCOUNT_PROTECTED'],
  ['limits of what was never opened', limits(0n), {}, 'ACCOUNT_UNKNOWN'],
  ['a floor above zero', open(1n), {}, 'INVALID_ARGUMENT'],
  ['a limit below zero', open(0n, -1n), {}, 'INVALID_ARGUMENT'],
  ['a limit below the balance', open(0n, 1n), {}, 'ACCOUNT_LIMIT'],
])('a change of %s is refused', ([, what, order, code]) => {
  const ledger = newLedger(lending);
  expect(change(ledger, what, order)).toEqual(refused(code));
});

test('an account is opened once', () => {
  const ledger = newLedger();
  done(change(ledger, open(), { id: 'first' }));
  expect(done(change(ledger, open(), { id: 'first' }))).toMatchObject({ repeated: true });
  expect(change(ledger, open())).toEqual(refused('ACCOUNT_EXISTS'));
});
