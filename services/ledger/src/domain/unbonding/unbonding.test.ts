import { describe, expect, test } from 'vitest';
import { unbondingOf } from '#domain/book/account.ts';
import { delegationsOf } from '#domain/economy/delegation.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { deregister } from '#domain/economy/stake.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import {
  causeOf,
  done,
  expectConserved,
  mandateOf,
  payDividends,
  produce,
  stateText,
  TAO,
  testGenesis,
} from '#test/ledger-state.ts';
import { order, ownStake, passEpoch, posted, slashingMarket, UNBONDING, V1, V2 } from '#test/slashing-market.ts';
import { UNBONDINGS_MAX } from './leave-stake.ts';
import { RELEASES_MAX } from './release.ts';

const remove = (amount?: bigint): WalletOrder => ({ type: 'RemoveStake', ...V1, amount });
const add = (amount: bigint): WalletOrder => ({ type: 'AddStake', ...V1, amount });
const move = (amount?: bigint, to = V2): WalletOrder => ({
  type: 'MoveStake',
  ...V1,
  toNetuid: to.netuid,
  toHotkey: to.hotkey,
  amount,
});
const rows = (ledger: Ledger) => [...ledger.unbondings.values()];
const held = (ledger: Ledger) => posted(ledger, unbondingOf(1, 'v1'));

describe('stake that is taken off', () => {
  test('leaves at once where the network has no delay', () => {
    const ledger = slashingMarket(testGenesis);
    const before = posted(ledger, 'desk');
    done(order(ledger, 'desk', remove(10n * TAO)));
    expect([posted(ledger, 'desk') - before, rows(ledger).length]).toEqual([10n * TAO, 0]);
  });

  test('of its owner is released at its block, not before, and counts no more meanwhile', () => {
    const ledger = slashingMarket();
    const before = posted(ledger, 'desk');
    done(order(ledger, 'desk', remove(10n * TAO)));
    expect([ownStake(ledger, 'v1'), held(ledger), posted(ledger, 'desk')]).toEqual([90n * TAO, 10n * TAO, before]);
    produce(ledger, UNBONDING - 1);
    expect([held(ledger), posted(ledger, 'desk')]).toEqual([10n * TAO, before]);
    produce(ledger, 1);
    expect([held(ledger), posted(ledger, 'desk'), rows(ledger)]).toEqual([0n, before + 10n * TAO, []]);
    expectConserved(ledger);
  });

  test('and was delegated takes the same way; what never counted is back at once', () => {
    const ledger = slashingMarket();
    done(order(ledger, 'ann', add(20n * TAO)));
    passEpoch(ledger);
    done(order(ledger, 'ann', add(5n * TAO)));
    done(order(ledger, 'ann', remove(15n * TAO)));
    expect([held(ledger), posted(ledger, 'ann')]).toEqual([10n * TAO, 480n * TAO]);
    produce(ledger, UNBONDING);
    expect([held(ledger), posted(ledger, 'ann')]).toEqual([0n, 490n * TAO]);
    expectConserved(ledger);
  });

  test('with a registration that ends takes the same way, however much is under way', () => {
    const ledger = slashingMarket();
    for (let at = 0; at < UNBONDINGS_MAX; at += 1) done(order(ledger, 'desk', remove(TAO / 2n)));
    expect(order(ledger, 'desk', remove(TAO))).toMatchObject({ ok: false, code: 'UNBONDING_COUNT' });
    const before = posted(ledger, 'desk');
    const cause = causeOf('v1');
    done(ledger.decide((state) => deregister(state, { ...V1, mandate: mandateOf('desk'), cause })));
    expect([posted(ledger, 'desk'), held(ledger)]).toEqual([before, 100n * TAO]);
    produce(ledger, UNBONDING);
    expect([posted(ledger, 'desk'), held(ledger)]).toEqual([before + 100n * TAO, 0n]);
  });

  test('leaves no dust, and all of it can always go', () => {
    const ledger = slashingMarket();
    expect(order(ledger, 'desk', remove(100n * TAO - 1n))).toMatchObject({ ok: false, code: 'STAKE_TOO_SMALL' });
    done(order(ledger, 'desk', remove()));
    expect(ownStake(ledger, 'v1')).toBe(0n);
  });

  test('more at once than one block releases comes with the next blocks, the oldest first', () => {
    const ledger = slashingMarket();
    const wallets = Array.from({ length: RELEASES_MAX + 10 }, (_, at) => `w${at}`);
    done(
      ledger.decide((state) => {
        const parts = wallets.map((to) => ({ to, amount: TAO }));
        const paid = state.book.pay({ asset: 'TAO', from: 'desk', parts });
        state.journal.write({ block: state.block, kind: 'Test', payload: {} });
        return paid;
      }),
    );
    for (const wallet of wallets) done(order(ledger, wallet, add(TAO)));
    passEpoch(ledger);
    for (const wallet of wallets) done(order(ledger, wallet, remove()));
    produce(ledger, UNBONDING);
    expect(rows(ledger).map(({ wallet }) => wallet)).toEqual(wallets.slice(RELEASES_MAX));
    expect(ledger.dueBacklogs.size).toBe(1);
    produce(ledger, 1);
    expect([rows(ledger), ledger.dueBacklogs.size]).toEqual([[], 0]);
    expectConserved(ledger);
  });
});

