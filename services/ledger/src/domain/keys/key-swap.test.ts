import { describe, expect, test } from 'vitest';
import { BURNED, delegatedOf, stakeOf } from '#domain/book/account.ts';
import { childrenOf, parentsOf } from '#domain/children/links.ts';
import { DELEGATION_MIN, delegationsOf } from '#domain/economy/delegation.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { openSession } from '#domain/economy/session.ts';
import { takeOf } from '#domain/economy/take.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import {
  done,
  enroll,
  expectConserved,
  mandateOf,
  newLedger,
  orderBy,
  payDividends,
  payNothing,
  produce,
  put,
  skipTo,
  stateText,
  TAO,
  testHashes,
} from '#test/ledger-state.ts';
import { settleDispute } from './settle-dispute.ts';
import { SWAP_DELAY_BLOCKS } from './swap-coldkey.ts';
import { FORMER_HOTKEYS_MAX, SWAP_ALL_COST, SWAP_EVERY_BLOCKS, SWAP_ONE_COST } from './swap-hotkey.ts';

/** `desk` has v1 in subnets 1 and 2, to which `owner` has delegated in the first. */
function market(): Ledger {
  const ledger = newLedger();
  for (const handle of ['sp500', 'gold']) done(put(ledger, handle));
  for (const netuid of [1, 2]) done(enroll(ledger, 'v1', { netuid, initialStake: 60n * TAO }));
  done(enroll(ledger, 'o1', { coldkey: 'owner', payer: 'owner', mandate: mandateOf('owner'), initialStake: TAO }));
  done(orderBy(ledger, 'owner', { type: 'AddStake', netuid: 1, hotkey: 'v1', amount: 30n * TAO }));
  done(orderBy(ledger, 'desk', { type: 'SetTake', hotkey: 'v1', u16: 100 }));
  return ledger;
}

const swap = (ledger: Ledger, change: Partial<Extract<WalletOrder, { type: 'SwapHotkey' }>> = {}, signer = 'desk') =>
  orderBy(ledger, signer, { type: 'SwapHotkey', hotkey: 'v1', newHotkey: 'n1', netuid: 1, ...change });
const has = (ledger: Ledger, account: string) => ledger.book.posted('TAO', account);

