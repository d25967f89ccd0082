import { randomBytes, sign, verify } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { EnvelopeType, SessionKeyCertificateSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { SessionKeyCertificate } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { privateKeyOf, publicKeyOf, rawPublicKey } from './raw-key.ts';
import { signedBytes } from './signed-bytes.ts';
import type { Sr25519Pair } from './sr25519-pair.ts';

/** An ed25519 key that signs what is hot (announcements, receipts), since sr25519 costs twenty times as much to verify. */
export interface SessionKey {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export interface CertifyTerms {
  readonly networkId: Uint8Array;
  readonly registrationId: Uint8Array;
  readonly sequence: bigint;
  readonly expiresAtBlock: bigint;
}

/** The session key of 32 secret bytes. @throws RangeError when there are others */
export function sessionKeyOf(secretKey: Uint8Array): SessionKey {
  const privateKey = privateKeyOf('ed25519', secretKey);
  return {
    publicKey: rawPublicKey(privateKey),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

/** Secret bytes of a new session key, from the operating system's randomness. */
export function newSessionSecret(): Uint8Array {
  return randomBytes(32);
}

export function newSessionKey(): SessionKey {
  return sessionKeyOf(newSessionSecret());
}

/** The hotkey's statement that the session key may sign for this registration until a block. */
export function certifySessionKey(
  hotkey: Sr25519Pair,
  publicKey: Uint8Array,
  terms: CertifyTerms,
): SessionKeyCertificate {
  const signature = hotkey.sign(signedBytes({ ...terms, type: EnvelopeType.SESSION_KEY, payload: publicKey }));
  return create(SessionKeyCertificateSchema, {
    publicKey,
    registrationId: terms.registrationId,
    sequence: terms.sequence,
    expiresAtBlock: terms.expiresAtBlock,
    signer: hotkey.address,
    signature,
  });
}

/** False also for malformed keys and signatures. */
export function verifyEd25519(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return verify(null, message, publicKeyOf('ed25519', publicKey), signature);
  } catch {
    return false; // malformed bytes from outside: as wrong as a wrong signature
  }
}
