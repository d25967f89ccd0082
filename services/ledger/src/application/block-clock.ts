import type { ProducedBlock } from '#domain/economy/emission.ts';
import { produceBlock } from '#domain/economy/emission.ts';
import { LedgerUnavailable } from './ports.ts';
import type { Sequencer } from './sequencer.ts';

/** Time as the block clock needs it. */
export interface BlockTime {
  /** Milliseconds that never go back. */
  readonly monotonicMs: () => number;
  /** Unix milliseconds, for people. */
  readonly unixMs: () => number;
  /** Resolves after a time, or at once when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Produces a block each `blockTimeMs` until the signal is aborted; from a block on that says otherwise, as that one says. A block that could not be produced in time is not made
 * up for: blocks stop with the ledger, and nothing is minted for the pause.
 */
export async function runBlockClock(options: {
  readonly sequencer: Sequencer;
  readonly time: BlockTime;
  /** Until the first block. */
  readonly blockTimeMs: number;
  readonly signal: AbortSignal;
  readonly onBlock: (block: ProducedBlock) => void;
}): Promise<void> {
  const { sequencer, time, signal } = options;
  let { blockTimeMs } = options;
  let next = time.monotonicMs() + blockTimeMs;
  while (!signal.aborted) {
    await time.sleep(Math.max(0, next - time.monotonicMs()), signal);
    if (signal.aborted) return;
    try {
      const timeMs = time.unixMs();
      const produced = await sequencer.submit({ run: (ledger) => produceBlock(ledger, timeMs) });
      if (!produced.ok) throw new Error(`a block was refused: ${produced.message}`);
      ({ blockTimeMs } = produced.value);
      options.onBlock(produced.value);
    } catch (error) {
      // The store is away or the ledger stops; whoever runs the process sees that elsewhere. No block, nothing minted.
      if (!(error instanceof LedgerUnavailable)) throw error;
    }
    next = Math.max(next + blockTimeMs, time.monotonicMs());
  }
}
