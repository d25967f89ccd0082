import { expect, test } from 'vitest';
import { LOG, logKey, ORIGIN, signedCheckpoint, valueOf } from '../test/signed-log.ts';
import { checkBalanceProof, formatBalanceProof, isBalanceProof } from './balance-proof-file.ts';
import { balanceTree } from './balance-tree.ts';
import { chainHashOf, entryLeaf } from './entry-leaf.ts';
import { formatEntryProof } from './entry-proof.ts';
import { bytesOfText, textOfBytes } from './note-text.ts';
import { leafHash } from './tree-hash.ts';
import { trustPolicy } from './trust-policy.ts';

const POLICY = valueOf(trustPolicy({ origin: ORIGIN, logKeys: [LOG.key], witnesses: [], witnessesMin: 0 }));
const BALANCES = [
  { asset: 'TAO', account: 'a', balance: 5n },
  { asset: 'TAO', account: 'c', balance: 2n },
  { asset: 'TAO', account: 'mint', balance: -7n },
];
const TREE = balanceTree(40, BALANCES);
const ROOT = Buffer.from(TREE.root).toString('hex');

/** A log of one entry, which holds a root. */
function entryProof(change: object = {}, kind = 'Balances'): Uint8Array {
  const payload = { accounts: 3, asset: 'TAO', index: 9, netuid: 7, root: ROOT, sequence: 40, ...change };
  const text = JSON.stringify({ block: 4, kind, payload, postings: [] });
  const previousHash = '0'.repeat(64);
  const root = leafHash(entryLeaf(1, chainHashOf(previousHash, text)));
  return formatEntryProof({ sequence: 1, previousHash, text, proof: [], note: signedCheckpoint(1, { root }) });
}

const fileFor = async (account: string, entry = entryProof()) =>
  formatBalanceProof(await TREE.prove('TAO', account), entry);

test('a file shows what an account had, and that one had nothing', async () => {
  const file = await fileFor('a');
  expect(isBalanceProof(file)).toBe(true);
  expect(valueOf(checkBalanceProof(file, POLICY, 'a'))).toMatchObject({
    asset: 'TAO',
    balance: 5n,
    netuid: 7,
    epoch: 9,
    sequence: 40,
    root: { sequence: 1 },
  });
  expect(valueOf(checkBalanceProof(await fileFor('b'), POLICY, 'b')).balance).toBe(0n);
  expect(valueOf(checkBalanceProof(await fileFor('mint'), POLICY, 'mint')).balance).toBe(-7n);
  expect(isBalanceProof(entryProof())).toBe(false);
});

test('a file for one account says nothing of another, and nothing without the key', async () => {
  const file = await fileFor('a');
  for (const other of ['b', 'c', 'mint']) {
    expect(checkBalanceProof(file, POLICY, other)).toMatchObject({ ok: false, code: 'BALANCE_ABSENT' });
  }
  const stranger = trustPolicy({ origin: ORIGIN, logKeys: [logKey(3).key], witnesses: [], witnessesMin: 0 });
  expect(checkBalanceProof(file, valueOf(stranger), 'a')).toMatchObject({ ok: false, code: 'SIGNATURE_MISSING' });
});

test.for<readonly [string, Uint8Array, string]>([
  ['an entry of another kind', entryProof({}, 'Block'), 'ENTRY_MISMATCH'],
  ['a root of another tree', entryProof({ root: '1'.repeat(64) }), 'PROOF_WRONG'],
  ['a root that is none', entryProof({ root: 'x' }), 'ENTRY_MISMATCH'],
  ['a root of another entry', entryProof({ sequence: 41 }), 'BALANCES_MALFORMED'],
  ['no epoch', entryProof({ index: null }), 'ENTRY_MALFORMED'],
])('a file with %s is refused', async ([, entry, code]) => {
  expect(checkBalanceProof(await fileFor('a', entry), POLICY, 'a')).toMatchObject({ ok: false, code });
});

test('any altered byte of a file is refused', async () => {
  const file = await fileFor('b');
  for (let at = 0; at < file.length; at += 1) {
    const altered = file.map((byte, index) => (index === at ? byte ^ 1 : byte));
    expect(checkBalanceProof(altered, POLICY, 'b').ok, `byte ${at}`).toBe(false);
  }
});

test.for([
  ['nothing', () => ''],
  ['no leaves', (text: string) => text.replace(/^leaf [\s\S]*?\n\n/m, '\n')],
  ['a fourth leaf', (text: string) => text.replace('\nleaf ', '\nleaf 0 AA==\nleaf 0 AA==\nleaf ')],
  ['a leaf of no number', (text: string) => text.replace('\nleaf 0 ', '\nleaf x ')],
  ['a first line of something else', (text: string) => `subnetes/other/v1${text.slice(text.indexOf('\n'))}`],
] as const)('a file with %s is none', async ([, change]) => {
  const text = textOfBytes(await fileFor('b')) ?? '';
  const checked = checkBalanceProof(bytesOfText(change(text)), POLICY, 'b');
  expect(checked).toMatchObject({ ok: false, code: 'BALANCES_MALFORMED' });
});
