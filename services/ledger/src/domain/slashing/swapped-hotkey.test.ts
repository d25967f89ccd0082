import { describe, expect, test } from 'vitest';
import { delegatedOf, unbondingOf } from '#domain/book/account.ts';
import { delegationsOf } from '#domain/economy/delegation.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { deregister } from '#domain/economy/stake.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import { autoStakesOf } from '#domain/unbonding/auto-stake.ts';
import { causeOf, done, expectConserved, mandateOf, payDividends, produce, TAO } from '#test/ledger-state.ts';
import {
  DISPUTE,
  doubleSigning,
  order,
  ownStake,
  passEpoch,
  pooled,
  posted,
  report,
  slashingMarket,
  slashOf,
  UNBONDING,
} from '#test/slashing-market.ts';
import { listSlashes } from './decide.ts';

const at = (hotkey: string) => ({ netuid: 1, hotkey });
const add = (hotkey: string, amount: bigint): WalletOrder => ({ type: 'AddStake', ...at(hotkey), amount });
const remove = (hotkey: string, amount?: bigint): WalletOrder => ({ type: 'RemoveStake', ...at(hotkey), amount });
const swap = (ledger: Ledger) =>
  done(order(ledger, 'desk', { type: 'SwapHotkey', hotkey: 'v1', newHotkey: 'n1', netuid: 1 }));
const seal = (ledger: Ledger): void => {
  while (produce(ledger, 1).every(({ netuid }) => netuid !== 1));
};

/** 100 tokens of the owner, 60 of ann and 40 of bob on v1. */
function delegated(): Ledger {
  const ledger = slashingMarket();
  done(order(ledger, 'ann', add('v1', 60n * TAO)));
  done(order(ledger, 'bob', add('v1', 40n * TAO)));
  passEpoch(ledger);
  return ledger;
}

describe('a hotkey swap does not outrun a slash', () => {
  test.for(['v1', 'n1'])('a report that names %s reaches the same stake as without the swap', (named) => {
    const [plain, swapped] = [delegated(), delegated()];
    const pair = doubleSigning(plain);
    swap(swapped);
    const { slash } = done(report(swapped, { ...pair, hotkey: named }));
    expect(slash).toEqual(done(report(plain, pair)).slash);
    for (const other of ['v1', 'n1']) {
      expect(report(swapped, { ...pair, hotkey: other })).toMatchObject({ code: 'OFFENCE_KNOWN' });
      expect(listSlashes(swapped, { netuid: 1, hotkey: other, openOnly: true })).toEqual([slash]);
      expect(order(swapped, 'eve', add(other, TAO))).toMatchObject({ ok: false });
    }
    for (const ledger of [plain, swapped]) produce(ledger, DISPUTE + 1);
    expect(slashOf(swapped, slash.id)).toEqual(slashOf(plain, slash.id));
    expect([ownStake(swapped, 'n1'), pooled(swapped, 'v1')]).toEqual([ownStake(plain, 'v1'), pooled(plain, 'v1')]);
    expect(ownStake(swapped, 'n1')).toBe(90n * TAO);
    expectConserved(swapped);
  });

  test('a swap after the report changes nothing either, and its owner still disputes it', () => {
    const ledger = delegated();
    const { slash } = done(report(ledger));
    swap(ledger);
    done(order(ledger, 'desk', { type: 'DisputeSlash', slashId: slash.id, statement: 'it was not' }));
    for (const arbiter of ['arb1', 'arb2']) {
      done(order(ledger, arbiter, { type: 'VoteSlash', slashId: slash.id, upholds: true }));
    }
    produce(ledger, UNBONDING);
    expect(slashOf(ledger, slash.id)).toMatchObject({ status: 'Executed', taken: 20n * TAO });
    expect(ownStake(ledger, 'n1')).toBe(90n * TAO);
  });

  test('what left before it and after it is reached, of owner and delegators, and is released to them', () => {
    const ledger = delegated();
    const pair = doubleSigning(ledger);
    done(order(ledger, 'ann', remove('v1', 20n * TAO)));
    done(order(ledger, 'desk', remove('v1', 10n * TAO)));
    swap(ledger);
    done(order(ledger, 'ann', remove('n1', 20n * TAO)));
    done(order(ledger, 'bob', remove('v1', 20n * TAO)));
    done(order(ledger, 'desk', remove('n1', 20n * TAO)));
    expect(posted(ledger, unbondingOf(1, 'v1'))).toBe(90n * TAO);
    const { slash } = done(report(ledger, pair));
    expect(slash.base).toBe(200n * TAO);
    produce(ledger, DISPUTE + 1);
    expect(posted(ledger, unbondingOf(1, 'v1'))).toBe(81n * TAO);
    const before = posted(ledger, 'ann');
    produce(ledger, UNBONDING);
    expect(posted(ledger, 'ann') - before).toBe(36n * TAO);
    expect([posted(ledger, unbondingOf(1, 'v1')), posted(ledger, unbondingOf(1, 'n1'))]).toEqual([0n, 0n]);
    expectConserved(ledger);
  });

  test('what moved from it is reached where it is, under the name that the neuron there has by then', () => {
    const ledger = delegated();
    const pair = doubleSigning(ledger);
    swap(ledger);
    const all = { amount: undefined, netuid: 1, toNetuid: 1 };
    done(order(ledger, 'ann', { type: 'MoveStake', ...all, hotkey: 'n1', toHotkey: 'v2' }));
    done(order(ledger, 'desk', { type: 'MoveStake', ...all, amount: 40n * TAO, hotkey: 'n1', toHotkey: 'v2' }));
    done(order(ledger, 'desk', { type: 'SwapHotkey', hotkey: 'v2', newHotkey: 'n2', netuid: undefined }));
    const on = { type: 'MoveStake', ...all, hotkey: 'n2', toHotkey: 'n1' } as const;
    expect(order(ledger, 'ann', on)).toMatchObject({ code: 'MOVES_ON_LATER' });
    const { slash } = done(report(ledger, { ...pair, hotkey: 'n1' }));
    produce(ledger, DISPUTE + 1);
    expect(slashOf(ledger, slash.id)).toMatchObject({ base: 200n * TAO, taken: 20n * TAO });
    const [anns] = delegationsOf(ledger, 'ann');
    expect([anns?.hotkey, (anns?.worth ?? 0n) + (anns?.waiting ?? 0n)]).toEqual(['n2', 54n * TAO]);
    expect([ownStake(ledger, 'n1'), ownStake(ledger, 'n2')]).toEqual([54n * TAO, 136n * TAO]);
    expectConserved(ledger);
  });

  test('nothing moves from a neuron to itself under its other name', () => {
    const ledger = delegated();
    swap(ledger);
    const itself = { type: 'MoveStake', ...at('v1'), toNetuid: 1, toHotkey: 'n1', amount: undefined } as const;
    expect(order(ledger, 'ann', itself)).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT' });
  });

  test.for(['v1', 'n1'])('its end does not put the registration out of reach of a report that names %s', (named) => {
    const ledger = delegated();
    const pair = doubleSigning(ledger);
    swap(ledger);
    const end = { ...at('n1'), mandate: mandateOf('desk'), cause: causeOf('v1') };
    done(ledger.decide((state) => deregister(state, end)));
    expect(done(report(ledger, { ...pair, hotkey: named })).slash.base).toBe(200n * TAO);
    produce(ledger, DISPUTE + 1);
    expect(posted(ledger, unbondingOf(1, 'v1'))).toBe(90n * TAO);
    expectConserved(ledger);
  });
});

