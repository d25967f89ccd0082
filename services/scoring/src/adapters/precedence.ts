import type { Clock } from '@subnetes/runtime/clock';

/** Work that cannot wait goes before work that can, on one thread. */
export interface Precedence {
  first<Value>(work: () => Promise<Value>): Promise<Value>;
  /** Resolves once none of the first is under way, and none came for a moment; after two seconds in any case. */
  quiet(signal: AbortSignal): Promise<void>;
  /** Between two pieces of work that can wait: lets the first of what came meanwhile be done, for a tenth of a second at most. */
  giveWay(): Promise<void>;
}

/** Messages of one block come within less. */
const MOMENT_MS = 40;
const WAIT_MS_MAX = 2000;
const GIVE_WAY_MS_MAX = 100;
/** It is too short to be ended. */
const { signal: NEVER } = new AbortController();

export function precedence(clock: Clock): Precedence {
  let underWay = 0;
  let lastMs = -Infinity;
  return {
    first: async (work) => {
      underWay += 1;
      try {
        return await work();
      } finally {
        underWay -= 1;
        lastMs = clock.monotonicMs();
      }
    },
    quiet: async (signal) => {
      const untilMs = clock.monotonicMs() + WAIT_MS_MAX;
      while (!signal.aborted && clock.monotonicMs() < untilMs) {
        if (underWay === 0 && clock.monotonicMs() - lastMs >= MOMENT_MS) return;
        await clock.sleep(MOMENT_MS, signal).catch(() => {}); // aborted: the loop looks at the signal
      }
    },
    giveWay: async () => {
      const untilMs = clock.monotonicMs() + GIVE_WAY_MS_MAX;
      do await clock.sleep(1, NEVER);
      while (underWay > 0 && clock.monotonicMs() < untilMs);
    },
  };
}
