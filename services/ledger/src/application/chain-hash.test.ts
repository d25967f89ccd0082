import { createHash } from 'node:crypto';
import { array, assert, bigInt, constantFrom, nat, oneof, property, record, string } from 'fast-check';
import { expect, test } from 'vitest';
import { BALANCE_MAX } from '#domain/book/account.ts';
import { canonicalText } from '#domain/book/canonical-json.ts';
import type { HashedEntry } from '#domain/book/journal.ts';
import { hashedText } from '#test/hashed-text.ts';
import { chainHash } from './chain-hash.ts';

const amount = oneof(bigInt({ min: -BALANCE_MAX, max: BALANCE_MAX }), bigInt({ min: 0n, max: 10n ** 10n }));
const text = oneof(
  constantFrom('billing:shop', 'pot:7', ''),
  string({ unit: 'grapheme' }),
  string({ unit: 'binary-ascii' }),
);
const entry = record({
  block: nat(),
  kind: constantFrom('Transfer', 'Block', 'Ku"nde\\'),
  payloadText: oneof(
    string({ unit: 'grapheme', maxLength: 40 }).map((payload) => canonicalText({ payload })),
    // Longer than what is kept ready, and longer than all of it.
    nat(20_000).map((length) => canonicalText({ payload: 'ä'.repeat(length) })),
  ),
  postings: array(
    record({ account: text, asset: constantFrom('TAO', 'ALPHA7', 'Ł'), delta: amount, balanceAfter: amount }),
    {
      maxLength: 4,
    },
  ),
});

/** As the protocol says it, with a text of its own. */
function plainHash(previous: string, hashed: HashedEntry): string {
  return createHash('sha256').update(Buffer.from(previous, 'hex')).update(hashedText(hashed)).digest('hex');
}

test('each entry is hashed over the previous hash and its text', () => {
  const hashOf = chainHash();
  let previous = '0'.repeat(64);
  assert(
    property(entry, (hashed) => {
      const found = hashOf(previous, hashed);
      expect(found).toBe(plainHash(previous, hashed));
      previous = found;
    }),
    { numRuns: 500 },
  );
});

test('the hash of an entry of a journal that exists is what it was', () => {
  const postings = [
    { account: 'billing:shop', asset: 'TAO', delta: -250n, balanceAfter: 9_999_999_750n },
    { account: 'billing:u1', asset: 'TAO', delta: 250n, balanceAfter: 1_000_000_000_250n },
  ];
  const payloadText = '{"amount":"250","code":"bench","from":"billing:shop","id":"a/1","to":"billing:u1"}';
  const hashed = { block: 12, kind: 'Transfer', payloadText, postings };
  expect(chainHash()('ab'.repeat(32), hashed)).toBe('528328eeb2767f2c79e599c8dcfa89d8a553d7f5ae0fdca3ff330693788d06f3');
});
