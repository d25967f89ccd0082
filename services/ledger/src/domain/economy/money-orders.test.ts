import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalText } from '../book/canonical-json.ts';
import { done, expectConserved, newLedger, produce, TAO } from '#test/ledger-state.ts';
import type { Ledger } from './ledger.ts';
import {
  createHold,
  holdText,
  postHold,
  type PostRequest,
  postText,
  submitTransfer,
  type TransferRequest,
  transferText,
  voidHold,
} from './money-orders.ts';

const SHOP = 'billing:shop';

const send = (ledger: Ledger, change: Partial<TransferRequest> = {}) =>
  ledger.decide((state) =>
    submitTransfer(state, { id: 't1', from: SHOP, to: 'desk', amount: 5n, code: 'sale', ...change }),
  );
const hold = (ledger: Ledger, id: string, amount = 10n, expiresAtBlock = 50) =>
  ledger.decide((state) => createHold(state, { id, account: SHOP, amount, expiresAtBlock }));
const post = (ledger: Ledger, change: Partial<PostRequest> = {}) =>
  ledger.decide((state) =>
    postHold(state, {
      id: 'p1',
      holdId: 'h1',
      parts: [{ to: 'desk', amount: 4n, code: 'sale' }],
      close: false,
      ...change,
    }),
  );
const spendable = (ledger: Ledger): bigint => ledger.book.spendable('TAO', SHOP);

test('the same transfer again is answered again, another one under its id is refused', () => {
  const ledger = newLedger();
  const first = done(send(ledger));
  expect(done(send(ledger))).toMatchObject({ sequence: first.sequence, repeated: true });
  expect(send(ledger, { amount: 6n })).toMatchObject({ ok: false, code: 'EXISTS_WITH_DIFFERENT_CONTENT' });
  expect(send(ledger, { to: 'owner' })).toMatchObject({ ok: false, code: 'EXISTS_WITH_DIFFERENT_CONTENT' });
  expect(spendable(ledger)).toBe(100n * TAO - 5n);
});

test.for<readonly [string, Partial<TransferRequest>, string]>([
  ['nothing', { amount: 0n }, 'INVALID_ARGUMENT'],
  ['a negative amount', { amount: -1n }, 'INVALID_ARGUMENT'],
  ['more than there is', { amount: 100n * TAO + 1n }, 'INSUFFICIENT_FUNDS'],
  ['more than a balance can hold', { amount: 10n ** 39n }, 'INSUFFICIENT_FUNDS'],
  ['to oneself', { to: SHOP }, 'INVALID_ARGUMENT'],
  ["out of somebody's wallet", { from: 'desk', to: 'owner' }, 'ACCOUNT_PROTECTED'],
  ['out of the mint', { from: 'mint' }, 'ACCOUNT_PROTECTED'],
  ['out of a pot', { from: 'pot:1' }, 'ACCOUNT_PROTECTED'],
  ['under an empty id', { id: '' }, 'INVALID_ARGUMENT'],
  ['under an id with a line break', { id: 'a\nb' }, 'INVALID_ARGUMENT'],
])('a transfer of %s is refused', ([, change, code]) => {
  const ledger = newLedger();
  expect(send(ledger, change)).toMatchObject({ ok: false, code });
  expect(spendable(ledger)).toBe(100n * TAO);
});

test('amounts above 2^63 are exact', () => {
  const ledger = newLedger();
  const genesis = ledger.network.genesis;
  const rich = newLedger({ ...genesis, cap: 10n ** 30n, accounts: [{ account: SHOP, amount: 2n ** 64n + 1n }] });
  done(send(rich, { amount: 2n ** 63n + 1n }));
  expect(spendable(rich)).toBe(2n ** 63n);
});

test('six holds of a thousand on five thousand: the sixth is refused', () => {
  const ledger = newLedger({ ...newLedger().network.genesis, accounts: [{ account: SHOP, amount: 5000n }] });
  for (const id of ['1', '2', '3', '4', '5']) done(hold(ledger, id, 1000n));
  expect(spendable(ledger)).toBe(0n);
  expect(hold(ledger, '6', 1000n)).toMatchObject({ ok: false, code: 'INSUFFICIENT_FUNDS' });
  expect(send(ledger, { amount: 1n })).toMatchObject({ ok: false, code: 'INSUFFICIENT_FUNDS' });
});

