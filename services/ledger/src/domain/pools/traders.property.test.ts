import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accept } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { poolOf } from '../book/account.ts';
import type { TraderWorld } from '#test/agents/trader-world.ts';
import { simulateTraders } from '#test/agents/traders.ts';
import { putPool } from './pool.ts';
import { tokenOf } from './token-terms.ts';

/** What has to have happened, or nothing was shown. */
const HAPPENED = [
  'SwapBuy',
  'SwapSell',
  'TransferAlpha',
  'RoundTrip',
  'Sandwich',
  'Split',
  'Fill',
  'BoughtOut',
  'SLIPPAGE_UNBOUNDED',
  'SLIPPAGE_TOO_HIGH',
  'SWAP_TOO_SMALL',
  'INSUFFICIENT_FUNDS',
  'POOL_UNKNOWN',
];

/** The long run is test/simulation/traders.test.ts. */
test.each([
  ['Balancer', 'Burned'],
  ['Product', 'Pool'],
] as const)('two hundred traders in pools of %s, fees %s: nobody gets what the curve does not give', (type, feeTo) => {
  fc.assert(
    fc.property(fc.nat(1_000_000), (seed) => {
      const counts = simulateTraders({ actors: 200, blocks: 300, seed, type, feeTo });
      expect(HAPPENED.filter((name) => (counts.get(name) ?? 0) < 3)).toEqual([]);
    }),
    { numRuns: 1, endOnFailure: true },
  );
});

/** Something that no order did. */
function meddle({ ledger }: TraderWorld, change: (ledger: Ledger) => void): void {
  ledger.decide((state) => {
    change(state);
    state.journal.write({ block: state.block, kind: 'Test', payload: {} });
    return accept(undefined);
  });
}

test.each<[string, RegExp, (world: TraderWorld) => void]>([
  [
    'a unit of a token that nobody paid for',
    /and the rules give it|after a block/,
    (world) =>
      meddle(
        world,
        ({ book }) => void book.pay({ asset: tokenOf(1), from: poolOf(1), parts: [{ to: 'w1', amount: 1n }] }),
      ),
  ],
  [
    'a rao that goes from wallet to wallet',
    /and the rules give it/,
    (world) =>
      meddle(world, ({ book, asset }) => void book.pay({ asset, from: 'w1', parts: [{ to: 'w2', amount: 1n }] })),
  ],
  [
    'a weight that moves without what moves it',
    /a block moved a price/,
    (world) =>
      meddle(world, (ledger) => {
        const record = world.pool(1)?.record;
        if (record !== undefined) putPool(ledger, { ...record, quoteWeight: (record.quoteWeight * 999n) / 1000n });
      }),
  ],
])('%s is found', (_what, message, change) => {
  const plan = { actors: 40, blocks: 200, seed: 3, type: 'Balancer', feeTo: 'Burned' } as const;
  expect(() => simulateTraders(plan, change)).toThrow(message);
});
