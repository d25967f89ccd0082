import { expect, test } from 'vitest';
import type { Bonds } from '#domain/bonds.ts';
import { bondsFromText, bondsToText } from './stored-bonds.ts';

const BONDS: Bonds = {
  ids: ['a', 'b'],
  rows: [
    [0, 0, 1, 7, 0, 9],
    [1, 1, 0, 65_535],
  ],
};

test('bonds come back as they were stored', () => {
  expect(bondsFromText(bondsToText(BONDS))).toEqual(BONDS);
});

test('bonds of the first form are still read', () => {
  const stored = [
    { mechanismId: 0, from: 'a', to: 'b', value: 7 },
    { mechanismId: 1, from: 'b', to: 'a', value: 9 },
  ];
  expect(bondsFromText(JSON.stringify(stored))).toEqual({
    ids: ['a', 'b'],
    rows: [
      [0, 0, 1, 7],
      [1, 1, 0, 9],
    ],
  });
});

test.for([
  [0, 2, 0, 1],
  [0, 0, 2, 1],
])('a place without an id is not passed over: %j', (row) => {
  expect(() => bondsFromText(JSON.stringify({ ids: ['a', 'b'], rows: [row] }))).toThrow('name an id at 2 of 2');
});
