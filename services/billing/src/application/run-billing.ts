import type { BillingStore } from './ports.ts';

/** The steps that billing repeats; each does all that there is to do and may throw OutageError. */
export interface Rounds {
  readonly keepPrices: () => Promise<void>;
  readonly settleUsage: () => Promise<void>;
  readonly endLeases: () => Promise<void>;
}

export interface RoundDeps extends Rounds {
  readonly failed: (error: unknown) => void;
  /** Resolves after `ms` or as soon as there is something to do. */
  readonly pause: (ms: number) => Promise<void>;
}

/** Longest pause between two rounds: leases expire and policies change without anybody telling us. */
const ROUND_MS = 1000;

/** Goes round until the signal ends it. One round at a time, so no two settle the same usage. */
export async function runRounds(deps: RoundDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const step of [deps.keepPrices, deps.settleUsage, deps.endLeases]) {
      try {
        await step();
      } catch (error) {
        deps.failed(error);
      }
    }
    await deps.pause(ROUND_MS);
  }
}

/** Whether the store answers, for readiness. */
export async function isReady(store: BillingStore): Promise<true | string> {
  return (await store.isReachable()) ? true : 'the database cannot be reached';
}
