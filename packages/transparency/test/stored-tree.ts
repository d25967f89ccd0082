import { CompactRange } from '@subnetes/transparency/compact-range';
import { bytesOfText } from '@subnetes/transparency/note-text';
import { type Tile, tileHashPlace, tilePath, TILE_WIDTH } from '@subnetes/transparency/tile';
import { leafHash, nodeHash, EMPTY_ROOT } from '@subnetes/transparency/tree-hash';
import { splitOf } from '@subnetes/transparency/tree-shape';

/** A log whose entry n is the text "entry n", as the vectors' is, with its tiles in memory as a server would have them. */
export interface StoredTree {
  readonly range: CompactRange;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly readTile: (tile: Tile) => Promise<Uint8Array | undefined>;
}

interface TileRow {
  readonly level: number;
  readonly index: number;
  readonly hashes: Uint8Array[];
}

export function entryOf(index: number): Uint8Array {
  return bytesOfText(`entry ${index}`);
}

/** Full tiles, and the partial ones of the last size. */
export function storedTree(size: number): StoredTree {
  const range = CompactRange.empty();
  const rows = new Map<string, TileRow>();
  for (let index = 0; index < size; index += 1) {
    range.append(leafHash(entryOf(index)), (node, hash) => {
      const place = tileHashPlace(node);
      if (place === undefined) return;
      const key = `${place.level}/${place.index}`;
      const row: TileRow = rows.get(key) ?? { level: place.level, index: place.index, hashes: [] };
      rows.set(key, row);
      row.hashes.push(hash);
    });
  }
  const files = new Map(
    [...rows.values()].map(({ level, index, hashes }) => [
      tilePath({ level, index, width: hashes.length }),
      new Uint8Array(Buffer.concat(hashes)),
    ]),
  );
  return {
    range,
    files,
    // A smaller tree's partial tile is the beginning of what stands there now.
    readTile: async ({ level, index, width }) => {
      const hashes = rows.get(`${level}/${index}`)?.hashes;
      if (hashes === undefined || width > hashes.length || width > TILE_WIDTH) return undefined;
      return new Uint8Array(Buffer.concat(hashes.slice(0, width)));
    },
  };
}

/** MTH(D[n]) as RFC 6962 writes it down. */
export function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only, ...others] = leaves;
  if (only === undefined) return EMPTY_ROOT;
  if (others.length === 0) return leafHash(only);
  const split = splitOf(leaves.length);
  return nodeHash(naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)));
}
