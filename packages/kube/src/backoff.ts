export interface BackoffOptions {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * Delay before attempt `failures + 1`: exponential with full jitter, so that many keys that
 * failed together do not come back together.
 *
 * @param random value in [0, 1)
 */
export function backoffMs(failures: number, options: BackoffOptions, random: number): number {
  const ceiling = Math.min(options.capMs, options.baseMs * 2 ** Math.min(failures, 30));
  const floor = Math.min(options.baseMs, ceiling);
  return floor + random * (ceiling - floor);
}
