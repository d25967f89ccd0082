import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pageToken, placeOfToken } from './page-token.ts';

const QUERY = ['postings', 'billing:shop', 0, true] as const;

test('a token gives its place back to its own query', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 50, unit: 'grapheme' }), (place) => {
      expect(placeOfToken(QUERY, pageToken(QUERY, place))).toBe(place);
    }),
  );
  expect(placeOfToken(QUERY, '')).toBeUndefined();
});

test('a token of another query, a changed one and an invented one are refused', () => {
  const token = pageToken(QUERY, '17.0');
  const wrong = [
    pageToken(['postings', 'billing:other', 0, true], '17.0'),
    `A${token.slice(1)}`,
    token.slice(0, 8),
    'x',
    '-1',
    `${token}!`,
    'A'.repeat(701),
  ];
  for (const text of wrong) expect(() => placeOfToken(QUERY, text)).toThrow(/page.token/);
});