describe('a hotkey that follows another', () => {
  test('has its uid, registration, stake, take and delegations; the old one is gone for good', () => {
    const ledger = market();
    const before = ledger.neuronByHotkey(1, 'v1');
    done(swap(ledger));
    expect(ledger.neuronByHotkey(1, 'n1')).toEqual({
      ...before,
      hotkey: 'n1',
      formerHotkeys: [{ hotkey: 'v1', untilBlock: 0 }],
      endpoint: null,
    });
    expect(ledger.neuronByHotkey(1, 'v1')).toBeUndefined();
    expect(ledger.neuronByHotkey(2, 'v1')?.hotkey).toBe('v1');
    expect([has(ledger, stakeOf(1, 'v1', 'desk')), has(ledger, stakeOf(1, 'n1', 'desk'))]).toEqual([0n, 60n * TAO]);
    expect(takeOf(ledger, 'n1')).toBe(100);
    expect(has(ledger, BURNED)).toBe(3n * TAO + SWAP_ONE_COST);
    expect(delegationsOf(ledger, 'owner')).toMatchObject([{ netuid: 1, hotkey: 'n1', waiting: 30n * TAO }]);
    expect(enroll(ledger, 'v1', { attempt: 2 })).toMatchObject({ code: 'KEY_RETIRED' });
    expect(enroll(ledger, 'n1', { coldkey: 'owner', payer: 'owner' })).toMatchObject({ code: 'HOTKEY_OWNED_BY_OTHER' });
    expectConserved(ledger);
  });

  test('is sealed and paid with what was delegated before it, which comes back by either name', () => {
    const ledger = market();
    produce(ledger, 10);
    done(swap(ledger));
    const pool = () => has(ledger, delegatedOf(1, 'v1'));
    payDividends(ledger, 0);
    expect(pool(), 'what is sealed is paid as it was sealed').toBeGreaterThan(30n * TAO);
    expect(delegationsOf(ledger, 'owner')[0]?.worth).toBe(pool());
    produce(ledger, 10);
    expect(ledger.sealed.get('1')?.neurons[0]).toMatchObject({ hotkey: 'n1', stake: 60n * TAO + pool() });
    const took = pool();
    payDividends(ledger, 0);
    expect(pool()).toBeGreaterThan(took);
    const remove = (hotkey: string, amount?: bigint) =>
      orderBy(ledger, 'owner', { type: 'RemoveStake', netuid: 1, hotkey, amount });
    done(remove('v1', DELEGATION_MIN));
    done(orderBy(ledger, 'owner', { type: 'AddStake', netuid: 1, hotkey: 'n1', amount: DELEGATION_MIN }));
    done(remove('n1'));
    expect([pool(), delegationsOf(ledger, 'owner')]).toEqual([0n, []]);
    expectConserved(ledger);
  });

  test('follows everywhere at once where no subnet is named, and a third one follows it', () => {
    const ledger = market();
    const burned = has(ledger, BURNED);
    done(swap(ledger, { netuid: undefined }));
    expect([1, 2].map((netuid) => ledger.neuronByHotkey(netuid, 'n1')?.uid)).toEqual([0, 0]);
    expect(has(ledger, BURNED) - burned).toBe(SWAP_ALL_COST);
    done(swap(ledger, { hotkey: 'n1', newHotkey: 'n2', netuid: undefined }));
    expect(delegationsOf(ledger, 'owner')[0]?.hotkey).toBe('n2');
    produce(ledger, 10);
    expect(ledger.sealed.get('1')?.neurons[0]?.formerHotkeys?.map(({ hotkey }) => hotkey)).toEqual(['v1', 'n1']);
    for (const old of ['v1', 'n1']) expect(enroll(ledger, old, { attempt: 2 })).toMatchObject({ code: 'KEY_RETIRED' });
    expectConserved(ledger);
  });

  test('is one of so many at most in one registration', () => {
    const ledger = market();
    const names = ['v1', ...Array.from({ length: FORMER_HOTKEYS_MAX + 1 }, (_, at) => `n${at}`)];
    const follow = (at: number) => swap(ledger, { hotkey: names[at]!, newHotkey: names[at + 1]!, netuid: undefined });
    for (let at = 0; at < FORMER_HOTKEYS_MAX; at += 1) done(follow(at));
    expect(follow(FORMER_HOTKEYS_MAX)).toMatchObject({ code: 'KEY_RETIRED' });
  });

  test('keeps parents and children, whether in force or waiting', () => {
    const ledger = market();
    done(enroll(ledger, 'v3', { initialStake: TAO }));
    const give = (hotkey: string, child: string) =>
      orderBy(ledger, 'desk', {
        type: 'SetChildren',
        netuid: 1,
        hotkey,
        children: [{ hotkey: child, proportion: 5n }],
      });
    done(give('v3', 'v1'));
    done(swap(ledger));
    skipTo(ledger, 8000);
    produce(ledger, 1);
    payNothing(ledger);
    expect(childrenOf(ledger, 1, 'v3')).toEqual([{ hotkey: 'n1', proportion: 5n }]);
    done(swap(ledger, { hotkey: 'v3', newHotkey: 'n3' }));
    expect(parentsOf(ledger, 1, 'n1')).toEqual([{ hotkey: 'n3', proportion: 5n }]);
    expect([childrenOf(ledger, 1, 'n3'), childrenOf(ledger, 1, 'v3')]).toEqual([
      [{ hotkey: 'n1', proportion: 5n }],
      [],
    ]);
  });

  test.each<[string, Parameters<typeof swap>[1], string, string]>([
    ['another’s hotkey', {}, 'owner', 'NOT_OWNER'],
    ['a hotkey that is nowhere', { hotkey: 'zz' }, 'desk', 'NOT_REGISTERED'],
    ['a subnet where it is not', { netuid: 3 }, 'desk', 'NOT_REGISTERED'],
    ['one of another owner as its follower', { newHotkey: 'o1' }, 'desk', 'HOTKEY_OWNED_BY_OTHER'],
    ['itself as its follower', { newHotkey: 'v1' }, 'desk', 'INVALID_ARGUMENT'],
  ])('%s is refused', (_name, change, signer, code) => {
    const ledger = market();
    const before = stateText(ledger);
    expect(swap(ledger, change, signer)).toMatchObject({ ok: false, code });
    expect(stateText(ledger)).toBe(before);
  });

  test('one coldkey swaps once in so many blocks in a subnet, and not onto a key that was there before', () => {
    const ledger = market();
    done(enroll(ledger, 'v3'));
    expect(swap(ledger, { newHotkey: 'v3' })).toMatchObject({ code: 'KEY_IN_USE' });
    done(swap(ledger));
    expect(swap(ledger, { hotkey: 'v3', newHotkey: 'n3' })).toMatchObject({ code: 'KEY_SWAP_EARLY' });
    done(swap(ledger, { netuid: 2, newHotkey: 'n3' }));
    skipTo(ledger, SWAP_EVERY_BLOCKS);
    expect(swap(ledger, { hotkey: 'v3', newHotkey: 'v1' })).toMatchObject({ code: 'KEY_IN_USE' });
    done(swap(ledger, { hotkey: 'v3', newHotkey: 'n4' }));
  });
});

