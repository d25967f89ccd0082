import { ed25519 } from '@noble/curves/ed25519.js';

export const SIGNATURE_BYTES = 64;

/**
 * Ed25519 as RFC 8032 has it: canonical encodings alone, no keys of small order, so that nobody can make a second signature
 * or a key for which anything holds. False also for malformed bytes.
 */
export function isSignature(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false; // malformed bytes from outside: as wrong as a wrong signature
  }
}
