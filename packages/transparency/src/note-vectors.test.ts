import { expect, test } from 'vitest';
import { readVectors } from '../test/vectors.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { bytesOfText } from './note-text.ts';
import { cosigner, noteSigner } from './note-signer.ts';
import { formatNote, parseNote, verifyNote } from './signed-note.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from './verifier-key.ts';

const vectors = readVectors();

function keyOf(vkey: string): VerifierKey {
  const key = parseVerifierKey(vkey);
  if (!key.ok) throw new Error(key.message);
  return key.value;
}

const OUTCOMES = {
  SIGNATURE_INVALID: 'invalid',
  SIGNATURE_MISSING: 'unverified',
  NOTE_MALFORMED: 'malformed',
} as const;

test.for(vectors.notes)('a note is judged as the reference judges it: $name', (vector) => {
  const parsed = parseNote(bytesOfText(vector.note));
  const keys = vector.knownKeys.map(keyOf);
  const verified = parsed.ok ? verifyNote(parsed.value, keys) : parsed;
  expect(verified.ok ? 'verified' : OUTCOMES[verified.code as keyof typeof OUTCOMES]).toBe(vector.outcome);
  expect(verified.ok ? verified.value.map(({ key }) => key.name) : []).toEqual(vector.verified);
  // What was read and verified is written as it was.
  expect(parsed.ok && verified.ok ? formatNote(parsed.value) : vector.note).toBe(vector.note);
});

test('there is a note for each outcome', () => {
  expect(new Set(vectors.notes.map(({ outcome }) => outcome)).size).toBe(4);
});

test('a log signs the same bytes as the reference', () => {
  const [one] = vectors.notes;
  const parsed = parseNote(bytesOfText(one?.note ?? ''));
  const signer = noteSigner('log.example/ledger', new Uint8Array(32).fill(1));
  if (!parsed.ok || !signer.ok) throw new Error('the vector is no note');
  const { text } = parsed.value;
  expect(formatVerifierKey(signer.value.key)).toBe(one?.knownKeys[0]);
  expect(formatNote({ text, signatures: [signer.value.sign(text)] })).toBe(one?.note);
});

test.for(vectors.cosignatures)('a cosignature of $vkey holds, and is what our witness signs', (vector) => {
  const parsed = parseNote(bytesOfText(vector.note));
  if (!parsed.ok) throw new Error(parsed.message);
  const { text, signatures } = parsed.value;
  expect(parseCheckpoint(text).ok).toBe(true);
  const [log, witness] = [keyOf(vector.logVkey), keyOf(vector.vkey)];
  expect(formatVerifierKey(witness)).toBe(vector.vkey);
  expect(verifyNote(parsed.value, [log, witness])).toEqual({
    ok: true,
    value: [
      { key: log, timeSeconds: undefined },
      { key: witness, timeSeconds: vector.timeSecs },
    ],
  });
  const own = cosigner(witness.name, Buffer.from(vector.seed, 'hex'));
  expect(own.ok && own.value.cosign(text, vector.timeSecs)).toEqual(signatures[1]);
});
