import { Fenced, StoreUnavailable } from './ports.ts';

/** The ledger that writes, as another one sees it. */
export interface SeenWriter {
  /** A session holds the writer's lock. */
  readonly isHeld: boolean;
  /** `host:port` at which it serves; empty before one has ever said so. */
  readonly address: string;
}

/** Where a ledger that waits looks, and where the one that writes says how to reach it. */
export interface WriterSeat {
  /** Throws StoreUnavailable when the store cannot be reached. */
  look(): Promise<SeenWriter>;
  /** Only the holder of the lock may. Throws StoreUnavailable, CommitUnknown or, when another one holds it, Fenced. */
  announce(address: string): Promise<void>;
}

/** How often a waiting ledger looks: most of the time from a writer's death to the next one's first commit. */
const LOOK_MS = 250;

/**
 * Waits until no session holds the writer's lock and takes over. Answers undefined when the signal ends the wait. Of several
 * that wait one is quicker; the others go on waiting.
 */
export async function standBy<T>(options: {
  readonly seat: Pick<WriterSeat, 'look'>;
  /** Throws Fenced when another one was quicker. */
  readonly takeOver: () => Promise<T>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onSeen: (writer: SeenWriter) => void;
  readonly onFailure: (error: StoreUnavailable) => void;
}): Promise<{ readonly taken: T } | undefined> {
  const { signal } = options;
  while (!signal.aborted) {
    try {
      const writer = await options.seat.look();
      options.onSeen(writer);
      if (!writer.isHeld) return { taken: await options.takeOver() };
    } catch (error) {
      if (error instanceof StoreUnavailable) options.onFailure(error);
      else if (!(error instanceof Fenced)) throw error;
    }
    await options.sleep(LOOK_MS, signal);
  }
  return undefined;
}
