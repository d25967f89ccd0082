import { describe, expect, test } from 'vitest';
import { delegatedOf, delegatingOf } from '#domain/book/account.ts';
import {
  causeOf,
  done,
  enroll,
  expectConserved,
  mandateOf,
  newLedger,
  payDividends,
  produce,
  put,
  stateText,
  TAO,
} from '#test/ledger-state.ts';
import { DELEGATION_MIN, delegationsOf } from './delegation.ts';
import type { Ledger } from './ledger.ts';
import { deregister } from './stake.ts';
import { setTake, TAKE_MAX_U16, TAKE_RISES_AFTER_BLOCKS } from './take.ts';
import { changeStake } from './wallet-stake.ts';

const place = { netuid: 1, hotkey: 'v1' };

/** A validator of `desk` with a stake of 60 tokens; `owner` and `shop` have money and no neuron. */
function market(): Ledger {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  done(enroll(ledger, 'v1', { initialStake: 60n * TAO }));
  done(
    ledger.decide((state) =>
      state.book.pay({ asset: 'TAO', from: 'desk', parts: [{ to: 'ann', amount: 500n * TAO }] }),
    ),
  );
  ledger.decide((state) => {
    state.journal.write({ block: state.block, kind: 'Test', payload: {} });
    return { ok: true, value: undefined };
  });
  return ledger;
}

const add = (ledger: Ledger, wallet: string, amount: bigint) =>
  ledger.decide((state) => changeStake(state, wallet, { type: 'AddStake', ...place, amount }));
const remove = (ledger: Ledger, wallet: string, amount?: bigint) =>
  ledger.decide((state) => changeStake(state, wallet, { type: 'RemoveStake', ...place, amount }));
const worth = (ledger: Ledger, wallet: string) => delegationsOf(ledger, wallet)[0];
const sealedStake = (ledger: Ledger) => ledger.sealed.get('1')?.neurons[0];
const pooled = (ledger: Ledger) => ledger.book.posted('TAO', delegatedOf(1, 'v1'));

test('a delegation counts from the next seal on, and the seal says how much of the stake it is', () => {
  const ledger = market();
  done(add(ledger, 'owner', 40n * TAO));
  expect(worth(ledger, 'owner')).toEqual({ ...place, worth: 0n, waiting: 40n * TAO });
  produce(ledger, 10);
  expect(sealedStake(ledger)).toMatchObject({ stake: 100n * TAO, delegated: 40n * TAO, takeU16: TAKE_MAX_U16 });
  expect(worth(ledger, 'owner')).toEqual({ ...place, worth: 40n * TAO, waiting: 0n });
  expectConserved(ledger);
});

test('a seal without delegations is the one that it was before there were any', () => {
  const ledger = market();
  produce(ledger, 10);
  expect(sealedStake(ledger)).not.toHaveProperty('delegated');
  expect(sealedStake(ledger)).not.toHaveProperty('takeU16');
});

test('dividends go on to those who delegated, by stake and without the take; the rest is the owner’s', () => {
  const ledger = market();
  done(add(ledger, 'owner', 30n * TAO));
  done(add(ledger, 'ann', 10n * TAO));
  produce(ledger, 10);
  const before = ledger.book.posted('TAO', 'desk');
  const dividend = payDividends(ledger, 0);
  const part = (dividend * 40n) / 100n;
  const passedOn = part - (part * BigInt(TAKE_MAX_U16)) / 65_535n;
  expect(pooled(ledger)).toBe(40n * TAO + passedOn);
  expect(ledger.book.posted('TAO', 'desk')).toBe(before + dividend - passedOn);
  expect(worth(ledger, 'owner')?.worth).toBe((pooled(ledger) * 3n) / 4n);
  expect(worth(ledger, 'ann')?.worth).toBe(pooled(ledger) / 4n);
  expectConserved(ledger);
});

test('who comes after a seal has no part of what that epoch brings', () => {
  const ledger = market();
  done(add(ledger, 'owner', 40n * TAO));
  produce(ledger, 10);
  done(add(ledger, 'ann', 40n * TAO));
  payDividends(ledger, 0);
  expect(worth(ledger, 'ann')).toMatchObject({ worth: 0n, waiting: 40n * TAO });
  produce(ledger, 10);
  const [mine = 0n, theirs = 0n] = ['ann', 'owner'].map((wallet) => worth(ledger, wallet)?.worth);
  expect([40n * TAO, 40n * TAO - 1n]).toContain(mine); // a rao may stay with those who were there
  expect(theirs).toBeGreaterThan(40n * TAO);
  expect([pooled(ledger), pooled(ledger) - 1n]).toContain(mine + theirs);
});

test('who leaves after a seal leaves what that epoch brings to those who stay, and to the owner where none does', () => {
  const ledger = market();
  for (const wallet of ['owner', 'ann']) done(add(ledger, wallet, 20n * TAO));
  produce(ledger, 10);
  const had = ledger.book.posted('TAO', 'ann');
  expect(done(remove(ledger, 'ann'))).toBe(20n * TAO);
  payDividends(ledger, 0);
  expect(ledger.book.posted('TAO', 'ann')).toBe(had + 20n * TAO);
  expect(worth(ledger, 'owner')?.worth).toBe(pooled(ledger));
  produce(ledger, 10);
  done(remove(ledger, 'owner'));
  const before = ledger.book.posted('TAO', 'desk');
  const dividend = payDividends(ledger, 0);
  expect(ledger.book.posted('TAO', 'desk')).toBe(before + dividend);
  expect(pooled(ledger)).toBe(0n);
  expectConserved(ledger);
});

