import { base64Of, bytesOfBase64, hasControlCharacter, numberOfText } from './note-text.ts';
import { accept, type Decision, type Refusal, refuse } from './refusal.ts';
import { HASH_BYTES } from './tree-hash.ts';
import { isTreeSize } from './tree-shape.ts';

/** Checkpoints of C2SP tlog-checkpoint: what a log's note says of its tree. */

export const EXTENSION_LINES_MAX = 16;

export interface Checkpoint {
  /** Which log it is; not empty. */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Not audited by anybody: the ledger has none. */
  readonly extensions: readonly string[];
}

/** Reads the text of a note, which ends with a newline. */
export function parseCheckpoint(text: string): Decision<Checkpoint> {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length < 3) return malformed('has three lines at least');
  if (lines.includes('')) return malformed('has no empty line');
  const [origin = '', sizeText = '', rootText = '', ...extensions] = lines;
  const size = numberOfText(sizeText);
  if (size === undefined) return malformed('has a decimal size up to 2^53 - 1 in its second line');
  const root = bytesOfBase64(rootText);
  if (root?.length !== HASH_BYTES) return malformed('has a hash in base64 in its third line');
  if (extensions.length > EXTENSION_LINES_MAX) return malformed(`has at most ${EXTENSION_LINES_MAX} extension lines`);
  return accept({ origin, size, root, extensions });
}

/** The text to be signed. @throws RangeError for what `parseCheckpoint` would refuse */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  const lines = [origin, ...extensions];
  if (lines.some((line) => line === '' || line.includes('\n') || hasControlCharacter(line) || !line.isWellFormed())) {
    throw new RangeError('a line of a checkpoint is not empty and has no control character');
  }
  if (!isTreeSize(size) || root.length !== HASH_BYTES || extensions.length > EXTENSION_LINES_MAX) {
    throw new RangeError('a checkpoint has a size, a root and few extension lines');
  }
  return [origin, String(size), base64Of(root), ...extensions, ''].join('\n');
}

function malformed(what: string): Refusal {
  return refuse('CHECKPOINT_MALFORMED', `a checkpoint ${what}`);
}
