import { parseNote, type SignedNote, type NoteSignature, verifyNote } from '@subnetes/transparency/signed-note';
import { bytesOfText } from '@subnetes/transparency/note-text';
import type { VerifierKey } from '@subnetes/transparency/verifier-key';
import { isOutage } from './follow-journal.ts';
import type { JournalTree } from './journal-tree.ts';
import type { StoredCheckpoint } from './tree-store.ts';

/** What a witness says to a checkpoint. */
export type WitnessReply =
  | { readonly kind: 'signed'; readonly signatures: readonly NoteSignature[] }
  /** It stands elsewhere than it was told. */
  | { readonly kind: 'stands'; readonly size: number }
  /** What it signed before is no beginning of what it was sent. */
  | { readonly kind: 'contradicts'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string };

/** A witness as C2SP tlog-witness has it, somewhere outside. */
export interface CheckpointWitness {
  readonly key: VerifierKey;
  /** Throws WitnessAway when no answer came. */
  add(request: {
    readonly oldSize: number;
    readonly proof: readonly Uint8Array[];
    readonly note: Uint8Array;
  }): Promise<WitnessReply>;
}

/** A witness did not answer: the checkpoint goes without it, and it is asked again for the next one. */
export class WitnessAway extends Error {
  override readonly name = 'WitnessAway';
}

export type CosignOutcome = 'signed' | 'away' | 'refused' | 'contradicted';

export interface CosignPorts {
  readonly tree: Pick<JournalTree, 'checkpoint' | 'consistency' | 'addSignatures'>;
  readonly witnesses: readonly CheckpointWitness[];
  readonly told: (witness: string, outcome: CosignOutcome, message: string) => void;
  /** A witness has signed another past than this ledger's: one of the two is not what it was. */
  readonly onContradiction: (checkpoint: StoredCheckpoint, message: string) => Promise<void>;
}

/**
 * Has witnesses sign the newest checkpoint, all at once and once each, and puts their signatures under it. Answers how many
 * signed. One that refuses or is away is asked again for the next checkpoint.
 */
export function makeCosign({ tree, witnesses, told, onContradiction }: CosignPorts): () => Promise<number> {
  /** Where each witness stood last, by its key's name; one that was restored from a backup says so itself. */
  const stands = new Map<string, number>();
  let triedSize = 0;
  return async () => {
    const checkpoint = await tree.checkpoint();
    if (checkpoint === undefined || checkpoint.size === triedSize) return 0;
    triedSize = checkpoint.size;
    const note = noteOf(checkpoint);
    const asked = witnesses.filter(
      ({ key }) => !note.signatures.some(({ name, keyId }) => name === key.name && keyId === key.id),
    );
    const signatures = await Promise.all(
      asked.map(async (witness) => {
        const reply = await ask(witness, { tree, checkpoint, from: stands.get(witness.key.name) ?? 0 });
        const judged = judge(witness, note, reply);
        told(witness.key.name, judged.outcome, judged.message);
        // A writer that stood still and was replaced sends what is old: another one has gone on, and the witness signed that.
        if (judged.outcome === 'contradicted' && (await tree.checkpoint())?.size === checkpoint.size) {
          await onContradiction(checkpoint, `${witness.key.name}: ${judged.message}`);
        }
        if (judged.signature !== undefined) stands.set(witness.key.name, checkpoint.size);
        return judged.signature === undefined ? [] : [judged.signature];
      }),
    );
    const all = signatures.flat();
    if (all.length > 0) await tree.addSignatures(checkpoint, all);
    return all.length;
  };
}

/** Asks for each new checkpoint until the signal is aborted. */
export async function followCheckpoints(options: {
  readonly cosign: () => Promise<number>;
  readonly everyMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}): Promise<void> {
  while (!options.signal.aborted) {
    try {
      await options.cosign();
    } catch (error) {
      if (!isOutage(error)) throw error;
      options.onFailure(error);
    }
    await options.sleep(options.everyMs(), options.signal);
  }
}

interface Asking {
  readonly tree: CosignPorts['tree'];
  readonly checkpoint: StoredCheckpoint;
  readonly from: number;
}

/** A second time from where the witness stands, if that is elsewhere. */
async function ask(
  witness: CheckpointWitness,
  { tree, checkpoint, from }: Asking,
): Promise<WitnessReply | WitnessAway> {
  try {
    const first = await askFrom(witness, { tree, checkpoint, from });
    return first.kind === 'stands' ? await askFrom(witness, { tree, checkpoint, from: first.size }) : first;
  } catch (error) {
    if (error instanceof WitnessAway) return error;
    throw error;
  }
}

async function askFrom(witness: CheckpointWitness, { tree, checkpoint, from }: Asking): Promise<WitnessReply> {
  const proof = from === 0 ? [] : await tree.consistency(from, checkpoint.size);
  // It has signed a longer log than this one is: a fork, or this ledger was restored from an old backup.
  if (proof === undefined) {
    return { kind: 'contradicts', message: `it has signed ${from} entries, and the checkpoint has ${checkpoint.size}` };
  }
  return witness.add({ oldSize: from, proof, note: bytesOfText(checkpoint.note) });
}

interface Judged {
  readonly outcome: CosignOutcome;
  readonly message: string;
  readonly signature?: NoteSignature;
}

/** A signature that does not hold would spoil the note for every reader: it is looked at before it is kept. */
function judge({ key }: CheckpointWitness, note: SignedNote, reply: Awaited<ReturnType<typeof ask>>): Judged {
  if (reply instanceof WitnessAway) return { outcome: 'away', message: reply.message };
  if (reply.kind === 'contradicts') return { outcome: 'contradicted', message: reply.message };
  if (reply.kind === 'refused') return { outcome: 'refused', message: reply.message };
  if (reply.kind === 'stands')
    return { outcome: 'refused', message: `it says twice that it stands elsewhere, at ${reply.size}` };
  const signature = reply.signatures.find(({ name, keyId }) => name === key.name && keyId === key.id);
  if (signature === undefined) return { outcome: 'refused', message: 'its answer has no signature of its key' };
  const verified = verifyNote({ text: note.text, signatures: [signature] }, [key]);
  return verified.ok
    ? { outcome: 'signed', message: '', signature }
    : { outcome: 'refused', message: verified.message };
}

function noteOf({ note }: StoredCheckpoint): SignedNote {
  const parsed = parseNote(bytesOfText(note));
  if (!parsed.ok) throw new Error(`the stored checkpoint cannot be read: ${parsed.message}`);
  return parsed.value;
}
