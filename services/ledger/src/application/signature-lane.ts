import { type Decision, refuse, type RefusalCode } from '#domain/book/refusal.ts';

/** Verifications that wait at most: some seconds of them. */
export const LANE_MAX = 256;

/** For each part of its time that the lane works, three are left to everybody else. */
const PAUSE_FACTOR = 3;

export interface LaneTime {
  readonly monotonicMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Verifies wallets' signatures one by one. One of sr25519 takes a millisecond or two of the thread that does everything
 * else, so whoever sends a flood of them, good or bad, gets a quarter of it and no more.
 */
export class SignatureLane {
  readonly #time: LaneTime;
  readonly #busy: RefusalCode;
  readonly #waiting: (() => void)[] = [];
  #isBusy = false;

  /** `busy`: the code by which it refuses. What else takes milliseconds for strangers has a lane of its own, and a code. */
  constructor(time: LaneTime, busy: RefusalCode = 'SIGNATURES_BUSY') {
    this.#time = time;
    this.#busy = busy;
  }

  /** Runs a verification in its turn; refuses when too many wait. */
  async verify<T>(verification: () => Decision<T>): Promise<Decision<T>> {
    if (this.#waiting.length >= LANE_MAX) {
      return refuse(this.#busy, `${LANE_MAX} of these wait already: try again later`);
    }
    const turn = Promise.withResolvers<void>();
    this.#waiting.push(() => turn.resolve());
    if (!this.#isBusy) this.#next();
    await turn.promise;
    const started = this.#time.monotonicMs();
    try {
      return verification();
    } finally {
      const pauseMs = (this.#time.monotonicMs() - started) * PAUSE_FACTOR;
      void this.#time.sleep(pauseMs).then(() => this.#next());
    }
  }

  #next(): void {
    const next = this.#waiting.shift();
    this.#isBusy = next !== undefined;
    next?.();
  }
}