describe('stake that moves to another neuron', () => {
  test('counts there, and is remembered until it has waited as long as if it had left', () => {
    const ledger = slashingMarket();
    done(order(ledger, 'desk', move(30n * TAO)));
    expect([ownStake(ledger, 'v1'), ownStake(ledger, 'v2')]).toEqual([70n * TAO, 130n * TAO]);
    const again: WalletOrder = { type: 'MoveStake', ...V2, toNetuid: 1, toHotkey: 'v1', amount: TAO };
    expect(order(ledger, 'desk', again)).toMatchObject({ ok: false, code: 'MOVES_ON_LATER' });
    produce(ledger, UNBONDING);
    expect(ledger.movedBonds.size).toBe(0);
    done(order(ledger, 'desk', again));
  });

  test('and waits there for a seal does not get out by being taken off', () => {
    const ledger = slashingMarket();
    done(order(ledger, 'ann', add(20n * TAO)));
    passEpoch(ledger);
    done(order(ledger, 'ann', move(20n * TAO)));
    const before = posted(ledger, 'ann');
    done(order(ledger, 'ann', { type: 'RemoveStake', ...V2, amount: undefined }));
    expect([posted(ledger, 'ann'), posted(ledger, unbondingOf(1, 'v2'))]).toEqual([before, 20n * TAO]);
    expectConserved(ledger);
  });
});

