import { createHash } from 'node:crypto';
import { balanceTree } from '@subnetes/transparency/balance-tree';
import { expect, test } from 'vitest';
import { JournalVerifier, type ListedEntry } from './journal-verifier.ts';

/** An entry hashed as the ledger hashes: over the raw bytes of the hash before it. */
function entry(
  sequence: bigint,
  previous: Buffer,
  postings: ListedEntry['postings'],
  { kind = 'Block', payload = '{}' } = {},
): ListedEntry & { hash: Buffer } {
  const legs = postings.map(
    ({ account, asset, delta, balanceAfter }) =>
      `{"account":"${account}","asset":"${asset}","balanceAfter":"${balanceAfter}","delta":"${delta}"}`,
  );
  const text = `{"block":7,"kind":"${kind}","payload":${payload},"postings":[${legs.join(',')}]}`;
  return {
    sequence,
    block: 7n,
    kind,
    payloadJson: payload,
    postings,
    hash: createHash('sha256').update(previous).update(text).digest(),
  };
}

const GENESIS = Buffer.alloc(32);
const leg = (account: string, delta: string, balanceAfter: string) => ({ account, asset: 'TAO', delta, balanceAfter });

test('a whole chain has no finding and its balances are summed', () => {
  const verifier = new JournalVerifier();
  const first = entry(1n, GENESIS, [leg('mint', '-5', '-5'), leg('a', '5', '5')]);
  verifier.take(first);
  verifier.take(entry(2n, first.hash, [leg('a', '-2', '3'), leg('b', '2', '2')]));
  const proof = verifier.proof();
  expect(proof.findings).toEqual([]);
  expect(Object.fromEntries(proof.balances)).toEqual({ 'TAO/mint': -5n, 'TAO/a': 3n, 'TAO/b': 2n });
});

test.for([
  ['a gap', (hash: Buffer) => entry(3n, hash, []), 'SEQUENCE_GAP'],
  ['another past', () => entry(2n, GENESIS, []), 'HASH_MISMATCH'],
  ['money from nothing', (hash: Buffer) => entry(2n, hash, [leg('a', '1', '6')]), 'UNBALANCED'],
  [
    'a balance that is not the sum',
    (hash: Buffer) => entry(2n, hash, [leg('a', '-1', '5'), leg('b', '1', '1')]),
    'BALANCE_MISMATCH',
  ],
  ['a debt', (hash: Buffer) => entry(2n, hash, [leg('a', '-9', '-4'), leg('b', '9', '9')]), 'NEGATIVE_BALANCE'],
] as const)('%s is found', ([, next, code]) => {
  const verifier = new JournalVerifier();
  const first = entry(1n, GENESIS, [leg('mint', '-5', '-5'), leg('a', '5', '5')]);
  verifier.take(first);
  verifier.take(next(first.hash));
  expect(verifier.proof().findings.map((finding) => finding.code)).toEqual([code]);
});

test('a debt within a floor that the journal grants is none, and one beyond it is', () => {
  const verifier = new JournalVerifier();
  const opened = { kind: 'AccountOpened', payload: '{"account":"a","floor":"-4"}' };
  const first = entry(1n, GENESIS, [leg('mint', '-5', '-5'), leg('a', '5', '5')], opened);
  verifier.take(first);
  const owing = entry(2n, first.hash, [leg('a', '-9', '-4'), leg('b', '9', '9')]);
  verifier.take(owing);
  expect(verifier.proof().findings).toEqual([]);
  verifier.take(entry(3n, owing.hash, [leg('a', '-1', '-5'), leg('b', '1', '10')]));
  expect(verifier.proof().findings.map(({ code }) => code)).toEqual(['NEGATIVE_BALANCE']);
});

test('a root of balances is compared with what the postings came to when the epoch was paid', () => {
  const follow = (root: string, accounts = 2) => {
    const verifier = new JournalVerifier();
    const paid = entry(1n, GENESIS, [leg('mint', '-5', '-5'), leg('a', '5', '5')], { kind: 'EpochPaid' });
    verifier.take(paid);
    const later = entry(2n, paid.hash, [leg('a', '-2', '3'), leg('b', '2', '2')]);
    verifier.take(later);
    const payload = JSON.stringify({ accounts, root, sequence: 1 });
    verifier.take(entry(3n, later.hash, [], { kind: 'Balances', payload }));
    return verifier.proof().findings.map(({ code }) => code);
  };
  const rows = [
    { asset: 'TAO', account: 'a', balance: 5n },
    { asset: 'TAO', account: 'mint', balance: -5n },
  ];
  const root = Buffer.from(balanceTree(1, rows).root).toString('hex');
  expect(follow(root)).toEqual([]);
  expect(follow(root, 3)).toEqual(['BALANCES_MISMATCH']);
  expect(follow('0'.repeat(64))).toEqual(['BALANCES_MISMATCH']);
});
