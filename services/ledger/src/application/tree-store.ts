import type { Tile } from '@subnetes/transparency/tile';

/** Where a tree ends. */
export interface TreePosition {
  readonly size: number;
  /** Hex. */
  readonly root: string;
}

/** Hashes that follow those which a tile has. */
export interface TileGrowth {
  readonly level: number;
  readonly index: number;
  /** Hashes that stand in the tile before. */
  readonly offset: number;
  /** A multiple of 32 bytes. */
  readonly hashes: Uint8Array;
}

/** What one step adds to the stored tree. */
export interface TreeGrowth {
  readonly previous: TreePosition;
  readonly next: TreePosition;
  readonly tiles: readonly TileGrowth[];
}

/** A checkpoint that was signed; its note is public. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly note: string;
}

/**
 * Where the tree over the journal is kept: beside the journal, with one writer. Every method throws StoreUnavailable when the
 * store cannot be reached.
 */
export interface TreeStore {
  readPosition(): Promise<TreePosition>;
  /** Sequence and hash of committed entries, in order and without their content. */
  readEntryHashes(query: {
    readonly afterSequence: number;
    readonly limit: number;
  }): Promise<readonly { readonly sequence: number; readonly hash: string }[]>;
  /** All of it or nothing. Throws Fenced when the stored tree is not at `previous`, CommitUnknown when no answer came. */
  grow(growth: TreeGrowth): Promise<void>;
  /** The first `width` hashes of a tile; undefined when it has fewer. */
  readTile(tile: Tile): Promise<Uint8Array | undefined>;
  readCheckpoint(): Promise<StoredCheckpoint | undefined>;
  /** Throws Fenced when a checkpoint of another size than `previousSize` (undefined: none) was signed meanwhile. */
  writeCheckpoint(checkpoint: StoredCheckpoint, previousSize: number | undefined): Promise<void>;
}
