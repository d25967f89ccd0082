import { base64Of, bytesOfBase64, bytesOfText, numberOfText, textOfBytes } from './note-text.ts';
import { accept, type Decision, type Refusal, refuse } from './refusal.ts';
import { NOTE_BYTES_MAX } from './signed-note.ts';
import { HASH_BYTES } from './tree-hash.ts';
import { PROOF_HASHES_MAX } from './verify-proof.ts';

/** What a log sends to `add-checkpoint` of C2SP tlog-witness. */
export interface AddCheckpoint {
  /** Size of the tree that the witness signed last. */
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  /** The log's signed checkpoint. */
  readonly note: Uint8Array;
}

/** A request is no longer: proof lines of 45 bytes and a note. */
export const ADD_CHECKPOINT_BYTES_MAX = NOTE_BYTES_MAX + 4096;

export function parseAddCheckpoint(body: Uint8Array): Decision<AddCheckpoint> {
  if (body.length > ADD_CHECKPOINT_BYTES_MAX) return malformed(`has at most ${ADD_CHECKPOINT_BYTES_MAX} bytes`);
  const text = textOfBytes(body);
  const split = text?.indexOf('\n\n') ?? -1;
  if (text === undefined || split < 0) return malformed('has a blank line before its checkpoint');
  const [first = '', ...hashes] = text.slice(0, split).split('\n');
  const oldSize = first.startsWith('old ') ? numberOfText(first.slice('old '.length)) : undefined;
  if (oldSize === undefined) return malformed('begins with a line "old <size>"');
  const proof = parseHashLines(hashes);
  if (proof === undefined) return malformed(`has at most ${PROOF_HASHES_MAX} lines of one hash each`);
  return accept({ oldSize, proof, note: bytesOfText(text.slice(split + 2)) });
}

export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): Uint8Array {
  const head = bytesOfText([`old ${oldSize}`, ...proof.map(base64Of), '', ''].join('\n'));
  const body = new Uint8Array(head.length + note.length);
  body.set(head);
  body.set(note, head.length);
  return body;
}

/** Hashes in base64, one a line; undefined when there are too many, or one is none. */
export function parseHashLines(lines: readonly string[]): readonly Uint8Array[] | undefined {
  if (lines.length > PROOF_HASHES_MAX) return undefined;
  const hashes = lines.map(bytesOfBase64).filter((hash) => hash?.length === HASH_BYTES);
  return hashes.length === lines.length ? hashes.filter((hash) => hash !== undefined) : undefined;
}

function malformed(what: string): Refusal {
  return refuse('REQUEST_MALFORMED', `the request ${what}`);
}
