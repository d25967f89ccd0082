import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LOG, logKey, ORIGIN, signedCheckpoint, valueOf } from '../test/signed-log.ts';
import { CompactRange } from './compact-range.ts';
import { chainHashOf, entryLeaf } from './entry-leaf.ts';
import { checkEntryProof, formatEntryProof } from './entry-proof.ts';
import { payoutOf, paymentsOn, readEntryText } from './ledger-entry.ts';
import { formatLogProof, LOG_PROOF_BYTES_MAX, parseLogProof } from './log-proof.ts';
import { bytesOfText } from './note-text.ts';
import { tileHashPlace } from './tile.ts';
import { TiledTree } from './tiled-tree.ts';
import { leafHash } from './tree-hash.ts';
import { trustPolicy } from './trust-policy.ts';

const REGISTRATION = 'ab'.repeat(32);
const POLICY = valueOf(trustPolicy({ origin: ORIGIN, logKeys: [LOG.key], witnesses: [], witnessesMin: 0 }));

const leg = (account: string, delta: string, balanceAfter: string) => ({ account, asset: 'TAO', balanceAfter, delta });
const payout = {
  block: 40,
  kind: 'EpochPaid',
  payload: {
    index: 3,
    netuid: 7,
    neurons: [
      { dividend: '0', incentive: '41', permit: false, registrationId: REGISTRATION, uid: 5 },
      { dividend: '0', incentive: '0', permit: false, registrationId: 'cd'.repeat(32), uid: 6 },
      { dividend: '9', incentive: '0', permit: false, registrationId: 'ef'.repeat(32), uid: 7 },
    ],
  },
  postings: [leg('sealed:7', '-41', '0'), leg('5Miner', '41', '141')],
};

/** A journal of ten entries, the last of them a payout, and its tree. */
function journal() {
  const texts = [
    ...Array.from({ length: 9 }, (_, at) => `{"block":${at},"kind":"Block","payload":{},"postings":[]}`),
    JSON.stringify(payout),
  ];
  const range = CompactRange.empty();
  const tile: Uint8Array[] = [];
  const previous: string[] = [];
  let hash = '0'.repeat(64);
  for (const [at, text] of texts.entries()) {
    previous.push(hash);
    hash = chainHashOf(hash, text);
    range.append(leafHash(entryLeaf(at + 1, hash)), (node, nodeHash) => {
      if (tileHashPlace(node) !== undefined) tile.push(nodeHash);
    });
  }
  const note = signedCheckpoint(texts.length, { root: range.root() });
  const tree = new TiledTree(texts.length, async ({ width }) => Buffer.concat(tile.slice(0, width)));
  return { texts, previous, note, tree };
}

const made = journal();

async function fileOf(sequence: number): Promise<Uint8Array> {
  const proof = valueOf(await made.tree.inclusionProof(sequence - 1));
  const [text = '', previousHash = ''] = [made.texts[sequence - 1], made.previous[sequence - 1]];
  return formatEntryProof({ sequence, previousHash, text, proof, note: made.note });
}

test("the chain's hash is the journal's", () => {
  const previous = createHash('sha256').update('x').digest('hex');
  const expected = createHash('sha256').update(Buffer.from(previous, 'hex')).update('ünï', 'utf8').digest('hex');
  expect(chainHashOf(previous, 'ünï')).toBe(expected);
  expect(() => chainHashOf('AB'.repeat(32), 'x')).toThrow(RangeError);
  expect(() => entryLeaf(0, previous)).toThrow(RangeError);
});

test('every entry of a journal is shown by a file, and what it paid', async () => {
  for (let sequence = 1; sequence <= 10; sequence += 1) {
    const proven = valueOf(checkEntryProof(await fileOf(sequence), POLICY));
    expect(proven.sequence).toBe(sequence);
    expect(proven.trusted.checkpoint.size).toBe(10);
  }
  const { entry } = valueOf(checkEntryProof(await fileOf(10), POLICY));
  expect(payoutOf(entry, { netuid: 7, index: 3, registrationId: REGISTRATION })).toEqual({
    ok: true,
    value: { uid: 5, incentive: 41n, dividend: 0n, accounts: ['5Miner'] },
  });
  expect(payoutOf(entry, { netuid: 7, index: 3, registrationId: 'cd'.repeat(32) })).toMatchObject({
    ok: true,
    value: { incentive: 0n, dividend: 0n, accounts: [] },
  });
  expect(paymentsOn(entry, '5Miner')).toMatchObject({ ok: true, value: [{ delta: 41n, balanceAfter: 141n }] });
});

