import type { Beacon } from './policy.ts';
import { refuse } from './refusal.ts';
import type { Refused } from './sender.ts';

/** Which round opens locked bytes, as they say themselves. */
export interface TimeLock {
  /** Of the beacon, hex. */
  readonly chainHash: string;
  readonly round: number;
}

/** Blocks last so long at most in any network (its genesis may not set more). */
const BLOCK_MS_MAX = 600_000;

/** When a round comes out, in Unix milliseconds. */
export function roundTimeMs({ genesisTimeS, periodS }: Beacon, round: number): number {
  return (genesisTimeS + (round - 1) * periodS) * 1000;
}

/** Whether locked bytes can open in time, and not before everybody has committed. */
export function checkLock(
  lock: TimeLock | undefined,
  facts: {
    readonly beacon: Beacon;
    readonly tempo: number;
    readonly revealPeriodEpochs: number;
    readonly nowMs: number;
    readonly hasBeacon: boolean;
  },
): Refused | undefined {
  const { beacon, nowMs } = facts;
  if (lock === undefined) {
    return refuse('TIMELOCK_MALFORMED', 'timelock must be a binary age file with one tlock stanza');
  }
  if (lock.chainHash !== beacon.chainHash) {
    return refuse(
      'TIMELOCK_WRONG_BEACON',
      `timelock is locked for beacon ${lock.chainHash}, the policy names ${beacon.chainHash}`,
    );
  }
  const opensMs = roundTimeMs(beacon, lock.round);
  if (opensMs <= nowMs) {
    return refuse('TIMELOCK_ROUND_PASSED', `timelock: round ${lock.round} is out already, and anybody could open it`);
  }
  const latestMs = nowMs + (facts.revealPeriodEpochs + 2) * facts.tempo * BLOCK_MS_MAX;
  if (opensMs > latestMs) {
    const seconds = Math.round((opensMs - nowMs) / 1000);
    return refuse(
      'TIMELOCK_ROUND_TOO_FAR',
      `timelock: round ${lock.round} comes out in ${seconds} s, after any end of the interval of the reveal (${Math.round((latestMs - nowMs) / 1000)} s)`,
    );
  }
  if (!facts.hasBeacon) {
    return refuse('TIMELOCK_UNAVAILABLE', 'scoring was not told where rounds of a beacon are found: set BEACON_URLS');
  }
  return undefined;
}
