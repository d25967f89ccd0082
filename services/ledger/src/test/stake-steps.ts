import fc from 'fast-check';
import type { Ledger } from '#domain/economy/ledger.ts';
import { deregister } from '#domain/economy/stake.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import { causeOf, mandateOf, payDividends, payNothing, produce, TAO } from './ledger-state.ts';
import { order, report } from './slashing-market.ts';

export const WALLETS = ['ann', 'bob'] as const;
const amounts = fc.bigInt({ min: 1n, max: 120n * TAO });
/** The last two are nowhere until one of the others is swapped for them. */
const hotkeys = fc.constantFrom('v1', 'v2', 'v3', 'v1', 'v2', 'v3', 'n1', 'n2');
const wallets = fc.constantFrom('desk', 'owner', ...WALLETS);

/** Something that may happen to a market; what is refused changes nothing. */
export type Step = (ledger: Ledger) => void;

const stakeOrders: fc.Arbitrary<WalletOrder> = fc.oneof(
  fc.record({ type: fc.constant('AddStake' as const), netuid: fc.constant(1), hotkey: hotkeys, amount: amounts }),
  fc.record({
    type: fc.constant('RemoveStake' as const),
    netuid: fc.constant(1),
    hotkey: hotkeys,
    amount: fc.option(amounts, { nil: undefined }),
  }),
  fc.record({
    type: fc.constant('MoveStake' as const),
    netuid: fc.constant(1),
    hotkey: hotkeys,
    toNetuid: fc.constantFrom(1, 2),
    toHotkey: hotkeys,
    amount: fc.option(amounts, { nil: undefined }),
  }),
);
export const ordered: fc.Arbitrary<Step> = fc.record({ wallet: wallets, wanted: stakeOrders }).map(
  ({ wallet, wanted }) =>
    (ledger) =>
      void order(ledger, wallet, wanted),
);
/** Away, and off or on to a third one at once: what a runaway would try first. */
const hopped: fc.Arbitrary<Step> = fc
  .record({ wallet: wallets, to: hotkeys, on: fc.option(hotkeys, { nil: undefined }) })
  .map(({ wallet, to, on }) => (ledger) => {
    const all = { netuid: 1, amount: undefined };
    order(ledger, wallet, { type: 'MoveStake', ...all, hotkey: 'v1', toNetuid: 1, toHotkey: to });
    if (on === undefined) order(ledger, wallet, { type: 'RemoveStake', ...all, hotkey: to });
    else order(ledger, wallet, { type: 'MoveStake', ...all, hotkey: to, toNetuid: 1, toHotkey: on });
  });
const rebonded: fc.Arbitrary<Step> = fc
  .record({ which: fc.nat(10), amount: fc.option(amounts, { nil: undefined }) })
  .map(({ which, amount }) => (ledger) => {
    const row = [...ledger.unbondings.values()][which];
    if (row !== undefined) order(ledger, row.wallet, { type: 'Rebond', unbondingId: row.id, amount });
  });
const ended: fc.Arbitrary<Step> = hotkeys.map((hotkey) => (ledger) => {
  const owner = ledger.hotkeys.get(hotkey) ?? 'desk';
  const end = { netuid: 1, hotkey, mandate: mandateOf(owner), cause: causeOf(hotkey) };
  ledger.decide((state) => deregister(state, end));
});
const swapped: fc.Arbitrary<Step> = fc
  .record({
    hotkey: hotkeys,
    newHotkey: fc.constantFrom('n1', 'n2'),
    netuid: fc.constantFrom(1, undefined),
  })
  .map(
    (swap) => (ledger) =>
      void order(ledger, ledger.hotkeys.get(swap.hotkey) ?? 'desk', { type: 'SwapHotkey', ...swap }),
  );
const time: fc.Arbitrary<Step> = fc
  .record({ blocks: fc.integer({ min: 1, max: 12 }), earner: fc.boolean() })
  .map(({ blocks, earner }) => (ledger) => {
    produce(ledger, blocks);
    const sealed = ledger.sealed.get('1');
    if (sealed === undefined) return;
    if (earner && sealed.neurons.some(({ uid }) => uid === 1)) payDividends(ledger, 1);
    else payNothing(ledger);
  });
/** What owners and delegators do, and time passing. */
export const steps = (withTime: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 6, arbitrary: ordered },
    { weight: 1, arbitrary: rebonded },
    { weight: 1, arbitrary: hopped },
    { weight: 1, arbitrary: ended },
    { weight: 1, arbitrary: swapped },
    ...(withTime ? [{ weight: 3, arbitrary: time }] : []),
  );

export const reported: fc.Arbitrary<Step> = fc
  .record({ hotkey: hotkeys, sequence: fc.nat(5).map(String) })
  .map((change) => (ledger) => void report(ledger, change));
export const decided: fc.Arbitrary<Step> = fc
  .record({
    which: fc.nat(3),
    voter: fc.constantFrom('arb1', 'arb2', 'arb3'),
    upholds: fc.boolean(),
    dispute: fc.boolean(),
  })
  .map(({ which, voter, upholds, dispute }) => (ledger) => {
    const slash = [...ledger.slashes.values()][which];
    if (slash === undefined) return;
    const wanted: WalletOrder = dispute
      ? { type: 'DisputeSlash', slashId: slash.id, statement: '' }
      : { type: 'VoteSlash', slashId: slash.id, upholds };
    order(ledger, dispute ? slash.owner : voter, wanted);
  });
