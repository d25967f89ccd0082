import { expect, test } from 'vitest';
import { OWN_CASES, readCases } from '../test/case-folder.ts';
import { checkCase } from '../test/check-case.ts';
import { type Json, list, readCase, type VectorCase } from '../test/vector-case.ts';

const cases = readCases(OWN_CASES);

test('the folder of cases is all there', () => {
  expect(cases).toHaveLength(80);
  expect(cases.filter(({ kind }) => kind === 'epoch')).toHaveLength(28);
  expect(cases.filter(({ kind }) => kind === 'simulator')).toHaveLength(5);
});

test.for(cases.map((vector) => [vector.name, vector] as const))('%s', ([, vector]) => {
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

/** Every number moved by more than any tolerance, every truth turned round. */
function wrong(value: Json): Json {
  if (typeof value === 'number') return value + 1e13;
  if (typeof value === 'bigint') return value - 10n ** 13n;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return `not ${value}`;
  if (value === null) return value;
  if (Array.isArray(value)) return value.length === 0 ? ['something'] : value.map(wrong);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, wrong(member)]));
}

test.for(
  cases.filter(({ kind }) => kind !== 'epoch' && kind !== 'simulator').map((vector) => [vector.name, vector] as const),
)('%s with a wrong expectation fails in every item', ([, vector]) => {
  const items = list(vector.expected['items']);
  const found = checkCase({ ...vector, expected: { ...vector.expected, items: items.map(wrong) } });
  for (const number of items.keys()) expect(found.some((text) => text.startsWith(`item ${number + 1}`))).toBe(true);
});

test('whole numbers beyond 2^53 are read exactly', () => {
  const text = '{"name":"x","kind":"k","inputs":{"big":18446744073709551615,"small":7},"expected":{}}';
  expect(readCase(text).inputs).toEqual({ big: 18_446_744_073_709_551_615n, small: 7 });
});
