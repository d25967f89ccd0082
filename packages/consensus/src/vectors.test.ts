import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checkCase } from '../test/check-case.ts';
import { ITEM_CHECKERS } from '../test/item-cases.ts';
import { readCase, readCases, type VectorCase } from '../test/vector-case.ts';

const cases = readCases(fileURLToPath(new URL('../test/vectors', import.meta.url)));
const checked = cases.filter(({ kind }) => kind === 'epoch' || kind === 'simulator' || kind in ITEM_CHECKERS);

test('the folder of cases is all there', () => {
  expect(cases).toHaveLength(80);
  expect(cases.filter(({ kind }) => kind === 'epoch')).toHaveLength(28);
  expect(cases.filter(({ kind }) => kind === 'simulator')).toHaveLength(5);
});

test.for(checked.map((vector) => [vector.name, vector] as const))('%s', ([, vector]) => {
  expect(checkCase(vector)).toEqual([]);
});

test('a kind that nobody knows fails by its name', () => {
  const unknown: VectorCase = { name: 'x', kind: 'astrology', inputs: {}, expected: {} };
  expect(checkCase(unknown)).toEqual(['unknown kind astrology']);
});

test.for([
  ['derived', 'bonds_u16', [[1]]],
  ['derived', 'incentive', [1]],
  ['asserted', 'no_such_field', 1],
] as const)('a planted failure in %s.%s is found', ([block, field, value]) => {
  const lone = cases.find(({ name }) => name === 'classic-1-graph-self-weight')!;
  const planted = { ...lone.expected, epochs: [{ [block]: { [field]: value } }] };
  expect(checkCase({ ...lone, expected: planted })).toHaveLength(1);
});

test('whole numbers beyond 2^53 are read exactly', () => {
  const text = '{"name":"x","kind":"k","inputs":{"big":18446744073709551615,"small":7},"expected":{}}';
  expect(readCase(text).inputs).toEqual({ big: 18_446_744_073_709_551_615n, small: 7 });
});
