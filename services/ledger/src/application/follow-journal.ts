import { type JournalTree, TREE_STEP_ENTRIES } from './journal-tree.ts';
import { CommitUnknown, LedgerUnavailable, StoreUnavailable } from './ports.ts';

/** Keeps the tree at the journal's end and signs it every so many blocks, until the signal is aborted. */
export async function followJournal(options: {
  readonly tree: JournalTree;
  /** The newest block. */
  readonly readBlock: () => Promise<number>;
  readonly checkpointBlocks: number;
  /** How long to wait at the journal's end. */
  readonly everyMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onSigned: (size: number) => void;
  readonly onFailure: (error: unknown) => void;
}): Promise<void> {
  const { tree, signal } = options;
  let nextBlock = 0;
  while (!signal.aborted) {
    try {
      const block = await options.readBlock();
      while (!signal.aborted && (await tree.index()) === TREE_STEP_ENTRIES);
      if (!signal.aborted && block >= nextBlock) {
        const size = await tree.sign();
        nextBlock = block + options.checkpointBlocks;
        if (size !== undefined) options.onSigned(size);
      }
    } catch (error) {
      if (!isOutage(error)) throw error;
      options.onFailure(error);
    }
    await options.sleep(options.everyMs(), signal);
  }
}

/** The next round reads where the store stands and goes on from there. */
export function isOutage(error: unknown): boolean {
  return error instanceof StoreUnavailable || error instanceof CommitUnknown || error instanceof LedgerUnavailable;
}
