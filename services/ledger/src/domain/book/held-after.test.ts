import { expect, test } from 'vitest';
import { done, newLedger, produce } from '#test/ledger-state.ts';
import { createHold, postHold, voidHold } from '../economy/money-orders.ts';
import type { Ledger } from '../economy/ledger.ts';
import { accept, refuse } from './refusal.ts';

const SHOP = 'billing:shop';

function hold(ledger: Ledger, id: string, account = SHOP): void {
  const request = { id, account, amount: 10n, expiresAtBlock: 3 };
  done(ledger.decide((state) => createHold(state, request)));
}

/** What entries say of held amounts since the last call. */
function told(ledger: Ledger) {
  return ledger.journal
    .takeEntries()
    .filter(({ held }) => held !== undefined)
    .map(({ kind, held = [] }) => [kind, Object.fromEntries(held.map((each) => [each.account, each.held]))]);
}

test('an entry says what an account has held after it, whatever changed that', () => {
  const ledger = newLedger();
  hold(ledger, 'one');
  hold(ledger, 'two');
  const parts = [{ to: 'network', amount: 4n, code: '' }];
  done(ledger.decide((state) => postHold(state, { id: 'p', holdId: 'one', parts, close: false })));
  done(ledger.decide((state) => voidHold(state, 'two')));
  expect(told(ledger)).toEqual([
    ['HoldCreated', { [SHOP]: 10n }],
    ['HoldCreated', { [SHOP]: 20n }],
    ['HoldPosted', { [SHOP]: 16n }],
    ['HoldVoided', { [SHOP]: 6n }],
  ]);
});

test('holds that end with a block say so once for each account', () => {
  const ledger = newLedger();
  const parts = [{ to: 'billing:other', amount: 100n }];
  ledger.decide((state) => {
    const paid = state.book.pay({ asset: 'TAO', from: SHOP, parts });
    state.journal.write({ block: 0, kind: 'Test', payload: {} });
    return paid;
  });
  for (const id of ['one', 'two']) hold(ledger, id);
  hold(ledger, 'three', 'billing:other');
  told(ledger);
  produce(ledger, 3);
  expect(told(ledger)).toEqual([['HoldsExpired', { [SHOP]: 0n, 'billing:other': 0n }]]);
});

test('what is taken back says nothing, and neither does the entry after it', () => {
  const ledger = newLedger();
  ledger.decide((state) => {
    const request = { id: 'one', account: SHOP, amount: 10n, expiresAtBlock: 3, asset: 'TAO' };
    done(state.book.createHold(request, state.block));
    return refuse('INVALID_ARGUMENT', 'no');
  });
  produce(ledger, 1);
  expect(told(ledger)).toEqual([]);
});

test('of many accounts each is told once, with what it has held last, also after a part was taken back', () => {
  const ledger = newLedger();
  ledger.journal.takeEntries();
  const accounts = Array.from({ length: 20 }, (_, at) => `billing:u${at}`);
  const after = (account: string, held: bigint) => ({ account, asset: 'TAO', held });
  ledger.decide((state) => {
    const { journal } = state;
    for (const account of accounts) journal.addHeld(after(account, 1n));
    state.attempt(() => {
      for (const account of [...accounts, 'billing:late']) journal.addHeld(after(account, 2n));
      return refuse('INVALID_ARGUMENT', 'no');
    });
    for (const account of accounts.slice(0, 10)) journal.addHeld(after(account, 3n));
    journal.addHeld({ ...after('billing:u0', 4n), asset: 'ALPHA7' });
    journal.addHeld(after('billing:late', 6n));
    journal.write({ block: 0, kind: 'Test', payload: {} });
    journal.addHeld(after('billing:u0', 5n));
    journal.write({ block: 0, kind: 'Test', payload: {} });
    return accept(undefined);
  });
  const [first, second] = ledger.journal.takeEntries();
  const expected = accounts.map((account, at) => after(account, at < 10 ? 3n : 1n));
  expect(first?.held).toEqual([
    ...expected,
    { ...after('billing:u0', 4n), asset: 'ALPHA7' },
    after('billing:late', 6n),
  ]);
  expect(second?.held).toEqual([after('billing:u0', 5n)]);
});
