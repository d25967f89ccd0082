import { sign } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import type { KeyPair } from './key-pair.ts';
import { privateKeyOf, rawPublicKey } from './raw-key.ts';
import { verifyEd25519 } from './session-key.ts';
import { seedOfMnemonic } from './sr25519-pair.ts';
import { ss58Of } from './ss58.ts';

/** An ed25519 coldkey. Hotkeys are sr25519. */
export interface Ed25519Pair extends KeyPair {
  readonly scheme: 'ed25519';
}

/** The pair of a mnemonic as Polkadot-JS makes it: its seed is the one that an sr25519 key is made of. */
export function ed25519PairOfMnemonic(words: string): Ed25519Pair {
  return ed25519PairOfSeed(seedOfMnemonic(words));
}

/** @throws RangeError when there are not 32 bytes */
export function ed25519PairOfSeed(seed: Uint8Array): Ed25519Pair {
  const privateKey = privateKeyOf('ed25519', seed);
  const publicKey = rawPublicKey(privateKey);
  return {
    scheme: 'ed25519',
    publicKey,
    address: ss58Of(publicKey),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

/**
 * Verifies what an ed25519 coldkey signed. An address is 32 bytes that anybody can write down, such as those of zeros to which money
 * is sent to be burned: read as a point of small order it would have signatures that nobody needs a secret for. So such keys, and
 * bytes that are no canonical point, have signed nothing.
 */
export function verifyEd25519Wallet(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  return isSoundEd25519Key(publicKey) && verifyEd25519(message, signature, publicKey);
}

/** Whether it is a canonical point for whose signatures a secret is needed, whatever a library makes of the others. */
export function isSoundEd25519Key(publicKey: Uint8Array): boolean {
  try {
    return !ed25519.Point.fromBytes(publicKey, false).isSmallOrder();
  } catch {
    return false; // no point: bytes from outside
  }
}
