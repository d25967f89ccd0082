import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, toStored } from './epoch-json.ts';
import { storedBytes } from './stored-bytes.ts';

const text = (value: unknown): string => new TextDecoder().decode(storedBytes(value));

/** Whatever JSON can hold, and what a stored value may hold besides: bigints, members without a value. */
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom(
      null,
      true,
      false,
      0,
      -0,
      1e21,
      5e-324,
      2 ** 53 - 1,
      2 ** 53,
      10 ** 15,
      999_999,
      0n,
      -1n,
      2n ** 53n,
      2n ** 64n,
    ),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.maxSafeNat(),
    fc.bigInt(),
    fc.bigInt({ min: 0n, max: 2n ** 53n }),
    fc.string({ unit: 'binary' }),
    fc.array(tie('tree')),
    fc.dictionary(fc.string({ unit: 'grapheme' }), fc.oneof(tie('tree'), fc.constant(undefined))),
  ),
}));

test('the bytes are those of the canonical text of what is stored', () => {
  fc.assert(
    fc.property(tree, (value) => {
      expect(text(value)).toBe(canonicalJson(toStored(value)));
    }),
    { numRuns: 2000 },
  );
});

test('objects of one kind may lack members, and their names may come in any order', () => {
  const list = [{ b: 1, a: undefined }, { a: 2, b: undefined }, { b: 3, a: 4 }, {}, { b: 1 }];
  expect(text(list)).toBe('[{"b":1},{"a":2},{"a":4,"b":3},{},{"b":1}]');
});

test('a document larger than the buffer is written whole, and the next one begins anew', () => {
  const large = Array.from({ length: 50_000 }, (_, at) => [at, BigInt(at) << 30n, 'x'.repeat(at % 7)]);
  expect(text(large)).toBe(canonicalJson(toStored(large)));
  expect(text('é"')).toBe('"é\\""');
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, [undefined]])('%s has no JSON form', (value) => {
  expect(() => storedBytes({ value: [value] })).toThrow(TypeError);
  expect(text([1])).toBe('[1]');
});
