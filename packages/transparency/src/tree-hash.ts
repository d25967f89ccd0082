import { sha256 } from '@noble/hashes/sha2.js';

/** The hashes of RFC 6962, section 2.1: the first byte keeps a leaf from being taken for a node. */

export const HASH_BYTES = 32;

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Root of the tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

/** SHA-256(0x00 ‖ data). */
export function leafHash(data: Uint8Array): Uint8Array {
  return sha256.create().update(LEAF).update(data).digest();
}

/** SHA-256(0x01 ‖ left ‖ right). @throws RangeError unless both have 32 bytes: other lengths would hash to ambiguous bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) throw new RangeError('a node is made of two hashes');
  return sha256.create().update(NODE).update(left).update(right).digest();
}

export function isSameHash(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === HASH_BYTES && other.length === HASH_BYTES && one.every((byte, at) => byte === other[at]);
}
