import { type Checkpoint, formatCheckpoint, parseCheckpoint } from '@subnetes/transparency/checkpoint';
import type { CompactRange } from '@subnetes/transparency/compact-range';
import { entryBundle } from '@subnetes/transparency/entry-bundle';
import { entryLeaf, leafIndexOf } from '@subnetes/transparency/entry-leaf';
import type { NoteSigner } from '@subnetes/transparency/note-signer';
import { bytesOfText } from '@subnetes/transparency/note-text';
import { formatNote, formatSignatureLines, type NoteSignature, parseNote } from '@subnetes/transparency/signed-note';
import { TILE_WIDTH, type TileFile, tileHashPlace, tileWidth } from '@subnetes/transparency/tile';
import { TiledTree } from '@subnetes/transparency/tiled-tree';
import { isSameHash, leafHash } from '@subnetes/transparency/tree-hash';
import type { StoredCheckpoint, TreePosition, TreeStore } from './tree-store.ts';

/** Entries that one step indexes at most. */
export const TREE_STEP_ENTRIES = 1000;

/** Entries of a step that are hashed before callers have their turn: a millisecond. */
const HASHED_AT_ONCE = 100;

/** The stored tree contradicts itself, or what was signed: nothing may be signed any more. */
export class TreeBroken extends Error {
  override readonly name = 'TreeBroken';
}

/** A proof, and the checkpoint that it is for. */
export interface EntryInclusion {
  readonly checkpoint: StoredCheckpoint;
  readonly hashes: readonly Uint8Array[];
}

/**
 * The tree over the journal's entries. It follows the journal after commit, so that no command waits for it; what it holds
 * follows from the entries alone. Its checkpoints are signed in order and never against an earlier one.
 */
export class JournalTree {
  readonly #store: TreeStore;
  readonly #origin: string;
  readonly #signer: NoteSigner | undefined;
  readonly #pause: () => Promise<void>;
  /** Undefined until it was read, and after a step of which the end is not known. */
  #range: CompactRange | undefined;
  /** The newest signed checkpoint was compared with the tree. */
  #isCompared = false;

  /** Without a signer the tree is kept and nothing is signed. */
  constructor(options: {
    readonly store: TreeStore;
    readonly origin: string;
    readonly signer: NoteSigner | undefined;
    /** Lets the others of this thread have their turn. */
    readonly pause: () => Promise<void>;
  }) {
    this.#store = options.store;
    this.#origin = options.origin;
    this.#signer = options.signer;
    this.#pause = options.pause;
  }

