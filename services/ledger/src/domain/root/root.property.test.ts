import fc from 'fast-check';
import { expect, test } from 'vitest';
import { delegatedOf, delegatingOf, sealedOf } from '#domain/book/account.ts';
import { delegationsOf } from '#domain/economy/delegation.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import type { StakeOrder } from '#domain/economy/wallet-stake.ts';
import { expectConserved, orderBy, produce, TAO } from '#test/ledger-state.ts';
import { checksOf } from '#test/journal-checks.ts';
import { payParts, rootMarket } from '#test/root-market.ts';

const WALLETS = ['ann', 'bob', 'desk'] as const;

type Step =
  | { readonly kind: 'order'; readonly wallet: string; readonly order: StakeOrder }
  | { readonly kind: 'blocks'; readonly blocks: number }
  | {
      readonly kind: 'pay';
      readonly netuid: number;
      readonly parts: readonly number[];
      readonly miner: number | undefined;
    };

const amounts = fc.oneof(fc.bigInt({ min: 1n, max: 5_000_000n }), fc.bigInt({ min: TAO, max: 300n * TAO }));
const some = fc.option(amounts, { nil: undefined });
/** v2 is in no other subnet than the first, and what is put there elsewhere is refused. */
const places = fc.record({ netuid: fc.constantFrom(0, 0, 1, 2), hotkey: fc.constantFrom('v1', 'v2') });
const stakeOrders: fc.Arbitrary<StakeOrder> = fc
  .record({
    type: fc.constantFrom('AddStake', 'AddStake', 'RemoveStake', 'MoveStake'),
    place: places,
    to: places,
    amount: amounts,
    taken: some,
  })
  .map(({ type, place, to, amount, taken }) => {
    if (type === 'AddStake') return { type, ...place, amount };
    if (type === 'RemoveStake') return { type, ...place, amount: taken };
    return { type: 'MoveStake', ...place, toNetuid: to.netuid, toHotkey: to.hotkey, amount: taken };
  });
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('order' as const), wallet: fc.constantFrom(...WALLETS), order: stakeOrders }) }, // prettier-ignore
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('blocks' as const), blocks: fc.constantFrom(1, 3, 10) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pay' as const),
      netuid: fc.constantFrom(1, 2),
      parts: fc.tuple(fc.nat(500_000), fc.nat(500_000)),
      miner: fc.constantFrom(undefined, 0, 1),
    }),
  },
);

function run(ledger: Ledger, step: Step): void {
  if (step.kind === 'order') orderBy(ledger, step.wallet, step.order);
  else if (step.kind === 'blocks') produce(ledger, step.blocks);
  else if (ledger.sealed.get(String(step.netuid)) !== undefined) {
    const { netuid, parts, miner } = step;
    const paying = miner === undefined || (netuid === 2 && miner === 1) ? {} : { miner };
    const paid = payParts(ledger, netuid, { parts: new Map(parts.entries()), ...paying });
    const all = paid.owner + paid.incentives + paid.dividends + paid.unattributed;
    const left = ledger.book.posted('TAO', sealedOf(netuid));
    if (all !== ledger.subnet(netuid)?.emissionLastEpoch || left !== 0n) throw new Error(`${all} paid, ${left} left`);
  }
}

/** Pools on root hold what those who staked there have, but for a rao each time that a share was floored. */
function expectPoolsOwed(ledger: Ledger, flooring: bigint): void {
  for (const hotkey of ['v1', 'v2']) {
    const has = WALLETS.flatMap((wallet) => delegationsOf(ledger, wallet)).filter(
      (each) => each.netuid === 0 && each.hotkey === hotkey,
    );
    const worth = has.reduce((sum, each) => sum + each.worth, 0n);
    const pool = ledger.book.posted('TAO', delegatedOf(0, hotkey));
    expect(worth).toBeLessThanOrEqual(pool);
    expect(pool - worth).toBeLessThanOrEqual(flooring);
    const waiting = has.reduce((sum, each) => sum + each.waiting, 0n);
    expect(ledger.book.posted('TAO', delegatingOf(0, hotkey))).toBe(waiting);
  }
}

test('epochs pay their pots to the rao, pools on root hold what they owe, and the audit finds nothing', () => {
  const rooted = { count: 0 };
  fc.assert(
    fc.property(
      fc.array(steps, { minLength: 20, maxLength: 60, size: 'max' }),
      fc.constantFrom(0, 5),
      (history, unbondingBlocks) => {
        const ledger = rootMarket(unbondingBlocks === 0 ? {} : { unbondingBlocks });
        for (const step of history) run(ledger, step);
        expectConserved(ledger);
        expectPoolsOwed(ledger, BigInt(3 * WALLETS.length));
        const entries = ledger.journal.takeEntries();
        rooted.count += entries.filter(({ kind }) => kind === 'RootPaid').length;
        expect(checksOf(entries)).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
  expect(rooted.count).toBeGreaterThan(20);
});

test('whoever staked on root gets all out again, and no pool keeps anything', () => {
  fc.assert(
    fc.property(fc.array(steps, { minLength: 10, maxLength: 40, size: 'max' }), (history) => {
      const ledger = rootMarket();
      for (const step of history) run(ledger, step);
      for (const wallet of WALLETS) {
        for (const { netuid, hotkey } of delegationsOf(ledger, wallet)) {
          if (netuid === 0) orderBy(ledger, wallet, { type: 'RemoveStake', netuid, hotkey, amount: undefined });
        }
      }
      for (const hotkey of ['v1', 'v2']) {
        expect(ledger.book.posted('TAO', delegatedOf(0, hotkey))).toBe(0n);
        expect(ledger.book.posted('TAO', delegatingOf(0, hotkey))).toBe(0n);
      }
    }),
    { numRuns: 40 },
  );
});
