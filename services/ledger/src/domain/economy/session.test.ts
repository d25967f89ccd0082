import { expect, test } from 'vitest';
import { done, enroll, expectConserved, newLedger, produce, put, TAO } from '#test/ledger-state.ts';
import type { Ledger } from './ledger.ts';
import {
  carryOutBatch,
  openSession,
  revokeSession,
  type SessionGrant,
  type SessionOrder,
  SESSIONS_MAX,
  type SignedBatch,
} from './session.ts';

const grant: SessionGrant = {
  id: 's1',
  wallet: 'desk',
  publicKey: 'ab'.repeat(32),
  scopes: ['Fund', 'Stake'],
  maxPerOrder: 100n,
  maxTotal: 250n,
  expiresAtBlock: 20,
};
const fund = (amount: bigint, to = 'billing:shop'): SessionOrder => ({ type: 'Transfer', to, amount, code: 'top-up' });
const open = (ledger: Ledger, change: Partial<SessionGrant> = {}) =>
  ledger.decide((state) => openSession(state, { ...grant, ...change }));
const submit = (ledger: Ledger, sequence: number, orders: readonly SessionOrder[], change: Partial<SignedBatch> = {}) =>
  ledger.decide((state) =>
    carryOutBatch(state, { wallet: 'desk', sessionId: 's1', sequence, expiresAtBlock: 30, orders, ...change }),
  );
const refused = (code: string, field?: string) =>
  expect.objectContaining({ ok: false, code, ...(field === undefined ? {} : { field }) });

test('a batch happens whole or not at all, and one that does not uses nothing up', () => {
  const ledger = newLedger();
  done(open(ledger));
  const before = ledger.book.posted('TAO', 'billing:shop');
  expect(submit(ledger, 1, [fund(100n), fund(101n)])).toEqual(refused('SESSION_LIMIT', 'orders[1]'));
  expect(submit(ledger, 1, [fund(100n), fund(100n), fund(51n)])).toEqual(refused('SESSION_EXHAUSTED', 'orders[2]'));
  expect(ledger.book.posted('TAO', 'billing:shop')).toBe(before);
  const first = ledger.journal.head.sequence + 1;
  expect(done(submit(ledger, 1, [fund(100n), fund(50n)]))).toEqual({
    firstSequence: first,
    lastSequence: first + 1,
    used: 150n,
  });
  expect(submit(ledger, 1, [fund(1n)])).toEqual(refused('ENVELOPE_REPLAYED'));
  done(submit(ledger, 9, [fund(100n)]));
  expect(submit(ledger, 8, [fund(0n)])).toEqual(refused('ENVELOPE_REPLAYED'));
  expect(submit(ledger, 10, [fund(1n)])).toEqual(refused('SESSION_EXHAUSTED'));
  expectConserved(ledger);
});

test.for<readonly [string, readonly SessionOrder[], string]>([
  ['a payment to a wallet, which Fund does not allow', [fund(1n, 'owner')], 'SESSION_SCOPE'],
  ['nothing', [fund(0n)], 'INVALID_ARGUMENT'],
  ['a negative amount', [fund(-1n)], 'INVALID_ARGUMENT'],
  ['no orders', [], 'INVALID_ARGUMENT'],
  ['too many orders', Array.from({ length: 257 }, () => fund(1n)), 'INVALID_ARGUMENT'],
  ['stake on nobody', [{ type: 'AddStake', netuid: 1, hotkey: 'h9', amount: 1n }], 'NOT_REGISTERED'],
])('%s is refused', ([, orders, code]) => {
  const ledger = newLedger();
  done(open(ledger));
  expect(submit(ledger, 1, orders)).toEqual(refused(code));
});

test("a session stakes on its wallet's neurons, and on no other's", () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  done(enroll(ledger, 'h1'));
  done(open(ledger));
  const stake: SessionOrder = { type: 'AddStake', netuid: 1, hotkey: 'h1', amount: 7n };
  done(submit(ledger, 1, [stake]));
  expect(ledger.book.posted('TAO', 'stake:1:h1:desk')).toBe(7n);
  done(open(ledger, { wallet: 'owner' }));
  expect(submit(ledger, 1, [stake], { wallet: 'owner' })).toEqual(refused('NOT_OWNER'));
});

test('what a wallet has not is not spent, whatever the session allows', () => {
  const ledger = newLedger();
  done(open(ledger, { maxPerOrder: 10n ** 20n, maxTotal: 10n ** 21n }));
  expect(submit(ledger, 1, [fund(10_001n * TAO)])).toEqual(refused('INSUFFICIENT_FUNDS'));
});

test('a session ends with its block and by its wallet, and nobody else touches it', () => {
  const ledger = newLedger();
  done(open(ledger));
  expect(submit(ledger, 1, [fund(1n)], { wallet: 'owner' })).toEqual(refused('SESSION_UNKNOWN'));
  ledger.decide((state) => {
    revokeSession(state, 'owner', 's1');
    return { ok: true, value: undefined };
  });
  done(submit(ledger, 1, [fund(1n)]));
  expect(submit(ledger, 2, [fund(1n)], { expiresAtBlock: -1 })).toEqual(refused('ENVELOPE_EXPIRED'));
  produce(ledger, 20);
  done(submit(ledger, 2, [fund(1n)]));
  produce(ledger, 1);
  expect(submit(ledger, 3, [fund(1n)])).toEqual(refused('SESSION_EXPIRED'));
  expect(open(ledger, { id: 's2', expiresAtBlock: 20 })).toEqual(refused('SESSION_EXPIRED'));
});

test('opening again gives nothing anew, and a revoked session stays closed', () => {
  const ledger = newLedger();
  done(open(ledger));
  done(submit(ledger, 4, [fund(100n)]));
  expect(done(open(ledger))).toMatchObject({ used: 100n, sequence: 4 });
  for (const id of ['s1', 'never-opened']) {
    ledger.decide((state) => {
      revokeSession(state, 'desk', id);
      return { ok: true, value: undefined };
    });
    expect(open(ledger, { id })).toEqual(refused('SESSION_REVOKED'));
  }
  expect(submit(ledger, 5, [fund(1n)])).toEqual(refused('SESSION_REVOKED'));
});

test('sessions of a wallet are limited, and ended ones make room and leave nothing', () => {
  const ledger = newLedger();
  for (let at = 0; at < SESSIONS_MAX; at += 1) done(open(ledger, { id: `s${at}`, expiresAtBlock: at < 3 ? 5 : 20 }));
  expect(open(ledger, { id: 'more' })).toEqual(refused('SESSION_COUNT'));
  produce(ledger, 6);
  done(open(ledger, { id: 'more' }));
  expect(ledger.sessions.size).toBe(SESSIONS_MAX - 2);
  expect(ledger.sessionLists.get('desk')).toHaveLength(SESSIONS_MAX - 2);
  expect(open(ledger, { wallet: 'nobody' })).toEqual(refused('INSUFFICIENT_FUNDS'));
});
