import { CompactRange, rootOfSubtrees } from './compact-range.ts';
import { accept, type Decision, type Refusal, refuse } from './refusal.ts';
import { placeOfNode, type Tile, TILE_WIDTH, tileHashes, tileWidth } from './tile.ts';
import { HASH_BYTES, nodeHash } from './tree-hash.ts';
import { isTreeSize, type LeafRange, type NodeId, perfectSubtrees, splitOf } from './tree-shape.ts';

/**
 * The port to wherever tiles are: a table, a folder, a web server. Undefined when there is none. A partial tile that is gone
 * is asked for again in full, as C2SP tlog-tiles lets logs drop it then.
 */
export type ReadTile = (tile: Tile) => Promise<Uint8Array | undefined>;

/**
 * A tree of which the tiles are stored, at one size. Content is believed: whoever reads from a stranger verifies the proof
 * against a signed root, which shows any wrong hash.
 */
export class TiledTree {
  readonly size: number;
  readonly #readTile: ReadTile;
  readonly #tiles = new Map<string, Promise<Decision<readonly Uint8Array[]>>>();

  /** @throws RangeError for what is no size */
  constructor(size: number, readTile: ReadTile) {
    if (!isTreeSize(size)) throw new RangeError(`${size} is no size of a tree`);
    this.size = size;
    this.#readTile = readTile;
  }

  /** Root of the tree of the first `size` leaves, which may be fewer than there are. */
  async root(size: number = this.size): Promise<Decision<Uint8Array>> {
    const misplaced = this.#misplaced(size, 'there is no tree of size');
    return misplaced ?? this.#rangeHash({ first: 0, end: size });
  }

  /** What an append needs to go on, read back from the tiles; refused unless it gives the root. */
  async range(root: Uint8Array): Promise<Decision<CompactRange>> {
    const subtrees = await this.#nodes(perfectSubtrees({ first: 0, end: this.size }));
    return subtrees.ok ? CompactRange.of({ size: this.size, subtrees: subtrees.value, root }) : subtrees;
  }

  /** RFC 6962, section 2.1.1: the hashes from the leaf's sibling up. */
  async inclusionProof(index: number, size: number = this.size): Promise<Decision<readonly Uint8Array[]>> {
    const misplaced = this.#misplaced(size, 'there is no tree of size');
    if (misplaced !== undefined) return misplaced;
    if (!isTreeSize(index) || index >= size) {
      return refuse('PROOF_MALFORMED', `a tree of size ${size} has no leaf ${index}`);
    }
    return this.#rangeHashes(pathRanges(index, { first: 0, end: size }));
  }

  /** RFC 6962, section 2.1.2; empty between equal sizes and from the empty tree. */
  async consistencyProof(first: number, second: number = this.size): Promise<Decision<readonly Uint8Array[]>> {
    const misplaced = this.#misplaced(second, 'there is no tree of size');
    if (misplaced !== undefined) return misplaced;
    if (!isTreeSize(first) || first > second) {
      return refuse('PROOF_MALFORMED', `a tree of size ${second} does not begin with one of size ${first}`);
    }
    return this.#rangeHashes(first === 0 ? [] : consistencyRanges(first, { first: 0, end: second }, true));
  }

  #misplaced(size: number, what: string): Refusal | undefined {
    if (isTreeSize(size) && size <= this.size) return undefined;
    return refuse('PROOF_MALFORMED', `${what} ${size}, the largest is ${this.size}`);
  }

  async #rangeHashes(ranges: readonly LeafRange[]): Promise<Decision<readonly Uint8Array[]>> {
    return allOf(await Promise.all(ranges.map((range) => this.#rangeHash(range))));
  }

  async #rangeHash(range: LeafRange): Promise<Decision<Uint8Array>> {
    const subtrees = await this.#nodes(perfectSubtrees(range));
    return subtrees.ok ? accept(rootOfSubtrees(subtrees.value)) : subtrees;
  }

  async #nodes(nodes: readonly NodeId[]): Promise<Decision<readonly Uint8Array[]>> {
    return allOf(await Promise.all(nodes.map((node) => this.#node(node))));
  }

  async #node(node: NodeId): Promise<Decision<Uint8Array>> {
    const { level, index, offset, count } = placeOfNode(node);
    const tile = await this.#tile({ level, index, width: tileWidth(this.size, level, index) });
    return tile.ok ? accept(joined(tile.value.slice(offset, offset + count))) : tile;
  }

  /** Each tile is read once for all that one tree is asked. */
  #tile(tile: Tile): Promise<Decision<readonly Uint8Array[]>> {
    const key = `${tile.level}/${tile.index}`;
    const known = this.#tiles.get(key);
    if (known !== undefined) return known;
    const read = this.#read(tile);
    this.#tiles.set(key, read);
    return read;
  }

  async #read(tile: Tile): Promise<Decision<readonly Uint8Array[]>> {
    const content = await this.#readTile(tile);
    if (content !== undefined) return tileHashes(content, tile.width);
    const full = tile.width === TILE_WIDTH ? undefined : await this.#readTile({ ...tile, width: TILE_WIDTH });
    if (full === undefined) return refuse('TILE_MISSING', `tile ${tile.index} of level ${tile.level} is missing`);
    const hashes = tileHashes(full, TILE_WIDTH);
    return hashes.ok ? tileHashes(full.subarray(0, tile.width * HASH_BYTES), tile.width) : hashes;
  }
}

/** Root of as many hashes as a power of two. */
function joined(hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes;
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at + 1 < row.length; at += 2) above.push(nodeHash(hashAt(row, at), hashAt(row, at + 1)));
    row = above;
  }
  return hashAt(row, 0);
}

function hashAt(hashes: readonly Uint8Array[], at: number): Uint8Array {
  const hash = hashes[at];
  if (hash === undefined) throw new Error('a tile was asked for a hash that it does not have');
  return hash;
}

/** PATH(m, D[n]) as ranges of leaves. */
function pathRanges(index: number, { first, end }: LeafRange): LeafRange[] {
  if (end - first === 1) return [];
  const middle = first + splitOf(end - first);
  const [left, right] = [
    { first, end: middle },
    { first: middle, end },
  ];
  return index < middle ? [...pathRanges(index, left), right] : [...pathRanges(index, right), left];
}

/** SUBPROOF(m, D[n], b) as ranges of leaves: `whole` while the old tree is a subtree that its reader knows already. */
function consistencyRanges(size: number, range: LeafRange, whole: boolean): LeafRange[] {
  const { first, end } = range;
  if (size === end) return whole ? [] : [range];
  const middle = first + splitOf(end - first);
  const [left, right] = [
    { first, end: middle },
    { first: middle, end },
  ];
  return size <= middle
    ? [...consistencyRanges(size, left, whole), right]
    : [...consistencyRanges(size, right, false), left];
}

function allOf<T>(decisions: readonly Decision<T>[]): Decision<readonly T[]> {
  const values: T[] = [];
  for (const decision of decisions) {
    if (!decision.ok) return decision;
    values.push(decision.value);
  }
  return accept(values);
}
