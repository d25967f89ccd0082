import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';

const PREFIX = new TextEncoder().encode('subnetes/v1\0');

export interface SignedTerms {
  /** 32 bytes: a signature is worth nothing in another network. */
  readonly networkId: Uint8Array;
  /** Number of the envelope's type. */
  readonly type: number;
  /** 32 bytes, or none before there is a registration. */
  readonly registrationId: Uint8Array;
  readonly sequence: bigint;
  readonly expiresAtBlock: bigint;
  readonly payload: Uint8Array;
}

/** "subnetes/v1\0" | network id | type u8 | registration id | sequence u64 BE | expires-at block u64 BE | sha256(payload). */
export function signedBytes(terms: SignedTerms): Uint8Array {
  if (terms.networkId.length !== 32) throw new RangeError('a network id has 32 bytes');
  if (terms.registrationId.length !== 32 && terms.registrationId.length !== 0)
    throw new RangeError('a registration id has 32 bytes or none');
  return concatBytes(
    PREFIX,
    terms.networkId,
    Uint8Array.of(terms.type),
    terms.registrationId,
    u64(terms.sequence),
    u64(terms.expiresAtBlock),
    sha256(terms.payload),
  );
}

/** Big endian; throws RangeError on what does not fit. */
export function u64(value: bigint): Uint8Array {
  if (value < 0n || value >= 1n << 64n) throw new RangeError(`${value} is not a u64`);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}