test.for([
  ['another epoch', { netuid: 7, index: 4, registrationId: REGISTRATION }, 'ENTRY_MISMATCH'],
  ['another subnet', { netuid: 8, index: 3, registrationId: REGISTRATION }, 'ENTRY_MISMATCH'],
  ['a stranger', { netuid: 7, index: 3, registrationId: '00'.repeat(32) }, 'PAYMENT_ABSENT'],
  [
    'an amount that was named and not moved',
    { netuid: 7, index: 3, registrationId: 'ef'.repeat(32) },
    'PAYMENT_ABSENT',
  ],
] as const)('a payout is not shown for %s', ([, wanted, code]) => {
  const entry = valueOf(readEntryText(JSON.stringify(payout)));
  expect(payoutOf(entry, wanted)).toMatchObject({ ok: false, code });
  expect(paymentsOn(entry, 'nobody')).toMatchObject({ ok: false, code: 'PAYMENT_ABSENT' });
});

test('any altered bit of a file is refused', async () => {
  const file = await fileOf(10);
  fc.assert(
    fc.property(fc.nat({ max: file.length * 8 - 1 }), (bit) => {
      const altered = Uint8Array.from(file);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(checkEntryProof(altered, POLICY).ok).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test("another entry's text, place or log is refused", async () => {
  const proof = valueOf(await made.tree.inclusionProof(9));
  const right = { sequence: 10, previousHash: made.previous[9]!, text: made.texts[9]!, proof, note: made.note };
  for (const [change, code] of [
    [{ text: made.texts[9]!.replace('41', '42') }, 'PROOF_WRONG'],
    [{ previousHash: made.previous[8]! }, 'PROOF_WRONG'],
    [{ sequence: 9 }, 'PROOF_WRONG'],
    [{ sequence: 11 }, 'PROOF_MALFORMED'],
    [{ note: signedCheckpoint(10) }, 'PROOF_WRONG'],
    [{ note: signedCheckpoint(10, { signer: logKey(2) }) }, 'SIGNATURE_MISSING'],
  ] as const) {
    expect(checkEntryProof(formatEntryProof({ ...right, ...change }), POLICY)).toMatchObject({ ok: false, code });
  }
  expect(checkEntryProof(formatEntryProof(right), POLICY).ok).toBe(true);
});

test('a proof without an entry, and a file that is none, are refused', () => {
  const bare = formatLogProof({ extra: undefined, index: 0, proof: [], note: made.note });
  expect(parseLogProof(bare)).toEqual({
    ok: true,
    value: { extra: undefined, index: 0, proof: [], note: new Uint8Array(made.note) },
  });
  expect(checkEntryProof(bare, POLICY)).toMatchObject({ ok: false, code: 'ENTRY_MALFORMED' });
  for (const text of ['', 'x\n\n', 'c2sp.org/tlog-proof@v1\n\n', 'c2sp.org/tlog-proof@v1\nextra ?\nindex 0\n\nx']) {
    expect(parseLogProof(bytesOfText(text))).toMatchObject({ ok: false, code: 'PROOF_MALFORMED' });
  }
  expect(parseLogProof(new Uint8Array(LOG_PROOF_BYTES_MAX + 1)).ok).toBe(false);
});

test.for([
  '',
  '[]',
  '{"block":1.5,"kind":"x","payload":{},"postings":[]}',
  '{"block":1,"kind":"x","payload":[],"postings":[]}',
  '{"block":1,"kind":"x","payload":{},"postings":{}}',
  '{"block":1,"kind":"x","payload":{},"postings":[{"account":"a","asset":"b","delta":1,"balanceAfter":"1"}]}',
  '{"block":1,"kind":"x","payload":{},"postings":[{"account":"a","asset":"b","delta":"1e3","balanceAfter":"1"}]}',
])('%j is no entry', (text) => {
  expect(readEntryText(text)).toMatchObject({ ok: false, code: 'ENTRY_MALFORMED' });
});