  /**
   * Indexes the next entries; answers how many, 0 at the journal's end. One call at a time. Throws TreeBroken when the stored
   * tree is not what its root says.
   */
  async index(): Promise<number> {
    const range = (this.#range ??= await this.#readRange());
    const entries = await this.#store.readEntryHashes({ afterSequence: range.size, limit: TREE_STEP_ENTRIES });
    if (entries.length === 0) return 0;
    const next = range.copy();
    const previous = positionOf(range);
    // Until the store has answered nobody knows where the stored tree ends.
    this.#range = undefined;
    const grown: GrownTiles = new Map();
    for (let at = 0; at < entries.length; at += HASHED_AT_ONCE) {
      append(next, entries.slice(at, at + HASHED_AT_ONCE), grown);
      await this.#pause();
    }
    const tiles = [...grown.values()].map(({ hashes, ...tile }) => ({ ...tile, hashes: Buffer.concat(hashes) }));
    await this.#store.grow({ previous, tiles, next: positionOf(next) });
    this.#range = next;
    return entries.length;
  }

  /** Signs the tree as it is, unless it has been signed at this size. Answers the size that was signed. */
  async sign(): Promise<number | undefined> {
    const range = (this.#range ??= await this.#readRange());
    const last = await this.#store.readCheckpoint();
    if (this.#signer === undefined || last?.size === range.size || range.size === 0) return undefined;
    if (last !== undefined && !this.#isCompared) await this.#compare(last, range.size);
    const text = formatCheckpoint({ origin: this.#origin, size: range.size, root: range.root(), extensions: [] });
    const note = formatNote({ text, signatures: [this.#signer.sign(text)] });
    await this.#store.writeCheckpoint({ size: range.size, note }, last?.size);
    this.#isCompared = true;
    return range.size;
  }

  /** Puts signatures of witnesses under a checkpoint; they are left out when a newer one was signed meanwhile. */
  async addSignatures({ size, note }: StoredCheckpoint, signatures: readonly NoteSignature[]): Promise<void> {
    const last = await this.#store.readCheckpoint();
    if (last?.size !== size || last.note !== note) return;
    await this.#store.writeCheckpoint({ size, note: `${note}${formatSignatureLines(signatures)}` }, size);
  }

  /** The newest signed checkpoint. */
  checkpoint(): Promise<StoredCheckpoint | undefined> {
    return this.#store.readCheckpoint();
  }

  /** That an entry is under the newest checkpoint; undefined when there is none, or the entry is newer. */
  async inclusion(sequence: number): Promise<EntryInclusion | undefined> {
    const checkpoint = await this.#store.readCheckpoint();
    if (checkpoint === undefined || sequence > checkpoint.size) return undefined;
    const proof = await this.#tree(checkpoint.size).inclusionProof(leafIndexOf(sequence));
    if (!proof.ok) throw new TreeBroken(proof.message);
    return { checkpoint, hashes: proof.value };
  }

  /** Between two sizes up to the stored one; undefined for others. */
  async consistency(first: number, second: number): Promise<readonly Uint8Array[] | undefined> {
    const { size } = await this.#store.readPosition();
    if (first > second || second > size) return undefined;
    const proof = await this.#tree(second).consistencyProof(first);
    if (!proof.ok) throw new TreeBroken(proof.message);
    return proof.value;
  }

  /** A tile or a bundle of entries as a file; undefined for what the newest checkpoint does not have. */
  async file(file: TileFile): Promise<Uint8Array | undefined> {
    const checkpoint = await this.#store.readCheckpoint();
    const { level, index, width } = file.kind === 'hashes' ? file.tile : { ...file, level: 0 };
    if (checkpoint === undefined || width > tileWidth(checkpoint.size, level, index)) return undefined;
    if (file.kind === 'hashes') return this.#store.readTile(file.tile);
    const entries = await this.#store.readEntryHashes({ afterSequence: index * TILE_WIDTH, limit: width });
    return entryBundle(entries.map(({ sequence, hash }) => entryLeaf(sequence, hash)));
  }

  async #readRange(): Promise<CompactRange> {
    const { size, root } = await this.#store.readPosition();
    const range = await this.#tree(size).range(Buffer.from(root, 'hex'));
    if (!range.ok) throw new TreeBroken(`the stored tree of ${size} entries is broken: ${range.message}`);
    return range.value;
  }

  /** A ledger that signs two pasts is worth nothing to anybody: what was signed before must be in the tree. */
  async #compare(last: StoredCheckpoint, size: number): Promise<void> {
    const { origin, root } = checkpointOf(last);
    if (origin !== this.#origin) throw new TreeBroken(`the last checkpoint is of ${origin}, this is ${this.#origin}`);
    if (last.size > size) throw new TreeBroken(`the tree has ${size} entries, ${last.size} were signed`);
    const stored = await this.#tree(size).root(last.size);
    if (!stored.ok) throw new TreeBroken(stored.message);
    if (!isSameHash(stored.value, root)) {
      throw new TreeBroken(`the tree of ${last.size} entries is another one than was signed`);
    }
  }

  #tree(size: number): TiledTree {
    return new TiledTree(size, (tile) => this.#store.readTile(tile));
  }
}

function positionOf(range: CompactRange): TreePosition {
  return { size: range.size, root: Buffer.from(range.root()).toString('hex') };
}

interface GrowingTile {
  readonly level: number;
  readonly index: number;
  readonly offset: number;
  readonly hashes: Uint8Array[];
}

/** By level and index. */
type GrownTiles = Map<string, GrowingTile>;

/** Adds entries to the range, and what that adds to the tiles. */
function append(
  range: CompactRange,
  entries: readonly { readonly sequence: number; readonly hash: string }[],
  grown: GrownTiles,
): void {
  for (const { sequence, hash } of entries) {
    if (sequence !== range.size + 1) throw new TreeBroken(`entry ${range.size + 1} is missing in the journal`);
    range.append(leafHash(entryLeaf(sequence, hash)), (node, nodeHash) => {
      const place = tileHashPlace(node);
      if (place === undefined) return;
      const key = `${place.level}/${place.index}`;
      const tile: GrowingTile = grown.get(key) ?? { ...place, hashes: [] };
      tile.hashes.push(nodeHash);
      grown.set(key, tile);
    });
  }
}

function checkpointOf({ note }: StoredCheckpoint): Checkpoint {
  const parsed = parseNote(bytesOfText(note));
  const checkpoint = parsed.ok ? parseCheckpoint(parsed.value.text) : parsed;
  if (!checkpoint.ok) throw new TreeBroken(`the stored checkpoint cannot be read: ${checkpoint.message}`);
  return checkpoint.value;
}
