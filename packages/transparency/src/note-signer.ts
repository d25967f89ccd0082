import { ed25519 } from '@noble/curves/ed25519.js';
import { cosignatureBytes, cosignedMessage } from './cosignature.ts';
import { bytesOfText } from './note-text.ts';
import { accept, type Decision } from './refusal.ts';
import type { NoteSignature } from './signed-note.ts';
import { type KeyKind, type VerifierKey, verifierKey } from './verifier-key.ts';

/** A log's key. The secret stays inside. */
export interface NoteSigner {
  readonly key: VerifierKey;
  readonly sign: (text: string) => NoteSignature;
}

/** A witness' key. */
export interface Cosigner {
  readonly key: VerifierKey;
  /** Signs a checkpoint's text as seen at a time in Unix seconds. */
  readonly cosign: (checkpointText: string, timeSeconds: number) => NoteSignature;
}

/** @param secret 32 bytes. @throws RangeError for another number of them */
export function noteSigner(name: string, secret: Uint8Array): Decision<NoteSigner> {
  const key = keyOf(name, 'ed25519', secret);
  if (!key.ok) return key;
  const own = Uint8Array.from(secret);
  return accept({
    key: key.value,
    sign: (text) => ({ name, keyId: key.value.id, signature: ed25519.sign(bytesOfText(text), own) }),
  });
}

/** One secret, one witness: what is signed does not name it. @param secret 32 bytes. @throws RangeError for another number */
export function cosigner(name: string, secret: Uint8Array): Decision<Cosigner> {
  const key = keyOf(name, 'cosignature/v1', secret);
  if (!key.ok) return key;
  const own = Uint8Array.from(secret);
  return accept({
    key: key.value,
    cosign: (checkpointText, timeSeconds) => {
      const signature = ed25519.sign(cosignedMessage(checkpointText, timeSeconds), own);
      return { name, keyId: key.value.id, signature: cosignatureBytes(timeSeconds, signature) };
    },
  });
}

function keyOf(name: string, kind: KeyKind, secret: Uint8Array): Decision<VerifierKey> {
  if (secret.length !== 32) throw new RangeError('a secret key has 32 bytes');
  return verifierKey(name, kind, ed25519.getPublicKey(secret));
}
