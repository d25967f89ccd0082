import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bond } from '#domain/epoch-inputs.ts';
import { bondsFromText, bondsToText } from './stored-bonds.ts';

const bond = fc.record({
  mechanismId: fc.nat(2),
  from: fc.constantFrom('a', 'b', 'c'),
  to: fc.constantFrom('a', 'b', 'c', 'd'),
  value: fc.nat(65_535),
});
const key = (each: Bond): string => `${each.mechanismId}/${each.from}/${each.to}`;

test('bonds come back as they were stored, grouped by who holds them', () => {
  fc.assert(
    fc.property(fc.uniqueArray(bond, { selector: key }), (bonds) => {
      const byKey = (list: readonly Bond[]) => list.toSorted((left, right) => (key(left) < key(right) ? -1 : 1));
      expect(byKey(bondsFromText(bondsToText(bonds)))).toEqual(byKey(bonds));
    }),
  );
});

test('bonds of the first form are still read', () => {
  const bonds = [{ mechanismId: 0, from: 'a', to: 'b', value: 7 }];
  expect(bondsFromText(JSON.stringify(bonds))).toEqual(bonds);
});

test('each id is stored once', () => {
  const id = 'ff'.repeat(32);
  const text = bondsToText([1, 2, 3].map((mechanismId) => ({ mechanismId, from: id, to: id, value: 9 })));
  expect(text.split(id)).toHaveLength(2);
});
