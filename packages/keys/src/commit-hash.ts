import { blake2b } from '@noble/hashes/blake2.js';
import { commitPreimage } from '@subnetes/consensus/commit-preimage';
import type { WeightCommit } from '@subnetes/consensus/commit-preimage';

/** The chain's hash of a salted weight commit: BLAKE2b-256 of its SCALE bytes. */
export function commitHash(commit: WeightCommit): Uint8Array {
  return blake2b(commitPreimage(commit), { dkLen: 32 });
}
