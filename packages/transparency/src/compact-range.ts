import { accept, type Decision, refuse } from './refusal.ts';
import { EMPTY_ROOT, HASH_BYTES, isSameHash, nodeHash } from './tree-hash.ts';
import { half, isOdd, isTreeSize, type NodeId, subtreeCount } from './tree-shape.ts';

const SIZE_BYTES = 8;

/** Told of each node that an append completes; such a node never changes again. */
export type OnNode = (node: NodeId, hash: Uint8Array) => void;

/**
 * What an append-only tree has to remember: the roots of its perfect subtrees, at most 53 hashes. It takes leaves and gives
 * roots; proofs need the stored nodes, which `append` tells of.
 */
export class CompactRange {
  #size: number;
  readonly #subtrees: Uint8Array[];

  private constructor(size: number, subtrees: readonly Uint8Array[]) {
    this.#size = size;
    this.#subtrees = [...subtrees];
  }

  static empty(): CompactRange {
    return new CompactRange(0, []);
  }

  /** A range of stored subtrees, largest first. Refused unless they are as many as the size says and give the root. */
  static of(stored: {
    readonly size: number;
    readonly subtrees: readonly Uint8Array[];
    readonly root: Uint8Array;
  }): Decision<CompactRange> {
    const { size, subtrees, root } = stored;
    if (!isTreeSize(size) || subtrees.length !== subtreeCount(size) || !subtrees.every(isHash)) {
      return refuse('RANGE_MALFORMED', `a range of size ${size} is not made of ${subtrees.length} such hashes`);
    }
    const range = new CompactRange(size, subtrees);
    return isSameHash(range.root(), root)
      ? accept(range)
      : refuse('ROOT_MISMATCH', `the stored subtrees do not give the root of the tree of size ${size}`);
  }

  /** Reads what `toBytes` wrote, and compares its root with the one that is known from elsewhere. */
  static read(bytes: Uint8Array, root: Uint8Array): Decision<CompactRange> {
    if (bytes.length < SIZE_BYTES || (bytes.length - SIZE_BYTES) % HASH_BYTES !== 0) {
      return refuse('RANGE_MALFORMED', `${bytes.length} bytes are not a size and hashes`);
    }
    const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0);
    if (size > BigInt(Number.MAX_SAFE_INTEGER)) return refuse('RANGE_MALFORMED', `a tree of size ${size} is too large`);
    const subtrees: Uint8Array[] = [];
    for (let at = SIZE_BYTES; at < bytes.length; at += HASH_BYTES) {
      subtrees.push(Uint8Array.from(bytes.subarray(at, at + HASH_BYTES)));
    }
    return CompactRange.of({ size: Number(size), subtrees, root });
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf by its hash. @throws RangeError for what is no hash, or when the tree is full. */
  append(leaf: Uint8Array, onNode?: OnNode): void {
    if (!isHash(leaf)) throw new RangeError(`a leaf's hash has ${HASH_BYTES} bytes, not ${leaf.length}`);
    if (!isTreeSize(this.#size + 1)) throw new RangeError('the tree is full');
    let [hash, level, index] = [leaf, 0, this.#size];
    onNode?.({ level, index }, hash);
    while (isOdd(index)) {
      const left = this.#subtrees.pop();
      if (left === undefined) throw new Error(`the tree of size ${this.#size} lacks a subtree`);
      [hash, level, index] = [nodeHash(left, hash), level + 1, half(index)];
      onNode?.({ level, index }, hash);
    }
    this.#subtrees.push(hash);
    this.#size += 1;
  }

  /** Root of the tree of all leaves so far. */
  root(): Uint8Array {
    return rootOfSubtrees(this.#subtrees);
  }

  /** A second range that goes on from here on its own. */
  copy(): CompactRange {
    return new CompactRange(this.#size, this.#subtrees);
  }

  /** Size as u64 (big endian), then the subtrees' hashes, largest first. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(SIZE_BYTES + this.#subtrees.length * HASH_BYTES);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(this.#size));
    for (const [at, hash] of this.#subtrees.entries()) bytes.set(hash, SIZE_BYTES + at * HASH_BYTES);
    return bytes;
  }
}

/** Joins neighbouring subtrees of falling size into one hash; the root of the empty tree for none. */
export function rootOfSubtrees(subtrees: readonly Uint8Array[]): Uint8Array {
  const last = subtrees.at(-1);
  if (last === undefined) return EMPTY_ROOT;
  return subtrees.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}

function isHash(hash: Uint8Array): boolean {
  return hash.length === HASH_BYTES;
}