test('what waits is given back first, to the rao, and nothing is left of who takes all', () => {
  const ledger = market();
  done(add(ledger, 'owner', 40n * TAO));
  produce(ledger, 10);
  payDividends(ledger, 0);
  done(add(ledger, 'owner', 5n * TAO));
  expect(done(remove(ledger, 'owner', 5n * TAO))).toBe(5n * TAO);
  expect(ledger.book.posted('TAO', delegatingOf(1, 'v1'))).toBe(0n);
  const all = worth(ledger, 'owner')?.worth ?? 0n;
  expect(all).toBeGreaterThan(40n * TAO);
  expect(done(remove(ledger, 'owner'))).toBe(all);
  expect([
    pooled(ledger),
    delegationsOf(ledger, 'owner').length,
    ledger.delegations.size,
    ledger.shareRounds.size,
  ]).toEqual([0n, 0, 0, 0]);
  expectConserved(ledger);
});

test('what was delegated to a neuron that is not registered any more comes back, and counts again if it returns', () => {
  const ledger = market();
  for (const wallet of ['owner', 'ann']) done(add(ledger, wallet, 20n * TAO));
  produce(ledger, 10);
  done(ledger.decide((state) => deregister(state, { ...place, mandate: mandateOf('desk'), cause: causeOf('v1') })));
  payDividends(ledger, 0);
  expect(done(remove(ledger, 'ann'))).toBeGreaterThan(20n * TAO);
  expect(add(ledger, 'ann', TAO)).toMatchObject({ ok: false, code: 'NOT_REGISTERED' });
  done(enroll(ledger, 'v1', { attempt: 2 }));
  produce(ledger, 10);
  expect(sealedStake(ledger)?.stake).toBe(worth(ledger, 'owner')?.worth);
  expectConserved(ledger);
});

test('stake moves from a neuron of another to one of the wallet, in one step', () => {
  const ledger = market();
  done(enroll(ledger, 'o1', { coldkey: 'owner', payer: 'owner', mandate: mandateOf('owner') }));
  done(add(ledger, 'owner', 40n * TAO));
  produce(ledger, 10);
  const move = { type: 'MoveStake', ...place, toNetuid: 1, toHotkey: 'o1', amount: 10n * TAO } as const;
  done(ledger.decide((state) => changeStake(state, 'owner', move)));
  expect(worth(ledger, 'owner')?.worth).toBe(30n * TAO);
  payDividends(ledger, 0);
  produce(ledger, 10);
  expect(ledger.sealed.get('1')?.neurons[1]).toMatchObject({ hotkey: 'o1', stake: 10n * TAO });
});

describe('refused, with nothing changed', () => {
  test.for<[string, (ledger: Ledger) => ReturnType<typeof add>, string]>([
    ['less than the least', (ledger) => add(ledger, 'owner', DELEGATION_MIN - 1n), 'STAKE_TOO_SMALL'],
    ['more than the wallet has', (ledger) => add(ledger, 'owner', 10_000n * TAO), 'INSUFFICIENT_FUNDS'],
    ['more than was delegated', (ledger) => remove(ledger, 'owner', 41n * TAO), 'INSUFFICIENT_STAKE'],
    ['of who has not delegated', (ledger) => remove(ledger, 'ann'), 'INSUFFICIENT_STAKE'],
    ['a rest that is too small', (ledger) => remove(ledger, 'owner', 40n * TAO - 1n), 'STAKE_TOO_SMALL'],
  ])('%s', ([, change, code]) => {
    const ledger = market();
    done(add(ledger, 'owner', 40n * TAO));
    produce(ledger, 10);
    const before = stateText(ledger);
    expect(change(ledger)).toMatchObject({ ok: false, code });
    expect(stateText(ledger)).toBe(before);
  });
});

describe('the take', () => {
  const take = (ledger: Ledger, u16: number, owner = 'desk') =>
    ledger.decide((state) => setTake(state, owner, { hotkey: 'v1', u16 }));

  test('falls at any time, counts from the next seal on, and rises only long after its last change', () => {
    const ledger = market();
    done(add(ledger, 'owner', 40n * TAO));
    produce(ledger, 10);
    done(take(ledger, 0));
    expect(sealedStake(ledger)?.takeU16).toBe(TAKE_MAX_U16);
    const dividend = payDividends(ledger, 0);
    expect(pooled(ledger)).toBeLessThan(40n * TAO + (dividend * 40n) / 100n);
    expect(take(ledger, 1)).toMatchObject({ ok: false, code: 'TAKE_RISES_LATER' });
    const network = ledger.network;
    ledger.network = { ...network, block: 10 + TAKE_RISES_AFTER_BLOCKS };
    done(take(ledger, 1));
    expect(take(ledger, 2)).toMatchObject({ ok: false, code: 'TAKE_RISES_LATER' });
    done(take(ledger, 0));
  });

  test('is its owner’s, and 18 % at most', () => {
    const ledger = market();
    expect(take(ledger, 0, 'owner')).toMatchObject({ ok: false, code: 'NOT_OWNER' });
    expect(take(ledger, TAKE_MAX_U16 + 1)).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT' });
    expect(ledger.decide((state) => setTake(state, 'desk', { hotkey: 'v9', u16: 0 }))).toMatchObject({
      ok: false,
      code: 'NOT_REGISTERED',
    });
  });
});
