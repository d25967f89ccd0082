import { entryLeaf, leafIndexOf } from '@subnetes/transparency/entry-leaf';
import { type Tile, TILE_WIDTH } from '@subnetes/transparency/tile';
import { HASH_BYTES, isSameHash, leafHash } from '@subnetes/transparency/tree-hash';
import { type JournalRange, type OldestRange, reasonToKeep } from '#domain/archive/archivable.ts';
import { type AssetSums, RangeSummary, type SummedBalance } from '#domain/archive/range-summary.ts';
import type { ChainHash, JournalHead } from '#domain/book/journal.ts';
import type { JournalStore, StoredEntry } from './ports.ts';

/** Entries that are read at once. */
const PAGE_ENTRIES = 1000;

/** The ledger's database, for who archives. Throws StoreUnavailable when it cannot be reached. */
export interface ArchiveStore extends Pick<JournalStore, 'readEntries' | 'readArchive'> {
  /** Undefined where there is no range. */
  readOldest(): Promise<OldestRange | undefined>;
  /** What the archived entries come to. */
  readBefore(): Promise<{
    readonly balances: readonly SummedBalance[];
    readonly sums: readonly (readonly [asset: string, sums: AssetSums])[];
  }>;
  readTile(tile: Tile): Promise<Uint8Array | undefined>;
  /** Stores what the range and all before it come to, and lets go of its tables: all of it or nothing, as readers see it. */
  detach(archived: ArchivedRange): Promise<void>;
}

/** A range that is in a file now. */
export interface ArchivedRange extends JournalRange {
  readonly head: JournalHead;
  readonly exportSha256: string;
  readonly balances: readonly SummedBalance[];
  readonly sums: ReadonlyMap<string, AssetSums>;
  /** Payload of the journal's first entry, where the range has it. */
  readonly genesisText: string | undefined;
}

/** Takes the entries of a range, in order. */
export interface RangeFile {
  add(entries: readonly StoredEntry[]): Promise<void>;
  /** On the disk for good; answers the file's SHA-256 in hex. */
  finish(): Promise<string>;
}

export type ArchiveOutcome =
  | { readonly ok: true; readonly archived: ArchivedRange }
  | { readonly ok: false; readonly reason: string };

/**
 * Exports the oldest range and detaches it, unless it is still needed. What is exported is verified on the way: the chain from the
 * archived end on, and each entry against the signed tree.
 */
export async function archiveOldestRange(ports: {
  readonly store: ArchiveStore;
  readonly chainHash: ChainHash;
  readonly openFile: (range: JournalRange) => Promise<RangeFile & AsyncDisposable>;
}): Promise<ArchiveOutcome> {
  const { store, chainHash } = ports;
  const oldest = await store.readOldest();
  if (oldest === undefined) return { ok: false, reason: 'the journal has no range' };
  const reason = reasonToKeep(oldest);
  if (reason !== undefined) return refused(oldest, reason);
  const { number, firstSequence, endSequence } = oldest;
  const range = { number, firstSequence, endSequence };
  const summary = new RangeSummary(chainHash, { head: await store.readArchive(), ...(await store.readBefore()) });
  const signed = new SignedLeaves(store, oldest.signedSize);
  let genesisText: string | undefined;
  await using file = await ports.openFile(range);
  while (summary.head.sequence < endSequence - 1) {
    const left = endSequence - 1 - summary.head.sequence;
    const query = { afterSequence: summary.head.sequence, limit: Math.min(PAGE_ENTRIES, left) };
    const page = await store.readEntries(query);
    if (page.length === 0) return refused(oldest, `entry ${summary.head.sequence + 1} is missing`);
    for (const entry of page) {
      const broken = summary.take(entry) ?? (await signed.differenceOf(entry));
      if (broken !== undefined) return refused(oldest, broken);
      if (entry.sequence === 1) genesisText = entry.payloadText;
    }
    await file.add(page);
  }
  const exportSha256 = await file.finish();
  const { head, balances, sums } = summary;
  const archived = { ...range, head, exportSha256, balances, sums, genesisText };
  await store.detach(archived);
  return { ok: true, archived };
}

function refused({ number, firstSequence, endSequence }: JournalRange, reason: string): ArchiveOutcome {
  return { ok: false, reason: `range ${number} (entries ${firstSequence} to ${endSequence - 1}) stays: ${reason}` };
}

/** The leaves of the tree that was signed, a tile at a time. */
class SignedLeaves {
  readonly #store: Pick<ArchiveStore, 'readTile'>;
  readonly #size: number;
  #tile: { readonly index: number; readonly hashes: Uint8Array } | undefined;

  constructor(store: Pick<ArchiveStore, 'readTile'>, size: number) {
    this.#store = store;
    this.#size = size;
  }

  async differenceOf({ sequence, hash }: Pick<StoredEntry, 'sequence' | 'hash'>): Promise<string | undefined> {
    const leaf = leafIndexOf(sequence);
    const index = Math.floor(leaf / TILE_WIDTH);
    if (this.#tile?.index !== index) {
      const width = Math.min(TILE_WIDTH, this.#size - index * TILE_WIDTH);
      const hashes = await this.#store.readTile({ level: 0, index, width });
      if (hashes === undefined) return `the tree has no tile ${index}`;
      this.#tile = { index, hashes };
    }
    const at = (leaf % TILE_WIDTH) * HASH_BYTES;
    const isSigned = isSameHash(this.#tile.hashes.subarray(at, at + HASH_BYTES), leafHash(entryLeaf(sequence, hash)));
    return isSigned ? undefined : `entry ${sequence} is another one than was signed`;
  }
}
