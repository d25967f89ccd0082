import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LOG, logKey, ORIGIN, signedCheckpoint, valueOf, witnessKey } from '../test/signed-log.ts';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { bytesOfText } from './note-text.ts';
import { formatNote } from './signed-note.ts';
import { judgeCheckpoint, type TrustPolicy, trustPolicy } from './trust-policy.ts';
import { EMPTY_ROOT } from './tree-hash.ts';
import { parseVerifierKey } from './verifier-key.ts';

const WITNESSES = [witnessKey(11), witnessKey(12), witnessKey(13)];
const [one, two] = WITNESSES;

function policyOf(change: Partial<TrustPolicy> = {}): TrustPolicy {
  return valueOf(
    trustPolicy({
      origin: ORIGIN,
      logKeys: [LOG.key],
      witnesses: WITNESSES.map(({ key }) => key),
      witnessesMin: 2,
      ...change,
    }),
  );
}

test('a checkpoint is taken from the log with k of n witnesses', () => {
  const trusted = judgeCheckpoint(signedCheckpoint(300, { witnesses: [one!, two!, witnessKey(99)] }), policyOf());
  expect(trusted).toMatchObject({ ok: true, value: { checkpoint: { origin: ORIGIN, size: 300, extensions: [] } } });
  expect(trusted.ok && trusted.value.witnesses).toEqual([
    { name: 'witness.example/11', timeSeconds: 1000 },
    { name: 'witness.example/12', timeSeconds: 1000 },
  ]);
});

test.for([
  ['one witness too few', signedCheckpoint(300, { witnesses: [one!] }), 'QUORUM_MISSED'],
  ['the same witness twice', signedCheckpoint(300, { witnesses: [one!, one!] }), 'QUORUM_MISSED'],
  [
    'witnesses without the log',
    signedCheckpoint(300, { signer: logKey(2), witnesses: [one!, two!] }),
    'SIGNATURE_MISSING',
  ],
  ['nobody', signedCheckpoint(300, { signer: logKey(2) }), 'SIGNATURE_MISSING'],
  ['another log', signedCheckpoint(300, { origin: 'log.example/other', witnesses: [one!, two!] }), 'ORIGIN_UNKNOWN'],
  [
    'an empty tree with a root',
    signedCheckpoint(0, { root: LOG.key.publicKey, witnesses: [one!, two!] }),
    'CHECKPOINT_MALFORMED',
  ],
  ['a note that is no checkpoint', noteOf('hello\n'), 'CHECKPOINT_MALFORMED'],
  ['too much', new Uint8Array(1_000_001), 'NOTE_TOO_LARGE'],
] as const)('a checkpoint by %s is refused', ([, note, code]) => {
  expect(judgeCheckpoint(note, policyOf())).toMatchObject({ ok: false, code });
});

function noteOf(text: string): Uint8Array {
  return bytesOfText(formatNote({ text, signatures: [LOG.sign(text)] }));
}

test('the empty tree is a tree', () => {
  const note = signedCheckpoint(0, { root: EMPTY_ROOT });
  expect(judgeCheckpoint(note, policyOf({ witnessesMin: 0 })).ok).toBe(true);
});

test('any altered bit of a signed checkpoint is refused', () => {
  const note = signedCheckpoint(300, { witnesses: [one!, two!] });
  const policy = policyOf();
  expect(judgeCheckpoint(note, policy).ok).toBe(true);
  fc.assert(
    fc.property(fc.nat({ max: note.length * 8 - 1 }), (bit) => {
      const altered = Uint8Array.from(note);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(judgeCheckpoint(altered, policy).ok).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test.for([
  ['no key of the log', { logKeys: [] }],
  ['a key of another log', { logKeys: [logKey(1, 'log.example/other').key] }],
  ['a witness as the log', { logKeys: [witnessKey(1, ORIGIN).key] }],
  ['a log as a witness', { witnesses: [logKey(7).key], witnessesMin: 1 }],
  ['one key under two names', { witnesses: [witnessKey(11).key, witnessKey(11, 'other.example').key] }],
  ['the log as its own witness', { witnesses: [witnessKey(1).key], witnessesMin: 1 }],
  ['more witnesses than there are', { witnessesMin: 4 }],
  ['a fraction of a witness', { witnessesMin: 1.5 }],
] as const)('a policy with %s is refused', ([, change]) => {
  const policy = { origin: ORIGIN, logKeys: [LOG.key], witnesses: WITNESSES.map(({ key }) => key), witnessesMin: 2 };
  expect(trustPolicy({ ...policy, ...change })).toMatchObject({ ok: false, code: 'POLICY_INVALID' });
});

test.for([
  'log\n1\n',
  '\n1\nAAAA\n',
  'log\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
  'log\n+1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
  'log\n9007199254740992\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
  'log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n',
  'log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n',
  'log\n1\nCsUYapGGPo4dkMgI\n',
  'log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=',
  'log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\nx\n',
  `log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n${'x\n'.repeat(17)}`,
])('%j is no checkpoint', (text) => {
  expect(parseCheckpoint(text)).toMatchObject({ ok: false, code: 'CHECKPOINT_MALFORMED' });
});

test('a checkpoint reads as it was written, extension lines included', () => {
  const checkpoint = { origin: 'log ü', size: 2 ** 53 - 1, root: LOG.key.publicKey, extensions: ['a', 'b c'] };
  expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual({ ok: true, value: checkpoint });
  expect(() => formatCheckpoint({ ...checkpoint, extensions: ['a\nb'] })).toThrow(RangeError);
  expect(() => formatCheckpoint({ ...checkpoint, origin: '' })).toThrow(RangeError);
});

test.for([
  ['', 'KEY_MALFORMED'],
  ['example.com/foo+530d903a', 'KEY_MALFORMED'],
  ['example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k', 'KEY_MALFORMED'],
  ['example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k', 'KEY_MALFORMED'],
  ['example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k', 'KEY_MALFORMED'],
  ['example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv', 'KEY_MALFORMED'],
  ['example.com/foo+530d903a+BukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k', 'KEY_UNSUPPORTED'],
] as const)('%s is no key', ([text, code]) => {
  expect(parseVerifierKey(text)).toMatchObject({ ok: false, code });
});

test("C2SP's own example of a key and a note holds", () => {
  const key = valueOf(parseVerifierKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'));
  const note =
    'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
  // A note, though not a checkpoint: the signature holds, the form does not.
  const policy = { origin: key.name, logKeys: [key], witnesses: [], witnessesMin: 0 };
  expect(judgeCheckpoint(bytesOfText(note), policy)).toMatchObject({ ok: false, code: 'CHECKPOINT_MALFORMED' });
  expect(judgeCheckpoint(bytesOfText(note.replace('an', 'no')), policy)).toMatchObject({ code: 'SIGNATURE_INVALID' });
});
