import { ed25519 } from '@noble/curves/ed25519.js';
import { randomBytes } from 'node:crypto';
import type { Randomness } from '#application/ports.ts';

/** Passwords and keys from the operating system's randomness. */
export function systemRandomness(): Randomness {
  return {
    password: () => randomBytes(24).toString('base64url'),
    signingKey() {
      const secretKey = ed25519.utils.randomSecretKey();
      return {
        secretKeyHex: Buffer.from(secretKey).toString('hex'),
        publicKeyHex: Buffer.from(ed25519.getPublicKey(secretKey)).toString('hex'),
      };
    },
  };
}
