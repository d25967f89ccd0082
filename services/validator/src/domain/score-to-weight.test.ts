import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { invertWeights, scoresToWeights } from './score-to-weight.ts';
import type { Standing } from './score-to-weight.ts';

const standing = (uid: number, more: Partial<Standing> = {}): Standing => ({
  uid,
  loss: 0.005,
  asked: 20,
  valid: 20,
  isComparable: true,
  isCopy: false,
  ...more,
});

describe('scoresToWeights', () => {
  test('the best gets all of u16, twenty percent more loss a share of 1/e', () => {
    expect(scoresToWeights([standing(4, { loss: 0.006 }), standing(2)])).toEqual([
      { uid: 2, value: 65_535 },
      { uid: 4, value: Math.round(65_535 / Math.E) },
    ]);
  });

  test.for([
    ['a copy', { isCopy: true }],
    ['a miner that cannot be told from a copy yet', { isComparable: false }],
    ['a miner without a judged answer', { loss: undefined }],
    ['a miner with most answers invalid', { valid: 9 }],
    ['a miner that was never asked', { asked: 0, valid: 0 }],
  ] as const)('%s weighs nothing', ([, more]) => {
    expect(scoresToWeights([standing(1), standing(2, { loss: 0.001, ...more })])).toEqual([{ uid: 1, value: 65_535 }]);
  });

  test('missing answers cost their share', () => {
    const weights = scoresToWeights([standing(1), standing(2, { valid: 15 })]);
    expect(weights[1]?.value).toBe(Math.round(65_535 * 0.75));
  });

  test('nobody to weigh gives no weights', () => {
    expect(scoresToWeights([])).toEqual([]);
    expect(scoresToWeights([standing(1, { isCopy: true })])).toEqual([]);
  });

  test('weights are u16, sorted by uid, and never fall as the loss falls', () => {
    const losses = fc.uniqueArray(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(losses, (values) => {
        const weights = scoresToWeights(values.map((loss, uid) => standing(uid, { loss })));
        expect(weights.map(({ uid }) => uid)).toEqual(weights.map(({ uid }) => uid).toSorted((a, b) => a - b));
        for (const { uid, value } of weights) {
          expect(Number.isInteger(value) && value >= 1 && value <= 65_535).toBe(true);
          const worse = weights.filter((other) => (values[other.uid] ?? 0) > (values[uid] ?? 0));
          expect(worse.every((other) => other.value <= value)).toBe(true);
        }
      }),
    );
  });
});

test('inverted weights turn the order round and feed those that earn nothing', () => {
  const standings = [standing(1), standing(2, { loss: 0.0055 }), standing(3, { isCopy: true })];
  const inverted = invertWeights(scoresToWeights(standings), standings);
  expect(inverted.map(({ uid }) => uid)).toEqual([2, 3]);
  expect(inverted[1]?.value).toBe(65_535);
});
