import { expect, test } from 'vitest';
import { newLedger, stateText } from '#test/ledger-state.ts';
import type { Ledger } from '../economy/ledger.ts';
import { BALANCE_MAX, MINT } from './account.ts';

/** Issues an asset of its own to an account. */
const issue = (ledger: Ledger, to: string, amount: bigint) =>
  ledger.decide((state) => {
    const paid = state.book.pay({ asset: 'BIG', from: MINT, parts: [{ to, amount }] });
    if (paid.ok) state.journal.write({ block: state.block, kind: 'Issued', payload: {} });
    return paid;
  });

test('a balance of 39 digits is exact, and one more is refused before anything is changed', () => {
  const ledger = newLedger();
  expect(issue(ledger, 'desk', BALANCE_MAX - 1n)).toMatchObject({ ok: true });
  expect(issue(ledger, 'desk', 1n)).toMatchObject({ ok: true });
  expect([ledger.book.posted('BIG', 'desk'), ledger.book.posted('BIG', MINT)]).toEqual([BALANCE_MAX, -BALANCE_MAX]);
  const before = stateText(ledger);
  expect(issue(ledger, 'desk', 1n)).toMatchObject({ ok: false, code: 'BALANCE_LIMIT' });
  expect(stateText(ledger)).toBe(before);
});

test('a credit that would not fit is refused whoever pays it', () => {
  const ledger = newLedger();
  issue(ledger, 'desk', BALANCE_MAX);
  const before = stateText(ledger);
  const credited = ledger.decide((state) => state.book.credit({ asset: 'BIG', account: 'desk', amount: 1n }));
  expect(credited).toMatchObject({ ok: false, code: 'BALANCE_LIMIT' });
  expect(stateText(ledger)).toBe(before);
});
