import { formatCheckpoint } from '@subnetes/transparency/checkpoint';
import { bytesOfText } from '@subnetes/transparency/note-text';
import { type Cosigner, cosigner, type NoteSigner, noteSigner } from '@subnetes/transparency/note-signer';
import type { Decision } from '@subnetes/transparency/refusal';
import { formatNote } from '@subnetes/transparency/signed-note';
import { storedTree } from './stored-tree.ts';

export const ORIGIN = 'log.example/ledger';
export const LOG = logKey(1);

export function valueOf<T>(decision: Decision<T>): T {
  if (!decision.ok) throw new Error(`${decision.code}: ${decision.message}`);
  return decision.value;
}

export function logKey(seed: number, name: string = ORIGIN): NoteSigner {
  return valueOf(noteSigner(name, new Uint8Array(32).fill(seed)));
}

export function witnessKey(seed: number, name: string = `witness.example/${seed}`): Cosigner {
  return valueOf(cosigner(name, new Uint8Array(32).fill(seed)));
}

/** The signed checkpoint of the test's log at a size, cosigned at second 1000. */
export function signedCheckpoint(
  size: number,
  {
    signer = LOG,
    witnesses = [],
    root = storedTree(size).range.root(),
    origin = ORIGIN,
  }: {
    readonly signer?: NoteSigner;
    readonly witnesses?: readonly Cosigner[];
    readonly root?: Uint8Array;
    readonly origin?: string;
  } = {},
): Uint8Array {
  const text = formatCheckpoint({ origin, size, root, extensions: [] });
  const signatures = [signer.sign(text), ...witnesses.map((witness) => witness.cosign(text, 1000))];
  return bytesOfText(formatNote({ text, signatures }));
}