describe('a coldkey that follows another', () => {
  const announce = (ledger: Ledger, to = 'vault') =>
    orderBy(ledger, 'desk', { type: 'AnnounceColdkeySwap', newColdkeySha256: testHashes.text(to) });
  const complete = (ledger: Ledger, to = 'vault') => orderBy(ledger, 'desk', { type: 'SwapColdkey', newColdkey: to });
  const dispute = (ledger: Ledger) => orderBy(ledger, 'desk', { type: 'DisputeColdkeySwap' });

  test('takes over money, stake, delegations, hotkeys and subnets, after the delay', () => {
    const ledger = market();
    done(orderBy(ledger, 'owner', { type: 'AnnounceColdkeySwap', newColdkeySha256: testHashes.text('vault') }));
    const early = orderBy(ledger, 'owner', { type: 'SwapColdkey', newColdkey: 'vault' });
    expect(early).toMatchObject({ code: 'KEY_SWAP_EARLY' });
    skipTo(ledger, SWAP_DELAY_BLOCKS);
    const money = has(ledger, 'owner');
    done(orderBy(ledger, 'owner', { type: 'SwapColdkey', newColdkey: 'vault' }));
    expect([has(ledger, 'owner'), has(ledger, 'vault')]).toEqual([0n, money]);
    expect(ledger.subnet(1)?.owner).toBe('vault');
    expect([ledger.hotkeys.get('o1'), ledger.neuronByHotkey(1, 'o1')?.coldkey]).toEqual(['vault', 'vault']);
    expect([has(ledger, stakeOf(1, 'o1', 'owner')), has(ledger, stakeOf(1, 'o1', 'vault'))]).toEqual([0n, TAO]);
    expect([delegationsOf(ledger, 'owner').length, delegationsOf(ledger, 'vault')[0]?.waiting]).toEqual([0, 30n * TAO]);
    done(orderBy(ledger, 'vault', { type: 'RemoveStake', netuid: 1, hotkey: 'v1', amount: undefined }));
    expect(has(ledger, 'vault')).toBe(money + 30n * TAO);
    expectConserved(ledger);
  });

  test('what is sealed is paid as it was sealed, to the old key', () => {
    const ledger = market();
    done(announce(ledger));
    skipTo(ledger, SWAP_DELAY_BLOCKS - 1);
    produce(ledger, 1);
    done(complete(ledger));
    const dividend = payDividends(ledger, 0);
    expect(has(ledger, 'desk')).toBe(dividend - (has(ledger, delegatedOf(1, 'v1')) - 30n * TAO));
    expectConserved(ledger);
  });

  test('meanwhile the old one can do nothing but swap and dispute', () => {
    const ledger = market();
    done(announce(ledger));
    const barred = { ok: false, code: 'KEY_SWAP_PENDING' };
    expect(orderBy(ledger, 'desk', { type: 'Transfer', to: 'ann', amount: 1n })).toMatchObject(barred);
    expect(swap(ledger)).toMatchObject(barred);
    expect(enroll(ledger, 'h9')).toMatchObject(barred);
    const grant = {
      id: 's',
      wallet: 'desk',
      publicKey: '',
      scopes: [],
      maxPerOrder: 1n,
      maxTotal: 1n,
      expiresAtBlock: 9,
    };
    expect(ledger.decide((state) => openSession(state, grant))).toMatchObject(barred);
    expect(announce(ledger, 'other')).toMatchObject(barred);
    expect(complete(ledger, 'thief')).toMatchObject({ code: 'KEY_SWAP_EARLY' });
    skipTo(ledger, SWAP_DELAY_BLOCKS);
    expect(complete(ledger, 'thief')).toMatchObject({ code: 'INVALID_ARGUMENT' });
    skipTo(ledger, SWAP_DELAY_BLOCKS + 7200);
    done(announce(ledger, 'other'));
    expect(complete(ledger, 'other')).toMatchObject({ code: 'KEY_SWAP_EARLY' });
  });

  test('a dispute freezes both, until it is settled', () => {
    const ledger = market();
    expect(dispute(ledger)).toMatchObject({ code: 'KEY_SWAP_UNKNOWN' });
    done(announce(ledger));
    done(dispute(ledger));
    skipTo(ledger, SWAP_DELAY_BLOCKS + 7200);
    const frozen = { ok: false, code: 'KEY_SWAP_DISPUTED' };
    for (const order of [() => complete(ledger), () => announce(ledger), () => dispute(ledger)]) {
      expect(order()).toMatchObject(frozen);
    }
    expect(orderBy(ledger, 'desk', { type: 'Transfer', to: 'ann', amount: 1n })).toMatchObject(frozen);
    done(ledger.decide((state) => settleDispute(state, 'desk')));
    done(orderBy(ledger, 'desk', { type: 'Transfer', to: 'ann', amount: 1n }));
    expect(complete(ledger)).toMatchObject({ code: 'KEY_SWAP_UNKNOWN' });
  });

  test.each([
    ['owns hotkeys or a subnet', 'owner'],
    ['is a hotkey', 'v1'],
  ])('one that %s follows nobody', (_name, to) => {
    const ledger = market();
    done(announce(ledger, to));
    skipTo(ledger, SWAP_DELAY_BLOCKS);
    const before = stateText(ledger);
    expect(complete(ledger, to)).toMatchObject({ code: 'KEY_IN_USE' });
    expect(stateText(ledger)).toBe(before);
  });
});
