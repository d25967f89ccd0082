import { cosigner, noteSigner } from '@subnetes/transparency/note-signer';
import { bytesOfText } from '@subnetes/transparency/note-text';
import { formatNote, type NoteSignature, parseNote, verifyNote } from '@subnetes/transparency/signed-note';
import { expect, test } from 'vitest';
import {
  type CheckpointWitness,
  type CosignOutcome,
  makeCosign,
  WitnessAway,
  type WitnessReply,
} from './cosign-checkpoint.ts';
import type { StoredCheckpoint } from './tree-store.ts';

const LOG = valueOf(noteSigner('subnetes.io/ledger/ab', new Uint8Array(32).fill(1)));
const NAMES = ['witness.example/one', 'witness.example/two'];
const WITNESSES = NAMES.map((name, at) => valueOf(cosigner(name, new Uint8Array(32).fill(10 + at))));
const NOW_SECONDS = 1000;

function valueOf<T>(decision: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!decision.ok) throw new Error('refused');
  return decision.value;
}

function checkpointOf(size: number): StoredCheckpoint {
  const text = `subnetes.io/ledger/ab\n${size}\n${Buffer.alloc(32, size).toString('base64')}\n`;
  return { size, note: formatNote({ text, signatures: [LOG.sign(text)] }) };
}

const textOf = (note: Uint8Array): string => valueOf(parseNote(note)).text;
const signed = (signature: NoteSignature): WitnessReply => ({ kind: 'signed', signatures: [signature] });
const signs =
  (at: number) =>
  async ({ note }: Parameters<CheckpointWitness['add']>[0]): Promise<WitnessReply> =>
    signed(WITNESSES[at]!.cosign(textOf(note), NOW_SECONDS));

function world(adds: readonly CheckpointWitness['add'][]) {
  const kept = { checkpoint: checkpointOf(5) };
  const proofs: string[] = [];
  const outcomes: CosignOutcome[] = [];
  const contradictions: string[] = [];
  const cosign = makeCosign({
    tree: {
      checkpoint: async () => kept.checkpoint,
      consistency: async (first, second) => {
        proofs.push(`${first}-${second}`);
        return first > second ? undefined : [];
      },
      async addSignatures(checkpoint, signatures) {
        if (kept.checkpoint.note !== checkpoint.note) return;
        const { text, signatures: before } = valueOf(parseNote(bytesOfText(checkpoint.note)));
        kept.checkpoint = { ...checkpoint, note: formatNote({ text, signatures: [...before, ...signatures] }) };
      },
    },
    witnesses: adds.map((add, at) => ({ key: WITNESSES[at]!.key, add })),
    told: (_witness, outcome) => outcomes.push(outcome),
    onContradiction: async ({ size }, message) => void contradictions.push(`${size} ${message}`),
  });
  const signers = (): readonly string[] => {
    const keys = [LOG.key, ...WITNESSES.map(({ key }) => key)];
    const verified = verifyNote(valueOf(parseNote(bytesOfText(kept.checkpoint.note))), keys);
    return valueOf(verified).map(({ key }) => key.name);
  };
  return { kept, proofs, outcomes, contradictions, cosign, signers };
}

test('each witness signs each checkpoint once, and from where it stood', async () => {
  const { kept, proofs, outcomes, cosign, signers } = world([signs(0), signs(1)]);
  expect(await cosign()).toBe(2);
  expect(signers()).toEqual([LOG.key.name, ...NAMES]);
  expect(await cosign()).toBe(0);
  kept.checkpoint = checkpointOf(9);
  expect(await cosign()).toBe(2);
  expect(proofs).toEqual(['5-9', '5-9']); // nothing is to be proved to who has signed nothing
  expect(outcomes).toEqual(Array.from({ length: 4 }, () => 'signed'));
});

test('one that is away delays nobody, and is asked again for the next checkpoint', async () => {
  let isAway = true;
  const { kept, outcomes, cosign, signers } = world([
    async (request) => {
      if (isAway) throw new WitnessAway('connection refused');
      return signs(0)(request);
    },
    signs(1),
  ]);
  expect(await cosign()).toBe(1);
  expect(signers()).toEqual([LOG.key.name, NAMES[1]]);
  expect(outcomes).toEqual(['away', 'signed']);
  isAway = false;
  expect(await cosign()).toBe(0);
  kept.checkpoint = checkpointOf(6);
  expect(await cosign()).toBe(2);
});

test('one that stands elsewhere is asked from there, once', async () => {
  const sizes: number[] = [];
  const { proofs, cosign } = world([
    async (request) => {
      sizes.push(request.oldSize);
      return request.oldSize === 3 ? signs(0)(request) : { kind: 'stands', size: 3 };
    },
  ]);
  expect(await cosign()).toBe(1);
  expect([sizes, proofs]).toEqual([[0, 3], ['3-5']]);
});

test.for<[string, CheckpointWitness['add']]>([
  ['refuses', async () => ({ kind: 'refused', message: 'no' })],
  ['never says the same', async ({ oldSize }) => ({ kind: 'stands', size: oldSize + 1 })],
  ['signs nothing', async () => ({ kind: 'signed', signatures: [] })],
  ['signs by another key', (request) => signs(1)(request)],
  [
    'signs another text',
    async () => signed(WITNESSES[0]!.cosign(textOf(bytesOfText(checkpointOf(4).note)), NOW_SECONDS)),
  ],
])('nothing is kept of one that %s', async ([, add]) => {
  const { kept, outcomes, contradictions, cosign } = world([add]);
  const before = kept.checkpoint;
  expect(await cosign()).toBe(0);
  expect(kept.checkpoint).toBe(before);
  expect([outcomes, contradictions]).toEqual([['refused'], []]);
});

test.for<[string, CheckpointWitness['add'], string]>([
  [
    'a longer log',
    async () => ({ kind: 'stands', size: 7 }),
    `5 ${NAMES[0]}: it has signed 7 entries, and the checkpoint has 5`,
  ],
  ['another one', async () => ({ kind: 'contradicts', message: 'it answers 422' }), `5 ${NAMES[0]}: it answers 422`],
])('one that has signed %s is told of as a contradiction', async ([, add, message]) => {
  const { kept, outcomes, contradictions, cosign } = world([add, signs(1)]);
  expect(await cosign()).toBe(1);
  expect([outcomes.toSorted(), contradictions]).toEqual([['contradicted', 'signed'], [message]]);
  kept.checkpoint = checkpointOf(6);
  await cosign();
  expect(contradictions).toHaveLength(2);
});

test('what a longer log of this very ledger contradicts is told of nobody', async () => {
  const { kept, outcomes, contradictions, cosign } = world([
    async () => {
      kept.checkpoint = checkpointOf(7); // by the ledger that has taken over
      return { kind: 'stands', size: 7 };
    },
  ]);
  await cosign();
  expect([outcomes, contradictions]).toEqual([['contradicted'], []]);
});

test('a bug in the way is no outage', async () => {
  const { cosign } = world([() => Promise.reject(new TypeError('a bug'))]);
  await expect(cosign()).rejects.toThrow(TypeError);
});
