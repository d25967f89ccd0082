import { formatCheckpoint } from '@subnetes/transparency/checkpoint';
import { CompactRange } from '@subnetes/transparency/compact-range';
import { entryLeaf } from '@subnetes/transparency/entry-leaf';
import { noteSigner } from '@subnetes/transparency/note-signer';
import { formatNote } from '@subnetes/transparency/signed-note';
import { leafHash } from '@subnetes/transparency/tree-hash';
import { expect, test } from 'vitest';
import { Findings } from '#domain/audit/finding.ts';
import { CheckpointAudit } from './checkpoint-audit.ts';
import type { StoredCheckpoint } from './tree-store.ts';

const ORIGIN = 'ledger.example/test';
const made = noteSigner(ORIGIN, new Uint8Array(32).fill(3));
if (!made.ok) throw new Error(made.message);
const signer = made.value;

const entries = (count: number, mark = 'a') =>
  Array.from({ length: count }, (_, index) => ({ sequence: index + 1, hash: `${index + 1}`.padStart(64, mark) }));

function signed(size: number, mark = 'a'): StoredCheckpoint {
  const range = CompactRange.empty();
  for (const { sequence, hash } of entries(size, mark)) range.append(leafHash(entryLeaf(sequence, hash)));
  const text = formatCheckpoint({ origin: ORIGIN, size, root: range.root(), extensions: [] });
  return { size, note: formatNote({ text, signatures: [signer.sign(text)] }) };
}

/** Follows a journal in steps; before each a checkpoint may be told. */
function judge(steps: readonly { readonly to: number; readonly expecting?: readonly StoredCheckpoint[] }[]) {
  const audit = new CheckpointAudit();
  const findings = new Findings();
  const all = entries(steps.at(-1)?.to ?? 0);
  let from = 0;
  for (const { to, expecting = [] } of steps) {
    for (const checkpoint of expecting) audit.expect('somebody signed', checkpoint, findings);
    audit.take(all.slice(from, to), findings);
    audit.end(to, findings);
    from = to;
  }
  return { audit, messages: findings.all.map(({ message }) => message) };
}

test('checkpoints anywhere in what is followed are held against it, step by step', () => {
  const steps = [
    { to: 10, expecting: [signed(7), signed(3)] },
    { to: 10, expecting: [signed(7)] },
    { to: 25, expecting: [signed(9)] },
    { to: 300, expecting: [signed(257)] },
  ];
  expect(judge(steps).messages).toEqual([]);
});

test.for([
  ['a root of other entries', [{ to: 10, expecting: [signed(7, 'b')] }], /first 7 entries do not give the root/],
  ['a checkpoint beyond the end', [{ to: 10, expecting: [signed(11)] }], /an older copy is in its place/],
  ['a note that is none', [{ to: 10, expecting: [{ size: 7, note: 'x' }] }], /cannot be read/],
  [
    'a smaller checkpoint than was there before',
    [
      { to: 10, expecting: [signed(9)] },
      { to: 11, expecting: [signed(5)] },
    ],
    /first 5 entries do not give the root/,
  ],
] as const)('%s is found', ([, steps, message]) => {
  expect(judge(steps).messages).toEqual([expect.stringMatching(message)]);
});

test('after too many entries without a signature the next checkpoint asks for an audit from the first entry', () => {
  const { audit, messages } = judge([{ to: 100_001 }, { to: 100_002, expecting: [signed(2)] }]);
  expect([audit.isStale, messages]).toEqual([true, []]);
});
