/** What calls of one miner have shown. Times are monotonic milliseconds. */
export interface MinerHealth {
  /** Latency, moving: up at once on a worse sample, down slowly. Absent before the first answer. */
  readonly latencyMs?: number;
  /** Share of failures, moving, 0 to 1. */
  readonly failureRatio: number;
  readonly consecutiveFailures: number;
  /** How often it was ejected without a success in between. */
  readonly ejections: number;
  readonly ejectedUntilMs: number;
}

export const UNTRIED: MinerHealth = { failureRatio: 0, consecutiveFailures: 0, ejections: 0, ejectedUntilMs: 0 };

const LATENCY_WEIGHT = 0.2;
const FAILURE_WEIGHT = 0.1;
const EJECT_AFTER_FAILURES = 3;
const EJECT_BASE_MS = 10_000;
const EJECT_MAX_MS = 300_000;

/** After an answer that counts. */
export function afterSuccess(health: MinerHealth, latencyMs: number): MinerHealth {
  const before = health.latencyMs ?? latencyMs;
  const smoothed = latencyMs > before ? latencyMs : before + LATENCY_WEIGHT * (latencyMs - before);
  return {
    latencyMs: smoothed,
    failureRatio: health.failureRatio * (1 - FAILURE_WEIGHT),
    consecutiveFailures: 0,
    ejections: 0,
    ejectedUntilMs: 0,
  };
}

/** After a failure: three in a row take the miner out for ten seconds, each further time twice as long. */
export function afterFailure(health: MinerHealth, nowMs: number): MinerHealth {
  const consecutiveFailures = health.consecutiveFailures + 1;
  const failureRatio = health.failureRatio * (1 - FAILURE_WEIGHT) + FAILURE_WEIGHT;
  if (consecutiveFailures < EJECT_AFTER_FAILURES || health.ejectedUntilMs > nowMs) {
    return { ...health, consecutiveFailures, failureRatio };
  }
  const ejectedMs = Math.min(EJECT_MAX_MS, EJECT_BASE_MS * 2 ** health.ejections);
  return {
    ...health,
    consecutiveFailures,
    failureRatio,
    ejections: health.ejections + 1,
    ejectedUntilMs: nowMs + ejectedMs,
  };
}

export function isEjected(health: MinerHealth, nowMs: number): boolean {
  return health.ejectedUntilMs > nowMs;
}
