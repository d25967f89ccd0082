import { describe, expect, test } from 'vitest';
import { canonicalJson, differences, hashOf, sameJson } from './canonical.ts';

test('the order of keys and absent members make no difference', () => {
  expect(canonicalJson({ b: 1, a: [{ d: undefined, c: null }] })).toBe('{"a":[{"c":null}],"b":1}');
  expect(hashOf({ a: 1, b: 2 })).toBe(hashOf({ b: 2, a: 1 }));
  expect(sameJson({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
});

describe('differences', () => {
  test.for([
    { name: 'defaults of the server are none', desired: { a: 1 }, observed: { a: 1, b: 2 }, found: [] },
    { name: 'a changed leaf', desired: { a: { b: 1 } }, observed: { a: { b: 2 } }, found: ['/a/b'] },
    { name: 'a missing branch', desired: { a: { b: 1 } }, observed: {}, found: ['/a'] },
    {
      name: 'named entries are found whatever their place',
      desired: { c: [{ name: 'x', v: 1 }] },
      observed: { c: [{ name: 'sidecar' }, { name: 'x', v: 1, w: 2 }] },
      found: [],
    },
    {
      name: 'a named entry that is gone',
      desired: { c: [{ name: 'x' }] },
      observed: { c: [{ name: 'y' }] },
      found: ['/c[x]'],
    },
    {
      name: 'a plain list that grew',
      desired: { p: [{ port: 1 }] },
      observed: { p: [{ port: 1 }, {}] },
      found: ['/p'],
    },
    { name: 'an empty list that the server left out', desired: { p: [] }, observed: {}, found: [] },
  ])('$name', ({ desired, observed, found }) => {
    expect(differences(desired, observed)).toEqual(found);
  });
});
