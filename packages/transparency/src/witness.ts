import { parseCheckpoint } from './checkpoint.ts';
import type { Cosigner } from './note-signer.ts';
import type { Refusal, RefusalCode } from './refusal.ts';
import { formatSignatureLines, parseNote, type SignedNote, verifyNote } from './signed-note.ts';
import type { VerifierKey } from './verifier-key.ts';
import { verifyConsistency } from './verify-proof.ts';
import { parseAddCheckpoint } from './witness-request.ts';
import { EMPTY_ROOT } from './tree-hash.ts';

/** The tree of a log that a witness signed last. */
export interface WitnessedTree {
  readonly size: number;
  readonly root: Uint8Array;
}

/** What a witness must not forget: with an older state it would sign a fork. Kept before an answer leaves. */
export interface WitnessState {
  /** Undefined for a log of which nothing was signed. */
  read(origin: string): Promise<WitnessedTree | undefined>;
  /** In one step: false, and nothing is changed, when the stored size is not `before` (0: nothing was signed). */
  replace(origin: string, before: number, tree: WitnessedTree): Promise<boolean>;
}

export interface WitnessOptions {
  /** The keys of each log, by origin. */
  readonly logs: ReadonlyMap<string, readonly VerifierKey[]>;
  readonly cosigner: Cosigner;
  readonly state: WitnessState;
  /** Unix seconds. */
  readonly nowSeconds: () => number;
}

/** What is answered over HTTP: the status of C2SP tlog-witness, and its body. */
export type WitnessAnswer =
  | { readonly status: 200; readonly signatures: string }
  | {
      readonly status: 400 | 403 | 404 | 409 | 422;
      readonly code: RefusalCode;
      readonly message: string;
      /** With 409: where this witness stands. */
      readonly witnessedSize?: number;
    };

/**
 * Signs a checkpoint only if it continues what was signed before: never a smaller tree, never another one of the same size.
 * @returns what to do with the body of a request
 */
export function makeWitness(options: WitnessOptions): (body: Uint8Array) => Promise<WitnessAnswer> {
  return async (body) => {
    const request = parseAddCheckpoint(body);
    if (!request.ok) return refused(400, request);
    const note = parseNote(request.value.note);
    if (!note.ok) return refused(400, note);
    const checkpoint = parseCheckpoint(note.value.text);
    if (!checkpoint.ok) return refused(400, checkpoint);
    const { origin, size, root } = checkpoint.value;
    const keys = options.logs.get(origin);
    if (keys === undefined) {
      return { status: 404, code: 'ORIGIN_UNKNOWN', message: `this witness does not follow ${origin}` };
    }
    const signed = verifyNote(note.value, keys);
    if (!signed.ok) return refused(403, signed);
    const { oldSize, proof } = request.value;
    if (oldSize > size) {
      return { status: 400, code: 'REQUEST_MALFORMED', message: `old size ${oldSize} is above the new one, ${size}` };
    }
    const before = (await options.state.read(origin)) ?? { size: 0, root: EMPTY_ROOT };
    if (before.size !== oldSize) return conflict(origin, before.size);
    const continues = verifyConsistency({ first: before, second: { size, root }, proof });
    if (!continues.ok) return refused(422, continues);
    return sign(options, { origin, size, root, before: before.size, note: note.value });
  };
}

async function sign(
  { cosigner, state, nowSeconds }: WitnessOptions,
  step: WitnessedTree & { readonly origin: string; readonly before: number; readonly note: SignedNote },
): Promise<WitnessAnswer> {
  const { origin, size, root, before, note } = step;
  if (!(await state.replace(origin, before, { size, root }))) {
    return conflict(origin, (await state.read(origin))?.size ?? 0);
  }
  return { status: 200, signatures: formatSignatureLines([cosigner.cosign(note.text, nowSeconds())]) };
}

function conflict(origin: string, witnessedSize: number): WitnessAnswer {
  const message = `the tree of ${origin} that was signed last has ${witnessedSize} leaves`;
  return { status: 409, code: 'SIZE_CONFLICT', message, witnessedSize };
}

function refused(status: 400 | 403 | 422, { code, message }: Refusal): WitnessAnswer {
  return { status, code, message };
}
