import { simulateTraders } from '@subnetes/ledger/test/agents/traders';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** Under Balancer each swap is a power of large numbers: a tenth of a millisecond and more. */
test.each([
  ['Product', 'Burned', 3000],
  ['Product', 'Pool', 10_000],
  ['Balancer', 'Pool', 1500],
] as const)(
  'two hundred traders in pools of %s, fees %s, for %i blocks: nobody gets what the curve does not give',
  (type, feeTo, blocks) => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (seed) => {
        const counts = simulateTraders({ actors: 200, blocks, seed, type, feeTo });
        for (const name of ['RoundTrip', 'Sandwich', 'Split', 'Fill', 'TransferAlpha']) {
          expect({ name, isFrequent: (counts.get(name) ?? 0) > blocks / 50 }).toEqual({ name, isFrequent: true });
        }
        expect(counts.get('BoughtOut') ?? 0).toBeGreaterThan(10);
      }),
      { numRuns: 1, endOnFailure: true },
    );
  },
);
