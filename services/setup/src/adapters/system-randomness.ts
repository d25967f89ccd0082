import { randomBytes } from 'node:crypto';
import { newSessionSecret, sessionKeyOf } from '@subnetes/keys/session-key';
import type { Randomness } from '#application/ports.ts';

/** Passwords and keys from the operating system's randomness. */
export function systemRandomness(): Randomness {
  return {
    password: () => randomBytes(24).toString('base64url'),
    signingKey() {
      const secret = newSessionSecret();
      return {
        secretKeyHex: Buffer.from(secret).toString('hex'),
        publicKeyHex: Buffer.from(sessionKeyOf(secret).publicKey).toString('hex'),
      };
    },
  };
}
