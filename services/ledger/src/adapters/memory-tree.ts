import { HASH_BYTES } from '@subnetes/transparency/tree-hash';
import { Fenced } from '#application/ports.ts';
import type { StoredCheckpoint, TreeGrowth, TreePosition, TreeStore } from '#application/tree-store.ts';
import type { MemoryDatabase } from './memory-journal.ts';

/** What the trees of one database share; pass it to a second store to play a second process. */
export interface MemoryTree {
  position: TreePosition;
  checkpoint: StoredCheckpoint | undefined;
  readonly tiles: Map<string, Uint8Array>;
}

/** SHA-256 of nothing. */
const EMPTY_ROOT_HEX = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export function emptyMemoryTree(): MemoryTree {
  return { position: { size: 0, root: EMPTY_ROOT_HEX }, checkpoint: undefined, tiles: new Map() };
}

/** A tree in memory beside a journal in memory. It passes the contract of the real ones. */
export function memoryTree(journal: MemoryDatabase, tree: MemoryTree = emptyMemoryTree()): TreeStore {
  return {
    readPosition: async () => tree.position,
    readEntryHashes: async ({ afterSequence, limit }) =>
      journal.entries.slice(afterSequence, afterSequence + limit).map(({ sequence, hash }) => ({ sequence, hash })),
    grow: async (growth) => grow(tree, growth),
    async readTile({ level, index, width }) {
      const hashes = tree.tiles.get(`${level}/${index}`);
      const bytes = width * HASH_BYTES;
      return hashes === undefined || hashes.length < bytes ? undefined : hashes.slice(0, bytes);
    },
    readCheckpoint: async () => tree.checkpoint,
    async writeCheckpoint(checkpoint, previousSize) {
      if (tree.checkpoint?.size !== previousSize) throw new Fenced('another ledger signed a checkpoint');
      tree.checkpoint = checkpoint;
    },
  };
}

function grow(tree: MemoryTree, { previous, next, tiles }: TreeGrowth): void {
  if (tree.position.size !== previous.size || tree.position.root !== previous.root) {
    throw new Fenced('another ledger indexed the journal, or the tree is not where it was left');
  }
  const grown = tiles.map(({ level, index, offset, hashes }) => {
    const key = `${level}/${index}`;
    const before = tree.tiles.get(key) ?? new Uint8Array(0);
    if (before.length !== offset * HASH_BYTES) throw new Fenced(`tile ${key} is not where the tree was left`);
    return [key, Buffer.concat([before, hashes])] as const;
  });
  for (const [key, hashes] of grown) tree.tiles.set(key, hashes);
  tree.position = next;
}
