import { type Decision, refuse, type RefusalCode } from '#domain/book/refusal.ts';
import { type Caller, FairQueue } from './fair-queue.ts';

/** Verifications that wait at most: some seconds of them. */
export const LANE_MAX = 512;

/** Of one connection: who has more under way than that floods. */
export const CONNECTION_MAX = 128;

/** For each part of its time that the lane works, three are left to everybody else. */
const PAUSE_FACTOR = 3;

export interface LaneTime {
  readonly monotonicMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Somebody who waits for a turn, and learns whether it came. */
type Turn = (isOurs: boolean) => void;

/**
 * Verifies wallets' signatures one by one. One of sr25519 takes a millisecond or two of the thread that does everything
 * else, so whoever sends a flood of them, good or bad, gets a quarter of it and no more; and callers take turns in it, so that a flood
 * makes itself wait.
 */
export class SignatureLane {
  readonly #time: LaneTime;
  readonly #busy: RefusalCode;
  readonly #waiting = new FairQueue<Turn>({ all: LANE_MAX, connection: CONNECTION_MAX });
  #isBusy = false;

  /** `busy`: the code by which it refuses. What else takes milliseconds for strangers has a lane of its own, and a code. */
  constructor(time: LaneTime, busy: RefusalCode = 'SIGNATURES_BUSY') {
    this.#time = time;
    this.#busy = busy;
  }

  /** Runs a verification in its turn; refuses when too many wait: of the caller, or of all while others have fewer. */
  verify<T>(caller: Caller, verification: () => Decision<T>): Promise<Decision<T>> {
    return this.hold(caller, async (timed) => timed(verification));
  }

  /** The same for work that waits for others in between: what it runs by `timed` counts. The turn is its own until it is done. */
  async hold<T>(
    caller: Caller,
    work: (timed: <Part>(part: () => Part) => Part) => Promise<Decision<T>>,
  ): Promise<Decision<T>> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.push(caller, resolve)?.(false);
    if (!this.#isBusy) this.#next();
    if (!(await promise)) return refuse(this.#busy, 'too many of these wait already: try again later');
    let workedMs = 0;
    const timed = <Part>(part: () => Part): Part => {
      const started = this.#time.monotonicMs();
      try {
        return part();
      } finally {
        workedMs += this.#time.monotonicMs() - started;
      }
    };
    try {
      return await work(timed);
    } finally {
      void this.#time.sleep(workedMs * PAUSE_FACTOR).then(() => this.#next());
    }
  }

  #next(): void {
    const next = this.#waiting.shift();
    this.#isBusy = next !== undefined;
    next?.(true);
  }
}
