import { fromUnknown, OutageError } from '@subnetes/runtime/errors';

/** What only one process of a database may hold at a time. */
export interface LeaderLock {
  /** Waits until this process holds it; rejects with the signal's reason when that ends the wait. */
  hold(signal: AbortSignal): Promise<HeldLock>;
}

/** Disposing it lets the next one have it at once. */
export interface HeldLock extends AsyncDisposable {
  /** Aborted when the lock is, or may be, somebody else's. */
  readonly lost: AbortSignal;
}

/** One process's time as the leader. */
export interface Turn {
  /** Raised by every take-over; what a leader of an earlier term writes is refused. */
  readonly term: bigint;
  /** Aborted when the turn is over, for whatever reason. */
  readonly signal: AbortSignal;
  /** Ends the turn: somebody else leads. */
  readonly end: () => void;
}

export interface TurnParts {
  readonly lock: LeaderLock;
  /** Makes every earlier term void and returns the new one; waits for transactions of the term before. */
  readonly raiseTerm: () => Promise<bigint>;
  /** The leader's work, until the turn's signal ends it. */
  readonly lead: (turn: Turn) => Promise<void>;
  readonly standingBy: () => void;
  readonly failed: (error: Error) => void;
  /** Between an outage and the next try; may reject once the signal is aborted. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
}

/** Leads whenever the lock is to be had and stands by between, until the signal ends it. Outages end a turn, bugs end all. */
export async function takeTurns(parts: TurnParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    parts.standingBy();
    try {
      await takeTurn(parts, signal);
    } catch (thrown) {
      if (signal.aborted) return;
      if (!(thrown instanceof OutageError)) throw thrown;
      parts.failed(fromUnknown(thrown));
      // A database in this process refuses without waiting for anything: no signal would get its turn between two tries.
      await parts.pause(signal).catch(() => {}); // aborted: the loop looks at the signal
    }
  }
}

async function takeTurn(parts: TurnParts, signal: AbortSignal): Promise<void> {
  await using held = await parts.lock.hold(signal);
  const over = new AbortController();
  const term = await parts.raiseTerm();
  await parts.lead({
    term,
    signal: AbortSignal.any([signal, held.lost, over.signal]),
    end: () => over.abort(new Error(`term ${term} is over`)),
  });
}
