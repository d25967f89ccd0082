import { StoreUnavailable } from './ports.ts';

/** Time as those see it who are compared. */
export interface WatchedTime {
  /** Milliseconds that never go back and never jump. */
  readonly monotonicMs: () => number;
  /** Unix milliseconds, which blocks are stamped with. */
  readonly unixMs: () => number;
  /** Unix milliseconds of the database's machine. Throws StoreUnavailable. */
  readonly databaseMs: () => Promise<number>;
}

/** Less is how clocks are set right by and by, and how threads wait for each other. */
export const JUMP_MS_MIN = 100;

/** The database is asked each so many looks. */
const DATABASE_LOOKS = 15;
const EVERY_MS = 1000;

/** How far wall time went ahead of the steady clock since the look before; behind: negative. Milliseconds; 0 where it is no jump. */
export class JumpMeter {
  #last: { readonly monotonicMs: number; readonly unixMs: number } | undefined;

  look(now: { readonly monotonicMs: number; readonly unixMs: number }): number {
    const last = this.#last;
    this.#last = now;
    if (last === undefined) return 0;
    const jumpedMs = now.unixMs - last.unixMs - (now.monotonicMs - last.monotonicMs);
    return Math.abs(jumpedMs) < JUMP_MS_MIN ? 0 : jumpedMs;
  }
}

/**
 * How far the database's clock is ahead of this one, in milliseconds; what the answer's way could account for is left out, so that
 * a slow answer is no skew.
 */
export async function databaseAheadMs({ unixMs, databaseMs }: WatchedTime): Promise<number> {
  const askedMs = unixMs();
  const toldMs = await databaseMs();
  const answeredMs = unixMs();
  if (toldMs < askedMs) return toldMs - askedMs;
  return Math.max(0, toldMs - answeredMs);
}

/** Compares this machine's clocks with each other and with the database's, until the signal is aborted. Decides nothing. */
export async function watchClock(options: {
  readonly time: WatchedTime;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Told of each look at which wall time had jumped. */
  readonly onJump: (jumpedMs: number) => void;
  readonly onOffset: (databaseAheadMs: number) => void;
}): Promise<void> {
  const { time, sleep, signal } = options;
  const meter = new JumpMeter();
  for (let looks = 0; !signal.aborted; looks += 1) {
    const jumpedMs = meter.look({ monotonicMs: time.monotonicMs(), unixMs: time.unixMs() });
    if (jumpedMs !== 0) options.onJump(jumpedMs);
    if (looks % DATABASE_LOOKS === 0) {
      try {
        options.onOffset(await databaseAheadMs(time));
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error; // the next look asks again; others tell of the outage
      }
    }
    await sleep(EVERY_MS, signal);
  }
}
