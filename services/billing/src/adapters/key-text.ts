import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyStore } from '../application/ports.ts';
import type { StoredKey } from '../domain/api-key.ts';

/** `sn_<16 hex digits>_<43 characters of base64url>` */
const KEY_PATTERN = /^sn_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;
const BEARER_PATTERN = /^Bearer +(\S{1,128})$/i;
const NO_HASH = new Uint8Array(32);

/** Makes a key: its text for whoever asked, its hash for the store. */
export function newKey(): Pick<StoredKey, 'keyId' | 'secretSha256'> & { readonly text: string } {
  const keyId = randomBytes(8).toString('hex');
  const text = `sn_${keyId}_${randomBytes(32).toString('base64url')}`;
  return { keyId, text, secretSha256: sha256(text) };
}

/** The billing account of a valid API key; undefined for every other text. Asks the store each time: no stale keys. */
export async function accountOfKey(
  authorization: string | undefined,
  store: Pick<KeyStore, 'readKeys'>,
): Promise<string | undefined> {
  const text = BEARER_PATTERN.exec(authorization ?? '')?.[1] ?? '';
  const keyId = KEY_PATTERN.exec(text)?.[1];
  if (keyId === undefined) return undefined;
  const [key] = await store.readKeys([keyId]);
  // An unknown key is compared too, so that its answer takes as long as a wrong secret's.
  const isEqual = timingSafeEqual(sha256(text), key?.secretSha256 ?? NO_HASH);
  return isEqual && key !== undefined && key.revokedAtMs === undefined ? key.account : undefined;
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
