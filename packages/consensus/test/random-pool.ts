import fc from 'fast-check';
import type { Pool } from '../src/pool-balancer.ts';
import { RESERVE_MIN } from '../src/pool-swap.ts';

/** Weights in twentieths: from 0.05 to 0.95, exactly representable and small enough to check invariants in whole numbers. */
export const TWENTIETH = 10n ** 18n / 20n;

/** Reserves from the least that trades to all that may ever exist, small ones as likely as large ones. */
export const reserve: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: RESERVE_MIN, max: 10n ** 9n }),
  fc.bigInt({ min: RESERVE_MIN, max: 10n ** 12n }),
  fc.bigInt({ min: RESERVE_MIN, max: 21n * 10n ** 15n }),
);

/** Pools that trade. */
export const pools: fc.Arbitrary<Pool> = fc.record({
  tao: reserve,
  alpha: reserve,
  quoteWeight: fc.bigInt({ min: 1n, max: 19n }).map((twentieths) => twentieths * TWENTIETH),
});

/** Amounts of all sizes. */
export const amounts: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 1n, max: 1000n }),
  fc.bigInt({ min: 1n, max: 10n ** 9n }),
  fc.bigInt({ min: 1n, max: 10n ** 15n }),
);
