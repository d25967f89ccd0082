import { expect, test } from 'vitest';
import { stakeOf } from '#domain/book/account.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import type { Mandate } from '#domain/economy/mandate.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import {
  causeOf,
  done,
  enroll,
  expectConserved,
  mandateOf,
  newLedger,
  orderBy,
  put,
  stateText,
  TAO,
} from '#test/ledger-state.ts';
import { carryOutMandated } from './mandated-order.ts';

const ALL = ['RemoveStake', 'MoveStake', 'Delegate', 'SetTake', 'Transfer', 'SwapHotkey', 'SetChildren', 'Stake'];

/** `desk` has two neurons with 60 tokens each, `owner` one. */
function market(): Ledger {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  for (const hotkey of ['v1', 'v2']) done(enroll(ledger, hotkey, { initialStake: 60n * TAO }));
  done(enroll(ledger, 'o1', { coldkey: 'owner', payer: 'owner', mandate: mandateOf('owner') }));
  return ledger;
}

const mandate = (change: Partial<Mandate> = {}): Mandate =>
  mandateOf('desk', { sha256: 'm', operations: ALL, transferTo: ['ann'], ...change });

const ask = (ledger: Ledger, order: WalletOrder, change: Partial<Mandate> = {}, id = 'one') =>
  ledger.decide((state) => carryOutMandated(state, { id, order, mandate: mandate(change), cause: causeOf('desk-1') }));

const remove = { type: 'RemoveStake', netuid: 1, hotkey: 'v1', amount: 10n * TAO } as const;

test('an order by mandate is carried out once under its id, and the journal says by which mandate and for whom', () => {
  const ledger = market();
  expect(done(ask(ledger, remove))).toMatchObject({ repeated: false, mandate: { used: 0n } });
  expect(done(ask(ledger, remove))).toMatchObject({ repeated: true });
  expect(ledger.book.posted('TAO', stakeOf(1, 'v1', 'desk'))).toBe(50n * TAO);
  expect(ask(ledger, { ...remove, amount: 1n })).toMatchObject({ code: 'EXISTS_WITH_DIFFERENT_CONTENT' });
  done(ask(ledger, remove, {}, 'two'));
  expect(ledger.book.posted('TAO', stakeOf(1, 'v1', 'desk'))).toBe(40n * TAO);
  expectConserved(ledger);
});

test.each<[string, WalletOrder, bigint]>([
  ['a delegation', { type: 'AddStake', netuid: 1, hotkey: 'o1', amount: 5n * TAO }, 5n * TAO],
  ['stake on its own neuron', { type: 'AddStake', netuid: 1, hotkey: 'v1', amount: 5n * TAO }, 5n * TAO],
  ['a transfer to a listed account', { type: 'Transfer', to: 'ann', amount: 3n }, 3n],
  ['a move', { type: 'MoveStake', netuid: 1, hotkey: 'v1', toNetuid: 1, toHotkey: 'v2', amount: TAO }, 0n],
  ['a take', { type: 'SetTake', hotkey: 'v1', u16: 100 }, 0n],
  ['a child take', { type: 'SetChildTake', netuid: 1, hotkey: 'v1', u16: 100 }, 0n],
  ['a swap of a hotkey', { type: 'SwapHotkey', hotkey: 'v1', newHotkey: 'v9', netuid: 1 }, 1_000_000n],
  ['children', { type: 'SetChildren', netuid: 1, hotkey: 'v1', children: [{ hotkey: 'v2', proportion: 1n }] }, 0n],
])('%s uses up what leaves the payer, and no more', (_name, order, used) => {
  const ledger = market();
  expect(done(ask(ledger, order)).mandate.used).toBe(used);
  expectConserved(ledger);
});

test.each<[string, WalletOrder, Partial<Mandate>, string]>([
  ['an operation that is not named', remove, { operations: ['Stake'] }, 'MANDATE_NOT_GRANTED'],
  [
    'delegating by a mandate for stake',
    { type: 'AddStake', netuid: 1, hotkey: 'o1', amount: 9n * TAO },
    { operations: ['Stake'] },
    'MANDATE_NOT_GRANTED',
  ],
  ['a payee that is not listed', { type: 'Transfer', to: 'bob', amount: 1n }, {}, 'MANDATE_NOT_GRANTED'],
  ['another subnet', remove, { netuids: [7] }, 'MANDATE_NOT_GRANTED'],
  [
    'a move into another subnet',
    { type: 'MoveStake', netuid: 1, hotkey: 'v1', toNetuid: 7, toHotkey: 'x', amount: 1n },
    { netuids: [1] },
    'MANDATE_NOT_GRANTED',
  ],
  [
    'a take of all subnets by a mandate for one',
    { type: 'SetTake', hotkey: 'v1', u16: 1 },
    { netuids: [1] },
    'MANDATE_NOT_GRANTED',
  ],
  [
    'a swap everywhere by a mandate for one subnet',
    { type: 'SwapHotkey', hotkey: 'v1', newHotkey: 'n', netuid: undefined },
    { netuids: [1] },
    'MANDATE_NOT_GRANTED',
  ],
  ['all of a stake without a number', { ...remove, amount: undefined }, {}, 'INVALID_ARGUMENT'],
  ['more than an operation may', remove, { maxPerOperation: TAO }, 'MANDATE_EXHAUSTED'],
  [
    'more than this operation may',
    remove,
    { limits: [{ operation: 'RemoveStake', maxPerOperation: TAO, maxTotal: 9n * TAO }] },
    'MANDATE_EXHAUSTED',
  ],
  [
    'more than this operation may in all',
    remove,
    { limits: [{ operation: 'RemoveStake', maxPerOperation: 99n * TAO, maxTotal: TAO }] },
    'MANDATE_EXHAUSTED',
  ],
  ["another's neuron", { type: 'SetTake', hotkey: 'o1', u16: 1 }, {}, 'NOT_OWNER'],
  ["what is a coldkey's own word", { type: 'SwapColdkey', newColdkey: 'x' }, {}, 'MANDATE_NOT_GRANTED'],
  ['revoking', { type: 'RevokeMandate', mandateSha256: 'm' }, {}, 'MANDATE_NOT_GRANTED'],
  ["a sponsor's mandate", remove, { owner: 'ann' }, 'MANDATE_NOT_GRANTED'],
])('%s is refused and changes nothing', (_name, order, change, code) => {
  const ledger = market();
  const before = stateText(ledger);
  expect(ask(ledger, order, change)).toMatchObject({ ok: false, code });
  expect(stateText(ledger)).toBe(before);
});

test('a limit of an operation is used up by that one, and a revoked mandate allows nothing', () => {
  const ledger = market();
  const limits = [{ operation: 'RemoveStake', maxPerOperation: 10n * TAO, maxTotal: 15n * TAO }];
  done(ask(ledger, remove, { limits }));
  expect(ask(ledger, remove, { limits }, 'two')).toMatchObject({ code: 'MANDATE_EXHAUSTED' });
  done(ask(ledger, { ...remove, amount: 5n * TAO }, { limits }, 'two'));
  done(ask(ledger, { type: 'AddStake', netuid: 1, hotkey: 'v1', amount: 20n * TAO }, { limits }, 'three'));
  done(orderBy(ledger, 'desk', { type: 'RevokeMandate', mandateSha256: 'm' }));
  expect(ask(ledger, { ...remove, amount: 1n }, {}, 'four')).toMatchObject({ code: 'MANDATE_REVOKED' });
});
