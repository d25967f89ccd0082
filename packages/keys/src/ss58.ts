import { blake2b } from '@noble/hashes/blake2.js';
import { base58 } from '@scure/base';

/** Prefix of generic Substrate addresses, which Bittensor uses. */
export const SS58_PREFIX = 42;

const CHECKSUM_PREFIX = new TextEncoder().encode('SS58PRE');
const PUBLIC_KEY_BYTES = 32;
const CHECKSUM_BYTES = 2;

/**
 * Address of a public key of 32 bytes: base58(prefix | key | first 2 bytes of blake2b-512('SS58PRE' | prefix | key)).
 * Source: Substrate's SS58 registry; prefixes below 64 take one byte, and no others are used here.
 */
export function ss58Of(publicKey: Uint8Array): string {
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new RangeError(`a public key has 32 bytes, not ${publicKey.length}`);
  const body = Uint8Array.of(SS58_PREFIX, ...publicKey);
  return base58.encode(Uint8Array.of(...body, ...checksum(body)));
}

/** The 32 bytes behind an address; undefined for another prefix, a wrong checksum or no base58. */
export function publicKeyOf(address: string): Uint8Array | undefined {
  // base58 decoding costs the square of the length: texts longer than any address are not tried.
  if (address.length < 46 || address.length > 48) return undefined;
  let bytes: Uint8Array;
  try {
    bytes = base58.decode(address);
  } catch {
    return undefined; // not base58: the caller is told so by undefined
  }
  if (bytes.length !== 1 + PUBLIC_KEY_BYTES + CHECKSUM_BYTES || bytes[0] !== SS58_PREFIX) return undefined;
  const body = bytes.subarray(0, 1 + PUBLIC_KEY_BYTES);
  const wanted = checksum(body);
  const given = bytes.subarray(1 + PUBLIC_KEY_BYTES);
  return wanted.every((byte, at) => byte === given[at]) ? body.slice(1) : undefined;
}

function checksum(body: Uint8Array): Uint8Array {
  return blake2b(Uint8Array.of(...CHECKSUM_PREFIX, ...body), { dkLen: 64 }).subarray(0, CHECKSUM_BYTES);
}
