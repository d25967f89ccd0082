import { base64Of, bytesOfBase64, bytesOfText, numberOfText, textOfBytes } from './note-text.ts';
import { accept, type Decision, type Refusal, refuse } from './refusal.ts';
import { type TrustedCheckpoint, type TrustPolicy, judgeCheckpoint } from './trust-policy.ts';
import { verifyInclusion } from './verify-proof.ts';
import { parseHashLines } from './witness-request.ts';

/** Proofs that are kept as files: C2SP tlog-proof. */

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
/** An entry with 256 neurons in it has about 100 KB; the note may have 1 MB. */
export const LOG_PROOF_BYTES_MAX = 8_000_000;

export interface LogProof {
  /** What the leaf is made from; believed only as far as the proof shows. */
  readonly extra: Uint8Array | undefined;
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  /** A signed checkpoint. */
  readonly note: Uint8Array;
}

export function parseLogProof(file: Uint8Array): Decision<LogProof> {
  if (file.length > LOG_PROOF_BYTES_MAX) return malformed(`has at most ${LOG_PROOF_BYTES_MAX} bytes`);
  const text = textOfBytes(file);
  const split = text?.indexOf('\n\n') ?? -1;
  if (text === undefined || split < 0) return malformed('has a blank line before its checkpoint');
  const [first, ...lines] = text.slice(0, split).split('\n');
  if (first !== FIRST_LINE) return malformed(`begins with ${FIRST_LINE}`);
  const extraText = lines[0]?.startsWith('extra ') === true ? lines.shift() : undefined;
  const extra = extraText === undefined ? undefined : bytesOfBase64(extraText.slice('extra '.length));
  if (extraText !== undefined && extra === undefined) return malformed('has base64 after "extra "');
  const indexText = lines.shift() ?? '';
  const index = indexText.startsWith('index ') ? numberOfText(indexText.slice('index '.length)) : undefined;
  if (index === undefined) return malformed('has a line "index <number>"');
  const proof = parseHashLines(lines);
  if (proof === undefined) return malformed('has few lines of one hash each');
  return accept({ extra, index, proof, note: bytesOfText(text.slice(split + 2)) });
}

export function formatLogProof({ extra, index, proof, note }: LogProof): Uint8Array {
  const lines = [
    FIRST_LINE,
    ...(extra === undefined ? [] : [`extra ${base64Of(extra)}`]),
    `index ${index}`,
    ...proof.map(base64Of),
    '',
    '',
  ];
  const head = bytesOfText(lines.join('\n'));
  const file = new Uint8Array(head.length + note.length);
  file.set(head);
  file.set(note, head.length);
  return file;
}

/** That the log holds the leaf where the proof says, under a checkpoint that the policy accepts. */
export function verifyLogProof(
  { index, proof, note }: LogProof,
  leaf: Uint8Array,
  policy: TrustPolicy,
): Decision<TrustedCheckpoint> {
  const trusted = judgeCheckpoint(note, policy);
  if (!trusted.ok) return trusted;
  const { size, root } = trusted.value.checkpoint;
  const included = verifyInclusion({ index, size, leaf, proof, root });
  return included.ok ? trusted : included;
}

function malformed(what: string): Refusal {
  return refuse('PROOF_MALFORMED', `a proof ${what}`);
}
