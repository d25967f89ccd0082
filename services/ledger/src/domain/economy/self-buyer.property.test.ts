import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BURNED, potOf, sealedOf } from '#domain/book/account.ts';
import { done, expectConserved, newLedger, produce, put, testGenesis } from '#test/ledger-state.ts';
import type { Ledger } from './ledger.ts';
import { createHold, postHold } from './money-orders.ts';

/** So many markets, of which the buyer has any. */
const MARKETS = ['m1', 'm2', 'm3', 'm4'] as const;
const SHOP = 'billing:shop';
/** Blocks after the last fee. What still waits then counts as if emission had followed all of it. */
const AFTER = 12;

interface Fee {
  readonly market: number;
  readonly fee: bigint;
}
/** What happens between two blocks. */
interface Step {
  readonly honest: readonly Fee[];
  readonly bought: readonly Fee[];
  /** A market whose emission is held or started. */
  readonly toggled: number | undefined;
}

const fees = fc.array(fc.record({ market: fc.nat(MARKETS.length - 1), fee: fc.bigInt({ min: 1n, max: 90n }) }), {
  maxLength: 3,
});
const step: fc.Arbitrary<Step> = fc.record({
  honest: fees,
  bought: fees,
  toggled: fc.option(fc.nat(MARKETS.length - 1), { nil: undefined, freq: 5 }),
});

/** Blocks of a few rao, so that rounding and blocks that cannot follow all use are the rule; the reward halves on the way. */
function network(smoothingBlocks: number, blockReward: bigint): Ledger {
  const ledger = newLedger({
    ...testGenesis,
    cap: 40_000n + blockReward * 30n,
    blockReward,
    emissionPolicy: { name: 'Utility', version: 1, smoothingBlocks },
    accounts: [{ account: SHOP, amount: 20_000n }],
  });
  for (const handle of MARKETS) done(put(ledger, handle));
  return ledger;
}

let posts = 0;
function pay(ledger: Ledger, { market, fee }: Fee): void {
  posts += 1;
  const id = `h${posts}`;
  done(ledger.decide((state) => createHold(state, { id, account: SHOP, amount: fee + 1n, expiresAtBlock: state.block + 1 }))); // prettier-ignore
  const parts = [
    { to: 'owner', amount: 1n, code: 'usage-owner' },
    { to: BURNED, amount: fee, code: 'usage-network', netuid: market + 1 },
  ];
  done(ledger.decide((state) => postHold(state, { id: `p${posts}`, holdId: id, parts, close: true })));
}

/** What the markets got so far; nothing is paid out in these histories. */
const emitted = (ledger: Ledger): readonly bigint[] =>
  MARKETS.map((_, at) =>
    [potOf(at + 1), sealedOf(at + 1)].reduce((sum, id) => sum + ledger.book.posted('TAO', id), 0n),
  );

const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);

test('whoever buys from themselves, in whatever markets and whenever, is never paid back more than they burned', () => {
  let paidBack = 0;
  fc.assert(
    fc.property(
      fc.record({
        smoothingBlocks: fc.constantFrom(1, 2, 3, 7),
        blockReward: fc.constantFrom(1n, 5n, 23n, 200n),
        ours: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
        steps: fc.array(step, { minLength: 1, maxLength: 14 }),
      }),
      ({ smoothingBlocks, blockReward, ours, steps }) => {
        const [honest, bought] = [network(smoothingBlocks, blockReward), network(smoothingBlocks, blockReward)];
        const of = (amounts: readonly bigint[]): bigint => sumOf(ours.map((at) => amounts[at] ?? 0n));
        const held = new Set<number>();
        let burned = 0n;
        const end = Array.from({ length: AFTER }, (): Step => ({ honest: [], bought: [], toggled: undefined }));
        for (const { honest: theirs, bought: own, toggled } of [...steps, ...end]) {
          if (toggled !== undefined && !held.delete(toggled)) held.add(toggled);
          for (const ledger of [honest, bought]) {
            if (toggled !== undefined) {
              const emission = held.has(toggled) ? 'Held' : 'Started';
              done(put(ledger, MARKETS[toggled] ?? '', { emission }));
            }
            for (const fee of theirs) pay(ledger, fee);
          }
          for (const fee of own) {
            pay(bought, fee);
            burned += fee.fee;
          }
          for (const ledger of [honest, bought]) produce(ledger, 1);
          const gain = of(emitted(bought)) - of(emitted(honest));
          const waiting = MARKETS.map((_, at) => waitingOf(bought, at) - waitingOf(honest, at));
          expect(waiting.every((more) => more >= 0n)).toBe(true);
          // To be followed at most, by all blocks to come.
          expect(gain + of(waiting)).toBeLessThanOrEqual(burned);
          expect(bought.issued).toBe(honest.issued);
          if (gain > 0n) paidBack += 1;
        }
        expectConserved(bought);
      },
    ),
    { numRuns: 150 },
  );
  expect(paidBack).toBeGreaterThan(0); // histories in which nothing is gained at all would prove nothing
});

function waitingOf(ledger: Ledger, market: number): bigint {
  return ledger.use.get(String(market + 1))?.waiting ?? 0n;
}
