import { assert, bigInt, maxSafeInteger, oneof, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { ByteText } from './byte-text.ts';

/** Between two others, in memory that has to grow. */
function written(write: (to: ByteText) => void): string {
  const to = new ByteText(1);
  to.ascii('<');
  write(to);
  to.ascii('>');
  expect(to.length).toBe(to.bytes.length);
  return to.bytes.toString('utf8').slice(1, -1);
}

const TEXTS = oneof(string(), string({ unit: 'binary-ascii' }), string({ unit: 'grapheme' }));

test('texts, with and without quotation marks, are written as they are elsewhere', () => {
  assert(
    property(TEXTS, (text) => {
      expect(written((to) => to.text(text))).toBe(Buffer.from(text).toString());
      expect(written((to) => to.quoted(text))).toBe(Buffer.from(JSON.stringify(text)).toString());
    }),
  );
});

test('a plain text is written whole or not at all', () => {
  assert(
    property(TEXTS, (text) => {
      let isPlain: boolean | undefined;
      const bytes = written((to) => (isPlain = to.plain(text)));
      expect(isPlain).toBe(/^[ -[\]-~]*$/.test(text));
      expect(bytes).toBe(isPlain === true ? text : '');
    }),
  );
});

test('numbers have the digits that they have as texts', () => {
  const edges = [
    0n,
    9n,
    10n,
    2n ** 31n - 1n,
    2n ** 31n,
    2n ** 32n,
    10n ** 15n,
    2n ** 53n - 1n,
    2n ** 53n,
    10n ** 39n - 1n,
  ];
  for (const edge of [...edges, ...edges.map((value) => -value)]) {
    expect(written((to) => to.number(edge))).toBe(String(edge));
  }
  assert(
    property(oneof(bigInt(), bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), maxSafeInteger()), (value) => {
      expect(written((to) => to.number(value))).toBe(String(value));
    }),
  );
});

test('hexadecimal digits become bytes, and memory is used again', () => {
  const to = new ByteText(4);
  to.hex('00ff10');
  to.code(0x41);
  expect(to.bytes.toString('hex')).toBe('00ff1041');
  to.clear();
  to.hex('7f');
  expect(to.bytes.toString('hex')).toBe('7f');
});