describe('what is unbonding', () => {
  const leaving = (wallet: string, ledger = slashingMarket()) => {
    if (wallet !== 'desk') {
      done(order(ledger, wallet, add(20n * TAO)));
      passEpoch(ledger);
    }
    done(order(ledger, wallet, remove(20n * TAO)));
    return { ledger, id: rows(ledger)[0]?.id ?? 0 };
  };

  test('of an owner is put on again, in part and in whole', () => {
    const { ledger, id } = leaving('desk');
    done(order(ledger, 'desk', { type: 'Rebond', unbondingId: id, amount: 5n * TAO }));
    expect([ownStake(ledger, 'v1'), held(ledger)]).toEqual([85n * TAO, 15n * TAO]);
    done(order(ledger, 'desk', { type: 'Rebond', unbondingId: id, amount: undefined }));
    expect([ownStake(ledger, 'v1'), held(ledger), rows(ledger)]).toEqual([100n * TAO, 0n, []]);
    expectConserved(ledger);
  });

  test('of a delegator waits for the next seal, and is not free by being put on and taken off', () => {
    const { ledger, id } = leaving('ann');
    done(order(ledger, 'ann', { type: 'Rebond', unbondingId: id, amount: undefined }));
    expect(delegationsOf(ledger, 'ann')).toEqual([{ ...V1, worth: 0n, waiting: 20n * TAO }]);
    const before = posted(ledger, 'ann');
    done(order(ledger, 'ann', remove()));
    expect([posted(ledger, 'ann'), held(ledger)]).toEqual([before, 20n * TAO]);
    expectConserved(ledger);
  });

  test.for<[string, string, (id: number) => Partial<WalletOrder>, string]>([
    ["another's", 'ann', () => ({}), 'UNBONDING_UNKNOWN'],
    ['nothing', 'desk', (id) => ({ unbondingId: id + 1 }), 'UNBONDING_UNKNOWN'],
    ['more than there is', 'desk', () => ({ amount: 21n * TAO }), 'INSUFFICIENT_STAKE'],
  ])('%s is not put on again', ([, wallet, change, code]) => {
    const { ledger, id } = leaving('desk');
    const before = stateText(ledger);
    const wanted = { type: 'Rebond', unbondingId: id, amount: undefined, ...change(id) } as WalletOrder;
    expect(order(ledger, wallet, wanted)).toMatchObject({ ok: false, code });
    expect(stateText(ledger)).toBe(before);
  });

  test('of an owner is not put on a later registration', () => {
    const { ledger, id } = leaving('desk');
    const end = { ...V1, mandate: mandateOf('desk'), cause: causeOf('v1') };
    done(ledger.decide((state) => deregister(state, end)));
    const wanted: WalletOrder = { type: 'Rebond', unbondingId: id, amount: undefined };
    expect(order(ledger, 'desk', wanted)).toMatchObject({ ok: false, code: 'NOT_REGISTERED' });
  });
});

describe('earnings', () => {
  const auto = (isOn: boolean): WalletOrder => ({ type: 'SetAutoStake', ...V1, isOn });

  test('go onto the stake where the owner said so, without what delegators have of them', () => {
    const ledger = slashingMarket();
    done(order(ledger, 'ann', add(100n * TAO)));
    done(order(ledger, 'desk', auto(true)));
    while (produce(ledger, 1).every(({ netuid }) => netuid !== 1));
    const [wallet, pool] = [posted(ledger, 'desk'), posted(ledger, 'delegated:1:v1')];
    const dividend = payDividends(ledger, 0);
    const passedOn = posted(ledger, 'delegated:1:v1') - pool;
    expect(passedOn).toBeGreaterThan(0n);
    expect(posted(ledger, 'desk')).toBe(wallet);
    expect(ownStake(ledger, 'v1')).toBe(100n * TAO + dividend - passedOn);
    expectConserved(ledger);
  });

  test('stay in the wallet when it was turned off, or the registration was over before the payment', () => {
    const ledger = slashingMarket();
    done(order(ledger, 'desk', auto(true)));
    done(order(ledger, 'desk', auto(false)));
    while (produce(ledger, 1).every(({ netuid }) => netuid !== 1));
    payDividends(ledger, 0);
    expect(ownStake(ledger, 'v1')).toBe(100n * TAO);
    done(order(ledger, 'desk', auto(true)));
    while (produce(ledger, 1).every(({ netuid }) => netuid !== 1));
    const end = { ...V1, mandate: mandateOf('desk'), cause: causeOf('v1') };
    done(ledger.decide((state) => deregister(state, end)));
    const before = posted(ledger, 'desk');
    const dividend = payDividends(ledger, 0);
    expect(posted(ledger, 'desk')).toBe(before + dividend);
    expect(ledger.autoStakes.size).toBe(0);
  });

  test("of another's neuron are not for me to say", () => {
    expect(order(slashingMarket(), 'ann', auto(true))).toMatchObject({ ok: false, code: 'NOT_OWNER' });
  });
});