describe('after a hotkey swap', () => {
  test('what was unbonding is put on again at the hotkey of now', () => {
    const ledger = delegated();
    done(order(ledger, 'desk', remove('v1', 30n * TAO)));
    done(order(ledger, 'ann', remove('v1', 30n * TAO)));
    swap(ledger);
    const [own, anns] = [...ledger.unbondings.values()];
    done(order(ledger, 'desk', { type: 'Rebond', unbondingId: own?.id ?? 0, amount: undefined }));
    done(order(ledger, 'ann', { type: 'Rebond', unbondingId: anns?.id ?? 0, amount: undefined }));
    expect([ownStake(ledger, 'n1'), posted(ledger, unbondingOf(1, 'v1'))]).toEqual([100n * TAO, 0n]);
    expect(delegationsOf(ledger, 'ann')).toMatchObject([{ hotkey: 'n1', worth: 30n * TAO, waiting: 30n * TAO }]);
    expectConserved(ledger);
  });

  test('earnings go on being staked, of the epoch that was sealed before it too, until the registration ends', () => {
    const ledger = slashingMarket();
    done(order(ledger, 'desk', { type: 'SetAutoStake', ...at('v1'), isOn: true }));
    seal(ledger);
    swap(ledger);
    const first = payDividends(ledger, 0);
    expect(ownStake(ledger, 'n1')).toBe(100n * TAO + first);
    expect(autoStakesOf(ledger, 'desk')).toEqual([at('n1')]);
    seal(ledger);
    const second = payDividends(ledger, 0);
    expect(ownStake(ledger, 'n1')).toBe(100n * TAO + first + second);
    expect(posted(ledger, delegatedOf(1, 'n1'))).toBe(0n);
    const end = { ...at('n1'), mandate: mandateOf('desk'), cause: causeOf('v1') };
    done(ledger.decide((state) => deregister(state, end)));
    expect(ledger.autoStakes.size).toBe(0);
    expectConserved(ledger);
  });
});
