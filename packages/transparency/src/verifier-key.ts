import { sha256 } from '@noble/hashes/sha2.js';
import { base64Of, bytesOfBase64, bytesOfText, isKeyName } from './note-text.ts';
import { accept, type Decision, refuse } from './refusal.ts';

/** What a key signs: a note's text, or a checkpoint together with the time at which a witness saw it. */
export type KeyKind = 'ed25519' | 'cosignature/v1';

/** The signature type of C2SP signed-note, in front of the public key. */
const TYPE_BYTES: Readonly<Record<KeyKind, number>> = { ed25519: 1, 'cosignature/v1': 4 };
const PUBLIC_KEY_BYTES = 32;

/** Whom a signature line of a note is from. Name and id together name a key. */
export interface VerifierKey {
  readonly name: string;
  readonly kind: KeyKind;
  /** u32. */
  readonly id: number;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export function verifierKey(name: string, kind: KeyKind, publicKey: Uint8Array): Decision<VerifierKey> {
  if (!isKeyName(name)) return refuse('KEY_MALFORMED', 'the name of a key is not empty and has no space and no plus');
  if (publicKey.length !== PUBLIC_KEY_BYTES) return refuse('KEY_MALFORMED', 'an ed25519 key has 32 bytes');
  return accept({ name, kind, id: keyId(name, typedKey(kind, publicKey)), publicKey });
}

/** Reads `<name>+<id in hex>+<base64 of type and key>`. */
export function parseVerifierKey(text: string): Decision<VerifierKey> {
  // Base64 has plus signs too: the first two divide.
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text);
  const [, name = '', idText = '', keyText = ''] = match ?? [];
  const typed = bytesOfBase64(keyText);
  if (match === null || typed === undefined || typed.length === 0) {
    return refuse('KEY_MALFORMED', 'a verifier key reads <name>+<8 hex digits>+<base64>');
  }
  const kind = (Object.keys(TYPE_BYTES) as KeyKind[]).find((known) => TYPE_BYTES[known] === typed[0]);
  if (kind === undefined) return refuse('KEY_UNSUPPORTED', `keys of type ${typed[0]} are not known here`);
  const key = verifierKey(name, kind, typed.subarray(1));
  if (!key.ok) return key;
  return key.value.id === Number.parseInt(idText, 16)
    ? key
    : refuse('KEY_MALFORMED', `the id of key ${name} is not that of its bytes`);
}

export function formatVerifierKey({ name, kind, id, publicKey }: VerifierKey): string {
  return `${name}+${id.toString(16).padStart(8, '0')}+${base64Of(typedKey(kind, publicKey))}`;
}

export function isSameKey(one: Pick<VerifierKey, 'name' | 'id'>, other: Pick<VerifierKey, 'name' | 'id'>): boolean {
  return one.name === other.name && one.id === other.id;
}

/** First four bytes of SHA-256(name ‖ newline ‖ type ‖ public key). */
function keyId(name: string, typed: Uint8Array): number {
  const digest = sha256
    .create()
    .update(bytesOfText(`${name}\n`))
    .update(typed)
    .digest();
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0);
}

function typedKey(kind: KeyKind, publicKey: Uint8Array): Uint8Array {
  return Uint8Array.of(TYPE_BYTES[kind], ...publicKey);
}
