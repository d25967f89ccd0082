import { accept, type Decision, refuse } from './refusal.ts';
import { EMPTY_ROOT, HASH_BYTES, isSameHash, nodeHash } from './tree-hash.ts';
import { half, isOdd, isPowerOfTwo, isTreeSize } from './tree-shape.ts';

/** A path in a tree of at most 2^53 leaves is no longer; neither is a consistency proof. */
export const PROOF_HASHES_MAX = 63;

/** That the tree of `size` leaves and that root holds a leaf at an index. */
export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** That the tree of the second size and root begins with the leaves of the first. */
export interface ConsistencyClaim {
  readonly first: { readonly size: number; readonly root: Uint8Array };
  readonly second: { readonly size: number; readonly root: Uint8Array };
  readonly proof: readonly Uint8Array[];
}

/** RFC 9162, section 2.1.3.2. */
export function verifyInclusion(claim: InclusionClaim): Decision<undefined> {
  const { index, size, leaf, proof, root } = claim;
  if (!isTreeSize(size) || !isTreeSize(index) || index >= size) {
    return refuse('PROOF_MALFORMED', `a tree of size ${size} has no leaf ${index}`);
  }
  const malformed = malformedHashes([leaf, root, ...proof]);
  if (malformed !== undefined) return malformed;
  let [at, last, hash] = [index, size - 1, leaf];
  for (const step of proof) {
    if (last === 0) return wrong('is too long');
    if (isOdd(at) || at === last) {
      hash = nodeHash(step, hash);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      hash = nodeHash(hash, step);
    }
    [at, last] = [half(at), half(last)];
  }
  if (last !== 0) return wrong('is too short');
  return isSameHash(hash, root) ? accept(undefined) : wrong(`does not lead from leaf ${index} to the root`);
}

/** RFC 9162, section 2.1.4.2; the empty tree is the beginning of any, and needs no proof. */
export function verifyConsistency(claim: ConsistencyClaim): Decision<undefined> {
  const { first, second, proof } = claim;
  if (!isTreeSize(first.size) || !isTreeSize(second.size) || first.size > second.size) {
    return refuse('PROOF_MALFORMED', `a tree of size ${second.size} does not begin with one of size ${first.size}`);
  }
  const malformed = malformedHashes([first.root, second.root, ...proof]);
  if (malformed !== undefined) return malformed;
  if (first.size === second.size || first.size === 0) return verifyTrivial(claim);
  const [start, ...steps] = isPowerOfTwo(first.size) ? [first.root, ...proof] : proof;
  if (start === undefined || proof.length === 0) return wrong('is too short');
  return climb(claim, start, steps);
}

function verifyTrivial({ first, second, proof }: ConsistencyClaim): Decision<undefined> {
  if (proof.length > 0) return wrong('is too long');
  const isFirst = isSameHash(first.root, first.size === 0 ? EMPTY_ROOT : second.root);
  const isSecond = second.size > 0 || isSameHash(second.root, EMPTY_ROOT);
  return isFirst && isSecond ? accept(undefined) : wrong('does not fit the roots');
}

function climb(claim: ConsistencyClaim, start: Uint8Array, steps: readonly Uint8Array[]): Decision<undefined> {
  let [at, last] = [claim.first.size - 1, claim.second.size - 1];
  while (isOdd(at)) [at, last] = [half(at), half(last)];
  let [old, whole] = [start, start];
  for (const step of steps) {
    if (last === 0) return wrong('is too long');
    if (isOdd(at) || at === last) {
      old = nodeHash(step, old);
      whole = nodeHash(step, whole);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      whole = nodeHash(whole, step);
    }
    [at, last] = [half(at), half(last)];
  }
  if (last !== 0) return wrong('is too short');
  if (!isSameHash(old, claim.first.root)) return wrong('does not give the root of the first tree');
  return isSameHash(whole, claim.second.root) ? accept(undefined) : wrong('does not give the root of the second tree');
}

function malformedHashes(hashes: readonly Uint8Array[]) {
  if (hashes.length > PROOF_HASHES_MAX + 2) return refuse('PROOF_MALFORMED', 'no proof has so many hashes');
  return hashes.every((hash) => hash.length === HASH_BYTES)
    ? undefined
    : refuse('PROOF_MALFORMED', `a hash has ${HASH_BYTES} bytes`);
}

function wrong(why: string) {
  return refuse('PROOF_WRONG', `the proof ${why}`);
}
