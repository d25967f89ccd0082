import { describe, expect, test } from 'vitest';
import { stakeOf } from '#domain/book/account.ts';
import {
  done,
  enroll,
  expectConserved,
  mandateOf,
  newLedger,
  produce,
  put,
  stateText,
  TAO,
} from '#test/ledger-state.ts';
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

test('a wallet registers and stakes on its own hotkey', () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  const wanted: WalletOrder = { type: 'Register', netuid: 1, hotkey: 'h1', maxCost: TAO, attempt: 1, initialStake: 0n };
  expect(done(order(ledger, wanted)).neuron).toMatchObject({ uid: 0, coldkey: 'desk', managedBy: null });
  expect(order(ledger, wanted, { sequence: 2 })).toMatchObject({ ok: false, code: 'ALREADY_REGISTERED' });
  const stake: WalletOrder = { type: 'AddStake', netuid: 1, hotkey: 'h1', amount: 7n };
  done(order(ledger, stake, { sequence: 2 }));
  expect(ledger.book.posted('TAO', stakeOf(1, 'h1', 'desk'))).toBe(7n);
});

describe('stake of a wallet', () => {
  const staked = (): Ledger => {
    const ledger = newLedger();
    done(put(ledger, 'sp500'));
    for (const hotkey of ['h1', 'h2']) done(enroll(ledger, hotkey, { initialStake: 10n * TAO }));
    done(put(ledger, 'gold'));
    done(enroll(ledger, 'h1', { netuid: 2 }));
    return ledger;
  };
  const stakeOn = (ledger: Ledger, hotkey: string, netuid = 1): bigint =>
    ledger.book.posted('TAO', stakeOf(netuid, hotkey, 'desk'));

  test('comes back in part and in whole, and is told of', () => {
    const ledger = staked();
    const before = ledger.book.posted('TAO', 'desk');
    done(order(ledger, { type: 'RemoveStake', netuid: 1, hotkey: 'h1', amount: 4n * TAO }));
    expect(stakeOn(ledger, 'h1')).toBe(6n * TAO);
    done(order(ledger, { type: 'RemoveStake', netuid: 1, hotkey: 'h1', amount: undefined }, { sequence: 2 }));
    expect(stakeOn(ledger, 'h1')).toBe(0n);
    expect(ledger.book.posted('TAO', 'desk')).toBe(before + 10n * TAO);
    const told = ledger.journal.takeEntries().slice(-2);
    expect(told.map(({ kind }) => kind)).toEqual(['StakeChanged', 'OrderRemoveStake']);
    expect(JSON.parse(told[1]?.payloadText ?? '')).toMatchObject({ hotkey: 'h1', amount: '6000000000' });
    expectConserved(ledger);
  });

  test('moves to another neuron of the wallet, in another subnet too', () => {
    const ledger = staked();
    const move = { type: 'MoveStake', netuid: 1, hotkey: 'h1' } as const;
    done(order(ledger, { ...move, toNetuid: 1, toHotkey: 'h2', amount: 3n * TAO }));
    done(order(ledger, { ...move, toNetuid: 2, toHotkey: 'h1', amount: undefined }, { sequence: 2 }));
    expect([stakeOn(ledger, 'h1'), stakeOn(ledger, 'h2'), stakeOn(ledger, 'h1', 2)]).toEqual([0n, 13n * TAO, 7n * TAO]);
    expectConserved(ledger);
  });

  test('of a sealed epoch is what the epoch pays by, whatever is taken off afterwards', () => {
    const ledger = staked();
    const [sealed] = produce(ledger, 10);
    done(order(ledger, { type: 'RemoveStake', netuid: 1, hotkey: 'h1', amount: undefined }));
    expect(sealed?.neurons.map(({ stake }) => stake)).toEqual([10n * TAO, 10n * TAO]);
    expect(ledger.sealed.get('1')?.neurons.map(({ stake }) => stake)).toEqual([10n * TAO, 10n * TAO]);
  });

  test.for<[string, WalletOrder, string, string]>([
    [
      'more than there is',
      { type: 'RemoveStake', netuid: 1, hotkey: 'h1', amount: 11n * TAO },
      'desk',
      'INSUFFICIENT_STAKE',
    ],
    [
      'all but dust',
      { type: 'RemoveStake', netuid: 1, hotkey: 'h1', amount: 10n * TAO - 1n },
      'desk',
      'STAKE_TOO_SMALL',
    ],
    [
      'all of nothing',
      { type: 'RemoveStake', netuid: 2, hotkey: 'h1', amount: undefined },
      'desk',
      'INSUFFICIENT_STAKE',
    ],
    ["another's", { type: 'RemoveStake', netuid: 1, hotkey: 'h1', amount: 1n }, 'owner', 'INSUFFICIENT_STAKE'],
    ['of nobody', { type: 'RemoveStake', netuid: 1, hotkey: 'h9', amount: 1n }, 'desk', 'INSUFFICIENT_STAKE'],
    [
      'to where it is',
      { type: 'MoveStake', netuid: 1, hotkey: 'h1', toNetuid: 1, toHotkey: 'h1', amount: 1n },
      'desk',
      'INVALID_ARGUMENT',
    ],
    [
      'to nobody',
      { type: 'MoveStake', netuid: 1, hotkey: 'h1', toNetuid: 2, toHotkey: 'h2', amount: 1n },
      'desk',
      'NOT_REGISTERED',
    ],
  ])('%s is refused and changes nothing', ([, wanted, signer, code]) => {
    const ledger = staked();
    const before = stateText(ledger);
    expect(order(ledger, wanted, { signer })).toMatchObject({ ok: false, code });
    expect(stateText(ledger)).toBe(before);
  });
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
