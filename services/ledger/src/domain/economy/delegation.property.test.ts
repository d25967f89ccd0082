import fc from 'fast-check';
import { expect, test } from 'vitest';
import { delegatedOf, delegatingOf } from '#domain/book/account.ts';
import {
  done,
  enroll,
  expectConserved,
  mandateOf,
  newLedger,
  payDividends,
  payNothing,
  produce,
  put,
  TAO,
} from '#test/ledger-state.ts';
import { delegationsOf } from './delegation.ts';
import type { Ledger } from './ledger.ts';
import { changeStake, type StakeOrder } from './wallet-stake.ts';

const WALLETS = ['ann', 'bob', 'cy'] as const;
const HOTKEYS = ['v1', 'v2'] as const;
const START = 1000n * TAO;

type Step =
  | { readonly kind: 'order'; readonly wallet: string; readonly order: StakeOrder }
  | { readonly kind: 'epoch'; readonly earner: number | undefined; readonly between: readonly Step[] };

const amounts = fc.bigInt({ min: 1n, max: 400n * TAO });
const hotkeys = fc.constantFrom(...HOTKEYS);
const orders: fc.Arbitrary<StakeOrder> = fc.oneof(
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
    toNetuid: fc.constant(1),
    toHotkey: hotkeys,
    amount: fc.option(amounts, { nil: undefined }),
  }),
);
const order: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('order' as const),
  wallet: fc.constantFrom(...WALLETS),
  order: orders,
});
/** What happens between a seal and its payment is the part that is easily wrong. */
const epoch: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('epoch' as const),
  earner: fc.option(fc.nat(1), { nil: undefined }),
  between: fc.array(order, { maxLength: 4 }),
});
const histories = fc.array(fc.oneof({ weight: 3, arbitrary: order }, { weight: 1, arbitrary: epoch }), {
  maxLength: 40,
});

function market(): Ledger {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  for (const hotkey of HOTKEYS) done(enroll(ledger, hotkey, { initialStake: 50n * TAO, mandate: mandateOf('desk') }));
  done(
    ledger.decide((state) => {
      const paid = state.book.pay({
        asset: 'TAO',
        from: 'desk',
        parts: WALLETS.map((to) => ({ to, amount: START })),
      });
      state.journal.write({ block: state.block, kind: 'Test', payload: {} });
      return paid;
    }),
  );
  return ledger;
}

function run(ledger: Ledger, step: Step): void {
  if (step.kind === 'order') {
    ledger.decide((state) => {
      const changed = changeStake(state, step.wallet, step.order);
      if (changed.ok) state.journal.write({ block: state.block, kind: 'Test', payload: {} });
      return changed;
    });
    return;
  }
  produce(ledger, 10);
  for (const each of step.between) run(ledger, each);
  if (step.earner === undefined) payNothing(ledger);
  else payDividends(ledger, step.earner);
}

const posted = (ledger: Ledger, account: string): bigint => ledger.book.posted('TAO', account);
const has = (ledger: Ledger, wallet: string): bigint =>
  delegationsOf(ledger, wallet).reduce((sum, { worth, waiting }) => sum + worth + waiting, posted(ledger, wallet));

test('pools hold what they owe, nobody loses but flooring, and nothing is left when all have left', () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const ledger = market();
      for (const step of steps) {
        run(ledger, step);
        for (const hotkey of HOTKEYS) {
          const owed = WALLETS.flatMap((wallet) => delegationsOf(ledger, wallet)).filter(
            (each) => each.hotkey === hotkey,
          );
          const worth = owed.reduce((sum, each) => sum + each.worth, 0n);
          const waiting = owed.reduce((sum, each) => sum + each.waiting, 0n);
          const total = posted(ledger, delegatedOf(1, hotkey));
          expect(worth).toBeLessThanOrEqual(total);
          expect(total - worth).toBeLessThanOrEqual(BigInt(WALLETS.length));
          expect(waiting).toBe(posted(ledger, delegatingOf(1, hotkey)));
        }
      }
      expectConserved(ledger);
      // Each order may floor a rao away, and no more: pools only ever grow by what validators were paid.
      for (const wallet of WALLETS)
        expect(has(ledger, wallet)).toBeGreaterThanOrEqual(START - BigInt(steps.length * 6));
      for (const wallet of WALLETS) {
        for (const hotkey of HOTKEYS) {
          run(ledger, { kind: 'order', wallet, order: { type: 'RemoveStake', netuid: 1, hotkey, amount: undefined } });
        }
      }
      for (const hotkey of HOTKEYS) {
        expect([posted(ledger, delegatedOf(1, hotkey)), posted(ledger, delegatingOf(1, hotkey))]).toEqual([0n, 0n]);
      }
      expect([ledger.delegations.size, ledger.delegationLists.size, ledger.shareRounds.size]).toEqual([0, 0, 0]);
      expectConserved(ledger);
    }),
    { numRuns: 300 },
  );
});

test('without dividends no order of coming and going gains a rao', () => {
  const idle = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: order },
      { weight: 1, arbitrary: epoch.map((each) => ({ ...each, earner: undefined })) },
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(idle, (steps) => {
      const ledger = market();
      for (const step of steps) run(ledger, step);
      for (const wallet of WALLETS) expect(has(ledger, wallet)).toBeLessThanOrEqual(START);
    }),
    { numRuns: 300 },
  );
});
