import { accept, type Decision, refuse } from './refusal.ts';
import { HASH_BYTES } from './tree-hash.ts';
import { isTreeSize, type NodeId } from './tree-shape.ts';

/** Tiles of C2SP tlog-tiles: up to 256 consecutive hashes of one height, immutable files that any web server can hold. */

export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
const LEVEL_MAX = 63;

/** Hashes `index * 256` to `index * 256 + width - 1` of tile level `level`: roots of 256^level leaves each. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  /** 1 to 256; below 256 the tile is partial. */
  readonly width: number;
}

/** What a path under `tile/` names. */
export type TileFile = { readonly kind: 'hashes'; readonly tile: Tile } | EntriesFile;

export interface EntriesFile {
  readonly kind: 'entries';
  readonly index: number;
  readonly width: number;
}

/** Path of a tile below the log's prefix, such as `tile/0/x001/234.p/17`. */
export function tilePath({ level, index, width }: Tile): string {
  return `tile/${level}/${indexPath(index, width)}`;
}

/** Path of a bundle of entries below the log's prefix, such as `tile/entries/x001/234`. */
export function entriesPath(index: number, width: number): string {
  return `tile/entries/${indexPath(index, width)}`;
}

/** Reads a path as `tilePath` and `entriesPath` write it; undefined for any other spelling. */
export function parseTilePath(path: string): TileFile | undefined {
  const match = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  if (match === null) return undefined;
  const [, kind = '', digits = '', partial] = match;
  const index = Number(digits.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (!Number.isSafeInteger(index) || (partial !== undefined && width >= TILE_WIDTH)) return undefined;
  const level = Number(kind);
  if (kind !== 'entries' && level > LEVEL_MAX) return undefined;
  const file: TileFile =
    kind === 'entries' ? { kind, index, width } : { kind: 'hashes', tile: { level, index, width } };
  // One file has one name: leading groups of zeros are another spelling.
  const canonical = file.kind === 'entries' ? entriesPath(index, width) : tilePath(file.tile);
  return canonical === path ? file : undefined;
}

/** How many hashes tile `index` of a level has in a tree of that size; 0 when there is no such tile. */
export function tileWidth(treeSize: number, level: number, index: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, hashesAt(treeSize, level) - index * TILE_WIDTH));
}

/** All tiles of a tree of that size, level by level from the leaves. Their number grows with the size: a page at a time. */
export function* tilesOf(treeSize: number): Generator<Tile> {
  if (!isTreeSize(treeSize)) throw new RangeError(`${treeSize} is no size of a tree`);
  for (let level = 0; hashesAt(treeSize, level) > 0; level += 1) {
    const count = Math.ceil(hashesAt(treeSize, level) / TILE_WIDTH);
    for (let index = 0; index < count; index += 1) yield { level, index, width: tileWidth(treeSize, level, index) };
  }
}

/** Which hashes of which tile a node is computed from. */
export interface NodePlace {
  readonly level: number;
  readonly index: number;
  readonly offset: number;
  /** A power of two up to 128. */
  readonly count: number;
}

export function placeOfNode(node: NodeId): NodePlace {
  const level = Math.floor(node.level / TILE_HEIGHT);
  const count = 2 ** (node.level % TILE_HEIGHT);
  const nodesPerTile = TILE_WIDTH / count;
  const index = Math.floor(node.index / nodesPerTile);
  return { level, index, offset: (node.index - index * nodesPerTile) * count, count };
}

/** The tile hash that a completed node is, or undefined for a node between the tiles' heights. */
export function tileHashPlace(
  node: NodeId,
): { readonly level: number; readonly index: number; readonly offset: number } | undefined {
  if (node.level % TILE_HEIGHT !== 0) return undefined;
  const { level, index, offset } = placeOfNode(node);
  return { level, index, offset };
}

/** The hashes of a tile's content. */
export function tileHashes(content: Uint8Array, width: number): Decision<readonly Uint8Array[]> {
  if (content.length !== width * HASH_BYTES) {
    return refuse(
      'TILE_MALFORMED',
      `a tile of ${width} hashes has ${width * HASH_BYTES} bytes, this one ${content.length}`,
    );
  }
  return accept(Array.from({ length: width }, (_, at) => content.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)));
}

function indexPath(index: number, width: number): string {
  if (!isTreeSize(index) || !Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new RangeError(`there is no tile ${index} of ${width} hashes`);
  }
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

function hashesAt(treeSize: number, level: number): number {
  return Math.floor(treeSize / TILE_WIDTH ** level);
}
