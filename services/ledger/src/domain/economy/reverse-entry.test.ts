import { expect, test } from 'vitest';
import { done, expectConserved, newLedger, TAO } from '#test/ledger-state.ts';
import type { Entry } from '#domain/book/journal.ts';
import type { Ledger } from './ledger.ts';
import { createHold, postHold, submitTransfer } from './money-orders.ts';
import { reverseEntry, type ReverseRequest } from './reverse-entry.ts';

const SHOP = 'billing:shop';

/** A ledger with a payment of 7 from the shop, and the entry that it wrote. */
function afterPayment(to: string): readonly [Ledger, Entry] {
  const ledger = newLedger();
  done(ledger.decide((state) => submitTransfer(state, { id: 't', from: SHOP, to, amount: 7n, code: 'sale' })));
  return [ledger, ledger.journal.takeEntries().at(-1)!];
}

const reverse = (ledger: Ledger, original: Entry | undefined, change: Partial<ReverseRequest> = {}) =>
  ledger.decide((state) =>
    reverseEntry(state, { id: 'r', reverses: 'transfer:t', code: 'refund', ...change }, original),
  );
const refused = (code: string) => expect.objectContaining({ ok: false, code });

test('a payment is taken back leg by leg, once', () => {
  const [ledger, original] = afterPayment('billing:other');
  const reversed = done(reverse(ledger, original));
  expect(reversed.after.map(({ account, posted }) => [account, posted])).toEqual([
    [SHOP, 100n * TAO],
    ['billing:other', 0n],
  ]);
  const entry = ledger.journal.takeEntries().at(-1)!;
  expect(entry.postings.map(({ account, delta }) => [account, delta])).toEqual([
    ['billing:other', -7n],
    [SHOP, 7n],
  ]);
  expect(JSON.parse(entry.payloadText)).toMatchObject({ reverses: 'transfer:t', reversedSequence: original.sequence });
  expect(done(reverse(ledger, original))).toMatchObject({ repeated: true, sequence: reversed.sequence });
  expect(reverse(ledger, original, { code: 'x' })).toEqual(refused('EXISTS_WITH_DIFFERENT_CONTENT'));
  expect(reverse(ledger, original, { id: 's' })).toEqual(refused('ALREADY_REVERSED'));
  expect(reverse(ledger, entry, { id: 's', reverses: 'reverse:r' })).toEqual(refused('NOT_REVERSIBLE'));
  expectConserved(ledger);
});

test('a posting of a hold is taken back in full or not at all', () => {
  const ledger = newLedger();
  done(ledger.decide((state) => createHold(state, { id: 'h', account: SHOP, amount: 9n, expiresAtBlock: 9 })));
  const parts = [
    { to: 'billing:other', amount: 5n, code: '' },
    { to: 'network', amount: 2n, code: '' },
  ];
  done(ledger.decide((state) => postHold(state, { id: 'p', holdId: 'h', parts, close: true })));
  const original = ledger.journal.takeEntries().at(-1)!;
  const spend = { id: 'x', from: 'billing:other', to: 'desk', amount: 1n, code: '' };
  done(ledger.decide((state) => submitTransfer(state, spend)));
  expect(reverse(ledger, original, { reverses: 'post:p' })).toEqual(refused('INSUFFICIENT_FUNDS'));
  done(ledger.decide((state) => submitTransfer(state, { ...spend, id: 'y', from: SHOP, to: 'billing:other' })));
  done(reverse(ledger, original, { reverses: 'post:p' }));
  expect(ledger.book.posted('TAO', 'network')).toBe(0n);
  expectConserved(ledger);
});

test('what a wallet got comes back by its own order alone', () => {
  const [ledger, original] = afterPayment('desk');
  expect(reverse(ledger, original)).toEqual(refused('ACCOUNT_PROTECTED'));
  expect(ledger.book.posted('TAO', 'desk')).toBe(10_000n * TAO + 7n);
});

test('what is not in the journal, or is another entry, is not reversed', () => {
  const [ledger, original] = afterPayment('billing:other');
  expect(reverse(ledger, undefined)).toEqual(refused('ENTRY_UNKNOWN'));
  expect(reverse(ledger, undefined, { reverses: 'transfer:never' })).toEqual(refused('ENTRY_UNKNOWN'));
  expect(reverse(ledger, { ...original, sequence: 1 })).toEqual(refused('ENTRY_UNKNOWN'));
  const hold = { id: 'h', account: SHOP, amount: 9n, expiresAtBlock: 9 };
  done(ledger.decide((state) => createHold(state, hold)));
  const held = ledger.journal.takeEntries().at(-1)!;
  expect(reverse(ledger, held, { reverses: 'hold:h' })).toEqual(refused('NOT_REVERSIBLE'));
});
