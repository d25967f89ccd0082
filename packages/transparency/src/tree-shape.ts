/**
 * Where the nodes of a tree stand. Sizes and indexes are safe integers, so a log ends at 2^53 - 1 entries; shifts are done by
 * division, since JavaScript's bit operators see 32 bits only.
 */

/** A node that is the root of 2^level leaves, the first of them index * 2^level. */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** Leaves first ≤ n < end. */
export interface LeafRange {
  readonly first: number;
  readonly end: number;
}

export function isTreeSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0;
}

export function half(value: number): number {
  return Math.floor(value / 2);
}

export function isOdd(value: number): boolean {
  return value % 2 === 1;
}

/** The largest power of two below a size of at least 2: where RFC 6962 splits. */
export function splitOf(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

export function isPowerOfTwo(value: number): boolean {
  let rest = value;
  while (rest > 1 && !isOdd(rest)) rest = half(rest);
  return rest === 1;
}

/** How many perfect subtrees a tree of that size has: the ones in its binary form. */
export function subtreeCount(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = half(rest)) if (isOdd(rest)) count += 1;
  return count;
}

/**
 * The perfect subtrees that a range consists of, from the left, falling in size. The range must be one that RFC 6962's splits
 * give: it begins at a multiple of the largest power of two in its length. @throws RangeError for any other.
 */
export function perfectSubtrees({ first, end }: LeafRange): NodeId[] {
  const nodes: NodeId[] = [];
  for (let begin = first; begin < end;) {
    let [level, width] = [0, 1];
    while (width * 2 <= end - begin) [level, width] = [level + 1, width * 2];
    if (begin % width !== 0) throw new RangeError(`leaves ${first} to ${end} are no subtree of RFC 6962`);
    nodes.push({ level, index: begin / width });
    begin += width;
  }
  return nodes;
}
