import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, canonicalText, escaped, jsonOf } from './canonical-json.ts';

const leaf = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.bigInt(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constantFrom(null, undefined),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree').filter((value) => value !== undefined)),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('tree')),
  ),
}));

test('the text in one pass is that of both steps', () => {
  fc.assert(
    fc.property(
      tree.filter((value) => value !== undefined),
      (value) => {
        expect(canonicalText(value)).toBe(canonicalJson(jsonOf(value)));
      },
    ),
    { numRuns: 500 },
  );
});

test('a text between quotation marks of one’s own is its JSON', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary-ascii' })), (text) => {
      expect(`"${escaped(text)}"`).toBe(JSON.stringify(text));
    }),
  );
});

test.for([[1.5], [Number.NaN], [2 ** 53]])('a number that is no safe integer is refused: %d', ([value]) => {
  expect(() => canonicalText({ value })).toThrow(RangeError);
});

test('what has no JSON is refused', () => {
  expect(() => canonicalText({ value: () => 1 })).toThrow(TypeError);
  expect(() => canonicalText(undefined)).toThrow(TypeError);
});
