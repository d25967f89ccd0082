import { expect, test } from 'vitest';
import { isRenamed, tokenNamesOf } from './token-names.ts';

test.for([
  ['renamed', 'SUB', 'SUB', true],
  ['as genesis has it', 'TAO', 'TAO', false],
  ['by a ledger that tells no other', '', 'TAO', false],
] as const)('%s: what people read', ([, displaySymbol, own, renamed]) => {
  const network = { symbol: 'TAO', displaySymbol };
  const names = tokenNamesOf(network);
  expect([names.own, names.of('TAO'), names.of(undefined)]).toEqual([own, own, own]);
  expect([names.of('ALPHA1'), names.of('')], 'other assets keep theirs').toEqual(['ALPHA1', '']);
  expect(isRenamed(network)).toBe(renamed);
});
