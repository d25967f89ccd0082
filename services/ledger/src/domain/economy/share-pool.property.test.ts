import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sharesFor, sharesOff, worthOf } from './share-pool.ts';

/** Any pool, also one whose shares have come to be worth many rao each. */
const pools = fc
  .tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.bigInt({ min: 1n, max: 10n ** 20n }))
  .map(([denominator, total]) => ({ pool: { denominator, waiting: 0n, round: 0 }, total }));
const part = fc.bigInt({ min: 0n, max: 1_000_000n });

test('whoever takes an amount off has no more left than the rest, and takes nothing from others', () => {
  fc.assert(
    fc.property(pools, part, part, ({ pool, total }, owned, wanted) => {
      const shares = (pool.denominator * owned) / 1_000_000n;
      const worth = worthOf(shares, pool, total);
      const amount = (worth * wanted) / 1_000_000n;
      const off = sharesOff(amount, pool, total);
      expect(off).toBeLessThanOrEqual(shares);
      const after = { ...pool, denominator: pool.denominator - off };
      expect(worthOf(shares - off, after, total - amount)).toBeLessThanOrEqual(worth - amount);
      const others = pool.denominator - shares;
      expect(worthOf(others, after, total - amount)).toBeGreaterThanOrEqual(worthOf(others, pool, total));
    }),
  );
});

test('whoever puts an amount in has no more than that, and takes nothing from others', () => {
  fc.assert(
    fc.property(pools, fc.bigInt({ min: 1n, max: 10n ** 15n }), ({ pool, total }, amount) => {
      const shares = sharesFor(amount, pool, total);
      const after = { ...pool, denominator: pool.denominator + shares };
      expect(worthOf(shares, after, total + amount)).toBeLessThanOrEqual(amount);
      expect(worthOf(pool.denominator, after, total + amount)).toBeGreaterThanOrEqual(total);
    }),
  );
});
