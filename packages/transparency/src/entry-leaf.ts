import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { bytesOfText } from './note-text.ts';
import { HASH_BYTES } from './tree-hash.ts';

/**
 * The leaf of a ledger's entry is a record of fixed form that names the entry's place and its hash in the journal's chain. The
 * entry's own text is not the leaf: with 256 neurons in it, it is longer than the 65,535 bytes that a bundle can carry.
 */

/** Entries are counted from 1 and leaves from 0. */
export function leafIndexOf(sequence: number): number {
  if (!Number.isSafeInteger(sequence) || sequence < 1) throw new RangeError(`${sequence} is no entry's number`);
  return sequence - 1;
}

/** @param chainHash hex of the entry's hash in the journal. @throws RangeError for what is none */
export function entryLeaf(sequence: number, chainHash: string): Uint8Array {
  if (!isHexHash(chainHash)) throw new RangeError('a hash is 64 hex digits');
  return bytesOfText(`subnetes/entry/v1\n${leafIndexOf(sequence) + 1}\n${chainHash}\n`);
}

/**
 * The hash that an entry has in the journal's chain: SHA-256(32 bytes of the hash before ‖ the entry's canonical text), in hex.
 * @throws RangeError when the hash before is none
 */
export function chainHashOf(previousHash: string, text: string): string {
  if (!isHexHash(previousHash)) throw new RangeError('a hash is 64 hex digits');
  return bytesToHex(sha256.create().update(hexToBytes(previousHash)).update(bytesOfText(text)).digest());
}

/** Lower case alone: a hash has one spelling. */
export function isHexHash(text: string): boolean {
  return text.length === 2 * HASH_BYTES && /^[0-9a-f]+$/.test(text);
}
