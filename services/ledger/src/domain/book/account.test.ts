import { assert, oneof, property, string, stringMatching } from 'fast-check';
import { expect, test } from 'vitest';
import { isBillingAccount } from './account.ts';

const PATTERN = /^billing:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

test('a billing account is named by a DNS label', () => {
  const edges = [
    '',
    'a',
    '-',
    'a-',
    '-a',
    'a-b',
    'A',
    'a.b',
    'ä',
    'a\n',
    '0',
    'z'.repeat(63),
    'z'.repeat(64),
    `a${'-'.repeat(61)}b`,
  ];
  for (const name of edges)
    for (const id of [`billing:${name}`, name]) expect(isBillingAccount(id)).toBe(PATTERN.test(id));
  assert(
    property(oneof(string(), stringMatching(/^[a-z0-9-]{0,70}$/), stringMatching(/^[+-;\x60-~]{0,4}$/)), (name) => {
      for (const id of [`billing:${name}`, name]) expect(isBillingAccount(id)).toBe(PATTERN.test(id));
    }),
    { numRuns: 1000 },
  );
});
