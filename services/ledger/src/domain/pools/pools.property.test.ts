import fc from 'fast-check';
import { U96F32 } from '@subnetes/consensus/number-form';
import type { Side } from '@subnetes/consensus/pool-balancer';
import { poolAfter } from '@subnetes/consensus/pool-swap';
import { expect, test } from 'vitest';
import type { Ledger } from '#domain/economy/ledger.ts';
import { done, expectConserved, produce, put, stateText, TAO } from '#test/ledger-state.ts';
import { ledgerWithPool, order, poolIn } from '#test/pool-state.ts';
import { type Curve, HALF_WEIGHT, tradeOn } from './curve.ts';
import { injectionInto, type InjectionMost, mostInjected } from './injection.ts';
import { type SubnetTokens, tokenOf } from './token-terms.ts';

const TWENTIETH = 10n ** 18n / 20n;
const reserve = fc.oneof(
  fc.bigInt({ min: 1_000_000n, max: 10n ** 9n }),
  fc.bigInt({ min: 1_000_000n, max: 10n ** 12n }),
  fc.bigInt({ min: 1_000_000n, max: 21n * 10n ** 15n }),
);
const amounts = fc.oneof(
  fc.bigInt({ min: 1n, max: 1000n }),
  fc.bigInt({ min: 1n, max: 10n ** 9n }),
  fc.bigInt({ min: 1n, max: 10n ** 15n }),
);
const curves: fc.Arbitrary<Curve> = fc.oneof(
  fc.record({
    type: fc.constant('Balancer' as const),
    tao: reserve,
    alpha: reserve,
    quoteWeight: fc.bigInt({ min: 1n, max: 19n }).map((twentieths) => twentieths * TWENTIETH),
  }),
  fc.record({
    type: fc.constant('Product' as const),
    tao: reserve,
    alpha: reserve,
    quoteWeight: fc.constant(HALF_WEIGHT),
  }),
);
const sides = fc.constantFrom<Side>('buy', 'sell');
const other = (side: Side): Side => (side === 'buy' ? 'sell' : 'buy');