test('a hold is posted in part, once for each id, and the rest comes back when it is closed', () => {
  const ledger = newLedger();
  done(hold(ledger, 'h1'));
  expect(done(post(ledger))).toMatchObject({ remaining: 6n, repeated: false });
  expect(done(post(ledger))).toMatchObject({ remaining: 6n, repeated: true });
  expect(post(ledger, { close: true })).toMatchObject({ ok: false, code: 'EXISTS_WITH_DIFFERENT_CONTENT' });
  expect(post(ledger, { id: 'p2', parts: [{ to: 'desk', amount: 7n, code: '' }] })).toMatchObject({
    ok: false,
    code: 'HOLD_EXCEEDED',
  });
  const last = {
    id: 'p3',
    close: true,
    parts: [
      { to: 'desk', amount: 1n, code: '' },
      { to: 'network', amount: 0n, code: '' },
    ],
  };
  expect(done(post(ledger, last))).toMatchObject({ remaining: 0n });
  expect(spendable(ledger)).toBe(100n * TAO - 5n);
  expect(post(ledger, { id: 'p4' })).toMatchObject({ ok: false, code: 'HOLD_CLOSED' });
  expect(post(ledger, { id: 'p5', holdId: 'never' })).toMatchObject({ ok: false, code: 'HOLD_UNKNOWN' });
  expectConserved(ledger);
});

test('a hold ends exactly with its block', () => {
  const ledger = newLedger();
  done(hold(ledger, 'h1', 10n, 3));
  produce(ledger, 2);
  expect(spendable(ledger)).toBe(100n * TAO - 10n);
  produce(ledger, 1);
  expect(spendable(ledger)).toBe(100n * TAO);
  expect(post(ledger)).toMatchObject({ ok: false, code: 'HOLD_CLOSED' });
  expect(hold(ledger, 'h2', 10n, 3)).toMatchObject({ ok: false, code: 'HOLD_EXPIRY_PAST' });
});

test('voiding twice is voiding once, and what was never held is told', () => {
  const ledger = newLedger();
  done(hold(ledger, 'h1'));
  expect(done(ledger.decide((state) => voidHold(state, 'h1')))).toMatchObject({ repeated: false });
  expect(done(ledger.decide((state) => voidHold(state, 'h1')))).toMatchObject({ repeated: true });
  expect(ledger.decide((state) => voidHold(state, 'x'))).toMatchObject({ ok: false, code: 'HOLD_UNKNOWN' });
  expect(done(hold(ledger, 'h1'))).toMatchObject({ repeated: true, remaining: 0n });
  expect(spendable(ledger)).toBe(100n * TAO);
});

const anyText = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('a"b', 'a\\b', 'a\tb'));
const anyBlock = fc.nat(Number.MAX_SAFE_INTEGER);
const amount = fc.bigInt();

/** A request of which the text is another one than the canonical; null: there is none. */
function otherText<Request extends object>(
  requests: fc.Arbitrary<Request>,
  textOf: (request: Request) => string,
): readonly [Request] | null {
  return fc.check(fc.property(requests, (request) => textOf(request) === canonicalText(request))).counterexample;
}

test('the text of a transfer is the canonical one', () => {
  const members = { id: anyText, from: anyText, to: anyText, amount, code: anyText, effectiveAtMs: anyBlock };
  const transfers = fc.record(members, { requiredKeys: ['id', 'from', 'to', 'amount', 'code'] });
  expect(otherText(transfers, transferText)).toBeNull();
});

test('so is that of a hold', () => {
  const holds = fc.record({ id: anyText, account: anyText, amount, expiresAtBlock: anyBlock });
  expect(otherText(holds, holdText)).toBeNull();
});

test('and that of a posting', () => {
  const members = { to: anyText, amount, code: anyText, netuid: fc.nat(65_535) };
  const parts = fc.array(fc.record(members, { requiredKeys: ['to', 'amount', 'code'] }));
  const posts = fc.record({ id: anyText, holdId: anyText, close: fc.boolean(), parts });
  expect(otherText(posts, postText)).toBeNull();
});
