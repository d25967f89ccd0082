import { expect, test } from 'vitest';
import { escapeNonAscii } from '#bundle.ts';

test.for(['plain', 'é–中', '😀 beyond the first plane', 'a\u2028b'])('%j means the same as an escape', (text) => {
  const escaped = escapeNonAscii(`'${text.replaceAll('\u2028', '\\u2028')}'`);
  expect(escaped).toMatch(/^[\0-\x7F]*$/);
  expect(JSON.parse(escaped.replaceAll("'", '"'))).toBe(text);
});
