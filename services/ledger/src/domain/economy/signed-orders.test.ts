import { expect, test } from 'vitest';
import { done, enroll, mandateOf, newLedger, produce, put, TAO } from '#test/ledger-state.ts';
import { announce, type Announcement } from './announce.ts';
import type { Ledger } from './ledger.ts';
import { carryOut, type WalletOrder } from './wallet-order.ts';

const order = (ledger: Ledger, wanted: WalletOrder, change: object = {}) =>
  ledger.decide((state) =>
    carryOut(state, { signer: 'desk', sequence: 1, expiresAtBlock: 100, order: wanted, ...change }),
  );

const transfer: WalletOrder = { type: 'Transfer', to: 'owner', amount: 5n };

test('an order is carried out once', () => {
  const ledger = newLedger();
  done(order(ledger, transfer));
  expect(order(ledger, transfer)).toMatchObject({ ok: false, code: 'ENVELOPE_REPLAYED' });
  expect(order(ledger, transfer, { sequence: 0 })).toMatchObject({ ok: false, code: 'ENVELOPE_REPLAYED' });
  done(order(ledger, transfer, { sequence: 2 }));
  expect(ledger.book.posted('TAO', 'owner')).toBe(1000n * TAO + 10n);
});

test('an order that was refused did not use its sequence', () => {
  const ledger = newLedger();
  expect(order(ledger, { ...transfer, amount: 10n ** 20n })).toMatchObject({ ok: false, code: 'INSUFFICIENT_FUNDS' });
  done(order(ledger, transfer));
});

test('an order is over after its last block', () => {
  const ledger = newLedger();
  produce(ledger, 3);
  expect(order(ledger, transfer, { expiresAtBlock: 2 })).toMatchObject({ ok: false, code: 'ENVELOPE_EXPIRED' });
  done(order(ledger, transfer, { expiresAtBlock: 3 }));
});

test('a wallet registers, stakes on its own hotkey and on no other', () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  const wanted: WalletOrder = { type: 'Register', netuid: 1, hotkey: 'h1', maxCost: TAO, attempt: 1, initialStake: 0n };
  expect(done(order(ledger, wanted)).neuron).toMatchObject({ uid: 0, coldkey: 'desk', managedBy: null });
  expect(order(ledger, wanted, { sequence: 2 })).toMatchObject({ ok: false, code: 'ALREADY_REGISTERED' });
  const stake: WalletOrder = { type: 'AddStake', netuid: 1, hotkey: 'h1', amount: 7n };
  done(order(ledger, stake, { sequence: 2 }));
  expect(order(ledger, stake, { signer: 'owner' })).toMatchObject({ ok: false, code: 'NOT_OWNER' });
});

test('a revoked mandate allows nothing more, and nobody revokes another one', () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  const revoke: WalletOrder = { type: 'RevokeMandate', mandateSha256: mandateOf('desk').sha256 };
  done(order(ledger, revoke, { signer: 'owner' }));
  done(enroll(ledger, 'h1'));
  done(order(ledger, revoke));
  expect(enroll(ledger, 'h2')).toMatchObject({ ok: false, code: 'MANDATE_REVOKED' });
});

const announcementOf = (ledger: Ledger, change: Partial<Announcement> = {}): Announcement => ({
  netuid: 1,
  hotkey: 'h1',
  registrationId: ledger.neuronByHotkey(1, 'h1')?.registrationId ?? '',
  urls: ['https://garch.finance.svc:8443'],
  spkiSha256: 'c'.repeat(64),
  protocols: ['kserve-v2-rest', 'kserve-v2-grpc'],
  sequence: 5,
  expiresAtBlock: 1000,
  announcement: 'signed bytes',
  ...change,
});

function announced(change: Partial<Announcement>) {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  done(enroll(ledger, 'h1'));
  done(ledger.decide((state) => announce(state, announcementOf(ledger))));
  return ledger.decide((state) => announce(state, announcementOf(ledger, { announcement: 'other bytes', ...change })));
}

test('an announcement with a higher sequence stands, the same bytes are a retry', () => {
  expect(done(announced({ sequence: 6, urls: ['https://10.0.0.1:1'] })).endpoint?.urls).toEqual(['https://10.0.0.1:1']);
  expect(done(announced({ announcement: 'signed bytes' })).endpoint?.sequence).toBe(5);
});

test.for<readonly [string, Partial<Announcement>, string]>([
  ['a replayed sequence', { sequence: 5 }, 'ENVELOPE_REPLAYED'],
  ['a lower sequence', { sequence: 4 }, 'ENVELOPE_REPLAYED'],
  ['one that has ended', { sequence: 6, expiresAtBlock: 0 }, 'ENVELOPE_EXPIRED'],
  ['one that lives too long', { sequence: 6, expiresAtBlock: 60_000 }, 'INVALID_ARGUMENT'],
  ['an earlier registration', { sequence: 6, registrationId: 'f'.repeat(64) }, 'NOT_REGISTERED'],
  ['plain http', { sequence: 6, urls: ['http://a:1'] }, 'INVALID_ARGUMENT'],
  ['a path', { sequence: 6, urls: ['https://a:1/x'] }, 'INVALID_ARGUMENT'],
  ['a user in the address', { sequence: 6, urls: ['https://u@a:1'] }, 'INVALID_ARGUMENT'],
  ['no address', { sequence: 6, urls: [] }, 'INVALID_ARGUMENT'],
  ['too many addresses', { sequence: 6, urls: Array.from({ length: 5 }, () => 'https://a:1') }, 'INVALID_ARGUMENT'],
  ['an unknown protocol', { sequence: 6, protocols: ['smtp'] }, 'INVALID_ARGUMENT'],
])('%s is refused in an announcement', ([, change, code]) => {
  expect(announced(change)).toMatchObject({ ok: false, code });
});
