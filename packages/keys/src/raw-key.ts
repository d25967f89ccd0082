import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** Curve25519 for signatures and for agreeing on a secret. */
export type Curve = 'ed25519' | 'x25519';

const KEY_BYTES = 32;
/** What RFC 8410 puts before the 32 bytes: PKCS#8 for secrets, SubjectPublicKeyInfo for public keys. */
const PKCS8_PREFIX = { ed25519: '302e020100300506032b657004220420', x25519: '302e020100300506032b656e04220420' };
const SPKI_PREFIX = { ed25519: '302a300506032b6570032100', x25519: '302a300506032b656e032100' };

/** @throws RangeError when there are not 32 bytes */
export function privateKeyOf(curve: Curve, secret: Uint8Array): KeyObject {
  return createPrivateKey({ key: der(PKCS8_PREFIX[curve], secret), format: 'der', type: 'pkcs8' });
}

/** @throws RangeError when there are not 32 bytes, Error when they are no point */
export function publicKeyOf(curve: Curve, raw: Uint8Array): KeyObject {
  return createPublicKey({ key: der(SPKI_PREFIX[curve], raw), format: 'der', type: 'spki' });
}

/** The 32 bytes of the public half. */
export function rawPublicKey(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return new Uint8Array(spki.subarray(-KEY_BYTES));
}

function der(prefixHex: string, raw: Uint8Array): Buffer {
  if (raw.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes, this one has ${raw.length}`);
  return Buffer.concat([Buffer.from(prefixHex, 'hex'), raw]);
}
