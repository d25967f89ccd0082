import { expect, test } from 'vitest';
import { checkKeyName, isKeyId, isSameHash } from './api-key.ts';

test.for([
  ['default', true],
  ["Ana's notebook, 2nd (prod) ✓", true],
  ['x'.repeat(64), true],
  ['', false],
  ['x'.repeat(65), false],
  ['a bell\u0007', false],
  ['two\nlines', false],
  ['two\u2028lines', false],
  ['nothing\u0000', false],
  ['turned \u202Eround', false],
  ['half a pair \uD83D', false],
] as const)('%j as the name of a key: %s', ([name, isOk]) => {
  expect(checkKeyName(name).ok).toBe(isOk);
});

test.for([
  ['0123456789abcdef', true],
  ['0123456789ABCDEF', false],
  ['0123456789abcde', false],
  ['0123456789abcdef\n', false],
  ['', false],
] as const)('%j as the id of a key: %s', ([text, isOk]) => {
  expect(isKeyId(text)).toBe(isOk);
});

test('two are the same by account and secret, and nothing is the same as nothing', () => {
  const one = { account: 'research', secretSha256: Uint8Array.of(1, 2) };
  expect(isSameHash(one, { account: 'research', secretSha256: Uint8Array.of(1, 2) })).toBe(true);
  for (const other of [
    undefined,
    { account: 'desk', secretSha256: Uint8Array.of(1, 2) },
    { account: 'research', secretSha256: Uint8Array.of(1, 3) },
    { account: 'research', secretSha256: Uint8Array.of(1) },
    { account: 'research', secretSha256: Uint8Array.of(1, 2, 3) },
  ]) {
    expect(isSameHash(one, other)).toBe(false);
  }
});
