import { verifyCosignature } from './cosignature.ts';
import { base64Of, bytesOfBase64, hasControlCharacter, isKeyName, bytesOfText, textOfBytes } from './note-text.ts';
import { accept, type Decision, type Refusal, refuse } from './refusal.ts';
import { isSignature } from './signature.ts';
import { isSameKey, type VerifierKey } from './verifier-key.ts';

/** Signed notes as C2SP signed-note and golang.org/x/mod/sumdb/note have them. */

/** As in Go's implementation. */
export const NOTE_BYTES_MAX = 1_000_000;
export const NOTE_SIGNATURES_MAX = 100;

const ID_BYTES = 4;
const LINE_START = '— ';

/** A signature line. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: number;
  /** What follows the key's id: 64 bytes, or what the kind of key says. */
  readonly signature: Uint8Array;
}

/** A note that was read; nobody has looked at its signatures. */
export interface SignedNote {
  /** Ends with a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A signature that holds. */
export interface VerifiedSignature {
  readonly key: VerifierKey;
  /** When a witness signed, in Unix seconds; undefined for keys that sign no time. */
  readonly timeSeconds: number | undefined;
}

/** Reads a note; its text is worth nothing before `verifyNote`. */
export function parseNote(bytes: Uint8Array): Decision<SignedNote> {
  if (bytes.length > NOTE_BYTES_MAX) {
    return refuse('NOTE_TOO_LARGE', `a note has at most ${NOTE_BYTES_MAX} bytes, this one ${bytes.length}`);
  }
  const message = textOfBytes(bytes);
  if (message === undefined) return malformed('is not UTF-8');
  if (hasControlCharacter(message)) return malformed('has a control character');
  const split = message.lastIndexOf('\n\n');
  if (split < 0) return malformed('has no blank line before its signatures');
  const lines = message.slice(split + 2);
  if (!lines.endsWith('\n')) return malformed('does not end with a line of a signature');
  const signatures = parseSignatureLines(lines);
  return signatures.ok ? accept({ text: message.slice(0, split + 1), signatures: signatures.value }) : signatures;
}

/** Reads lines of signatures, as they stand at the end of a note and in a witness' answer. */
export function parseSignatureLines(lines: string): Decision<readonly NoteSignature[]> {
  const rows = lines.split('\n').slice(0, -1);
  if (rows.length > NOTE_SIGNATURES_MAX) return malformed(`has more than ${NOTE_SIGNATURES_MAX} signatures`);
  const signatures: NoteSignature[] = [];
  for (const row of rows) {
    const signature = parseLine(row);
    if (signature === undefined) return malformed('has a line that is no signature');
    signatures.push(signature);
  }
  return accept(signatures);
}

/** @throws RangeError for a text that no reader would take, or a signature without bytes */
export function formatNote({ text, signatures }: SignedNote): string {
  if (!text.endsWith('\n') || !text.isWellFormed() || hasControlCharacter(text)) {
    throw new RangeError('the text of a note ends with a newline and has no other control character');
  }
  return `${text}\n${formatSignatureLines(signatures)}`;
}

/** @throws RangeError for a name that no key has, or a signature without bytes */
export function formatSignatureLines(signatures: readonly NoteSignature[]): string {
  return signatures
    .map(({ name, keyId, signature }) => {
      if (!isKeyName(name) || signature.length === 0) throw new RangeError('a signature has a name and bytes');
      const bytes = new Uint8Array(ID_BYTES + signature.length);
      new DataView(bytes.buffer).setUint32(0, keyId);
      bytes.set(signature, ID_BYTES);
      return `${LINE_START}${name} ${base64Of(bytes)}\n`;
    })
    .join('');
}

/**
 * The signatures by known keys, in the order of the note. Those of unknown keys are ignored; one by a known key that does not
 * hold spoils the whole note. Refused when none is by a known key.
 */
export function verifyNote(note: SignedNote, keys: readonly VerifierKey[]): Decision<readonly VerifiedSignature[]> {
  const verified: VerifiedSignature[] = [];
  for (const { name, keyId, signature } of note.signatures) {
    const key = keys.find((known) => isSameKey(known, { name, id: keyId }));
    // A second signature of the same key says nothing more.
    if (key === undefined || verified.some((known) => isSameKey(known.key, key))) continue;
    const seen = verifySignature(key, note.text, signature);
    if (seen === undefined) return refuse('SIGNATURE_INVALID', `the signature of ${name} does not hold`);
    verified.push({ key, ...seen });
  }
  return verified.length > 0 ? accept(verified) : refuse('SIGNATURE_MISSING', 'no known key has signed the note');
}

function verifySignature(
  key: VerifierKey,
  text: string,
  signature: Uint8Array,
): Omit<VerifiedSignature, 'key'> | undefined {
  switch (key.kind) {
    case 'ed25519':
      return isSignature(signature, bytesOfText(text), key.publicKey) ? { timeSeconds: undefined } : undefined;
    case 'cosignature/v1':
      return verifyCosignature(key.publicKey, text, signature);
  }
}

function parseLine(row: string): NoteSignature | undefined {
  if (!row.startsWith(LINE_START)) return undefined;
  const [name = '', encoded = '', ...rest] = row.slice(LINE_START.length).split(' ');
  const bytes = rest.length > 0 || !isKeyName(name) ? undefined : bytesOfBase64(encoded);
  if (bytes === undefined || bytes.length <= ID_BYTES) return undefined;
  const keyId = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return { name, keyId, signature: bytes.subarray(ID_BYTES) };
}

function malformed(why: string): Refusal {
  return refuse('NOTE_MALFORMED', `the note ${why}`);
}
