import { ONE } from '@subnetes/consensus/fixed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyCurve, geometricPlaces, winnerTakesMost } from './incentive-curve.ts';
import { totalOf } from './reapportion.ts';

const WEIGHTS = [50, 30, 20];

test.for([
  { what: 'by place, whatever the distance', incentive: [1n, 900n, 99n], paid: [200n, 500n, 300n] },
  { what: 'equals share the parts of their places', incentive: [400n, 400n, 200n], paid: [400n, 400n, 200n] },
  {
    what: 'a unit that cannot be shared goes to the lower uid',
    incentive: [333n, 333n, 333n],
    paid: [333n, 333n, 333n],
  },
  { what: 'who earned nothing has no place', incentive: [0n, 700n, 0n, 300n], paid: [0n, 625n, 0n, 375n] },
  {
    what: 'places that the curve does not know earn nothing',
    incentive: [400n, 300n, 200n, 100n],
    paid: [500n, 300n, 200n, 0n],
  },
  {
    what: 'equals at its edge share what is left',
    incentive: [400n, 300n, 150n, 150n],
    paid: [500n, 300n, 100n, 100n],
  },
  { what: 'one miner gets everything', incentive: [0n, 1000n], paid: [0n, 1000n] },
  { what: 'nobody gets nothing', incentive: [0n, 0n], paid: [0n, 0n] },
])('$what', ({ incentive, paid }) => {
  expect(applyCurve(incentive, { weightsByPlace: WEIGHTS })).toEqual(paid);
});

const shares = fc.array(fc.oneof(fc.constantFrom(0n, 5n), fc.bigInt({ min: 0n, max: ONE })), { maxLength: 30 });
const weightsByPlace = fc
  .array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 20 })
  .map((list) => list.toSorted((left, right) => right - left));

test('keeps the sum and the order, and treats equals alike to a unit', () => {
  fc.assert(
    fc.property(shares, weightsByPlace, (incentive, weights) => {
      const paid = applyCurve(incentive, { weightsByPlace: weights });
      expect(totalOf(paid)).toBe(totalOf(incentive));
      for (const [uid, own] of incentive.entries()) {
        for (const [other, share] of incentive.entries()) {
          const difference = paid[uid]! - paid[other]!;
          // A unit, because the last one of a group may fall to a lower place or uid.
          expect(own < share || difference >= -1n).toBe(true);
          expect(own !== share || difference <= 1n).toBe(true);
        }
      }
    }),
  );
});

test('curves of the live network', () => {
  expect(geometricPlaces(800_000, 4)).toEqual([1_000_000, 800_000, 640_000, 512_000]);
  expect(winnerTakesMost(950_000, 6)).toEqual([950_000, 10_000, 10_000, 10_000, 10_000, 10_000]);
  expect(winnerTakesMost(1_000_000, 1)).toEqual([1_000_000]);
});