test('the product never falls, not by a unit and without any fee', () => {
  fc.assert(
    fc.property(curves, sides, amounts, (curve, side, amount) => {
      const trade = tradeOn(curve, { side, amount, feeU16: 0 });
      if (!trade.ok) return;
      const quote = curve.quoteWeight / TWENTIETH;
      const product = ({ tao, alpha }: Pick<Curve, 'tao' | 'alpha'>) => tao ** quote * alpha ** (20n - quote);
      expect(product(poolAfter(curve, side, trade)) >= product(curve)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('there and back never gains, without any fee', () => {
  fc.assert(
    fc.property(curves, sides, amounts, (curve, side, amount) => {
      const there = tradeOn(curve, { side, amount, feeU16: 0 });
      if (!there.ok) return;
      const between: Curve = { ...curve, ...poolAfter(curve, side, there) };
      const back = tradeOn(between, { side: other(side), amount: there.payout, feeU16: 0 });
      expect(back.ok ? back.payout : 0n).toBeLessThanOrEqual(there.input);
    }),
    { numRuns: 500 },
  );
});

test('no more is taken than was offered, whatever the limit', () => {
  fc.assert(
    fc.property(
      curves,
      sides,
      amounts,
      fc.bigInt({ min: 1000n, max: 10n ** 15n }),
      (curve, side, amount, limitPrice) => {
        const trade = tradeOn(curve, { side, amount, feeU16: 33, limitPrice });
        if (!trade.ok) return;
        expect(trade.input + trade.fee).toBeLessThanOrEqual(amount);
        expect(trade.payout).toBeGreaterThan(0n);
        expect(trade.payout).toBeLessThanOrEqual(side === 'buy' ? curve.alpha : curve.tao);
      },
    ),
    { numRuns: 500 },
  );
});

interface Sandwich {
  readonly curve: Curve;
  readonly side: Side;
  readonly amountPpm: bigint;
  /** Of the other reserve, what somebody else gives in the same block before; 0: nobody. */
  readonly beforePpm: bigint;
  readonly feeU16: number;
  readonly feeTo: SubnetTokens['feeTo'];
}

/** What somebody gains by a swap before a block and one back after it, where the block has the given for the pool. */
function gainOf(
  { curve: given, side, amountPpm, beforePpm, feeU16, feeTo }: Sandwich,
  has: (moved: Curve, most: InjectionMost) => { readonly tao: bigint; readonly alphaEmission: bigint },
): bigint {
  const trade = (on: Curve, to: Side, amount: bigint) => {
    const done = tradeOn(on, { side: to, amount, feeU16 });
    if (!done.ok) return undefined;
    const kept = feeTo === 'Pool' ? done.fee : 0n;
    const after: Curve = { ...on, ...poolAfter(on, to, { ...done, input: done.input + kept }) };
    return { ...done, after, moved: to === 'buy' ? done.input + done.fee : done.payout };
  };
  // Whoever traded before, the other way: what is moved in all is no more than it was.
  const first = trade(given, other(side), ((side === 'buy' ? given.alpha : given.tao) * beforePpm) / 1_000_000n);
  const curve = first?.after ?? given;
  const amount = ((side === 'buy' ? curve.tao : curve.alpha) * amountPpm) / 1_000_000n;
  const there = trade(curve, side, amount);
  if (there === undefined) return 0n;
  const moved = there.after;
  const most = mostInjected(moved, { feeU16, feeTo, moved: there.moved + (first?.moved ?? 0n) });
  const put = injectionInto(moved, { ...has(moved, most), rootProportion: U96F32.one, most });
  const filled: Curve = {
    ...moved,
    quoteWeight: put.quoteWeight,
    tao: moved.tao + put.tao + put.spent,
    alpha: moved.alpha + put.alpha - put.bought,
  };
  const back = tradeOn(filled, { side: other(side), amount: there.payout, feeU16 });
  return (back.ok ? back.payout : 0n) - there.input - there.fee;
}

const sandwich = {
  curve: curves.filter(({ tao, alpha }) => tao > 10n ** 9n && alpha > 10n ** 9n),
  side: sides,
  feeU16: fc.constantFrom(1, 33, 1000, 10_000),
  beforePpm: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 5_000_000n })),
  feeTo: fc.constantFrom<SubnetTokens['feeTo']>('Burned', 'Pool'),
};

test('who moves the price before a block and back after it has no gain', () => {
  const scenes = fc.record({
    ...sandwich,
    amountPpm: fc.oneof(fc.bigInt({ min: 1n, max: 10_000n }), fc.bigInt({ min: 1n, max: 20_000_000n })),
    offered: fc.bigInt({ min: 1n, max: 10n ** 15n }),
    alphaEmission: fc.bigInt({ min: 0n, max: 10n ** 15n }),
  });
  fc.assert(
    fc.property(scenes, ({ offered, alphaEmission, ...scene }) => {
      expect(gainOf(scene, () => ({ tao: offered, alphaEmission }))).toBeLessThanOrEqual(0n);
    }),
    { numRuns: 1000, interruptAfterTimeLimit: 20_000 },
  );
});

test('nor where the block has all for the pool that it may put in and spend, in whatever proportion', () => {
  const scenes = fc.record({
    ...sandwich,
    amountPpm: fc.bigInt({ min: 1n, max: 20_000_000n }),
    entersPpm: fc.bigInt({ min: 0n, max: 1_200_000n }),
  });
  fc.assert(
    fc.property(scenes, ({ entersPpm, ...scene }) => {
      const all = (moved: Curve, most: InjectionMost) => ({
        tao: most.added + most.spent,
        alphaEmission: (most.added * moved.alpha * entersPpm) / (moved.tao * 1_000_000n),
      });
      expect(gainOf(scene, all)).toBeLessThanOrEqual(0n);
    }),
    { numRuns: 1000, interruptAfterTimeLimit: 20_000 },
  );
});

const wallet = fc.constantFrom('desk', 'owner');
const bounds = fc.record(
  { minOut: fc.bigInt({ min: 1n, max: TAO }), limitPrice: fc.bigInt({ min: 10n ** 8n, max: 10n ** 10n }) },
  { requiredKeys: [] },
);
const netuid = fc.integer({ min: 1, max: 3 });
const units = fc.oneof(fc.bigInt({ min: -1n, max: 10n ** 7n }), fc.bigInt({ min: 1n, max: 400n * TAO }));
const swaps = fc.record({
  type: fc.constantFrom('SwapBuy' as const, 'SwapSell' as const),
  netuid,
  amount: units,
  bounds,
  allowPartial: fc.boolean(),
});

/** Answers whether it was done. */
type Step = (ledger: Ledger) => boolean;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(wallet, swaps).map(
    ([signer, { bounds: given, ...swap }]): Step =>
      (ledger) =>
        order(ledger, signer, { ...swap, ...given }).ok,
  ),
  fc.tuple(wallet, wallet, netuid, units).map(
    ([signer, to, subnet, amount]): Step =>
      (ledger) =>
        order(ledger, signer, { type: 'TransferAlpha', netuid: subnet, to, amount }).ok,
  ),
  fc.integer({ min: 1, max: 4 }).map((count): Step => (ledger) => {
    produce(ledger, count);
    return true;
  }),
  fc.boolean().map(
    (held): Step =>
      (ledger) =>
        put(ledger, 'gold', { emission: held ? 'Held' : 'Started' }).ok,
  ),
);

test.for(['Balancer', 'Product'] as const)(
  'whatever is traded in whatever order, every asset is conserved and a refusal changes nothing: %s',
  (type) => {
    const scenes = fc.tuple(fc.array(step, { minLength: 1, maxLength: 30 }), fc.constantFrom('Burned', 'Pool'));
    fc.assert(
      fc.property(scenes, ([steps, feeTo]) => {
        const ledger = ledgerWithPool(
          { type, feeTo, poolPpm: 500_000, movingPpm: 100_000, movingHalvingBlocks: 5 },
          { emissionPolicy: { name: feeTo === 'Pool' ? 'Flow' : 'MovingPrice', version: 1 } },
        );
        done(put(ledger, 'gold'));
        for (const run of steps) {
          const before = stateText(ledger);
          expect(run(ledger) || stateText(ledger) === before, 'a refusal changed something').toBe(true);
          expectConserved(ledger);
          for (const at of [1, 2]) {
            const { curve } = poolIn(ledger, at);
            expect(curve.tao > 0n && curve.alpha > 0n).toBe(true);
            expect(ledger.book.posted(tokenOf(at), 'mint')).toBeGreaterThanOrEqual(-ledger.network.genesis.cap);
          }
        }
      }),
      { numRuns: 60 },
    );
  },
);
