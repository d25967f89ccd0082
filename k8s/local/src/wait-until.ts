import { setTimeout as delay } from 'node:timers/promises';

export type WaitOptions = {
  readonly timeoutMs: number;
  /** Completes "waiting for …" in the error. */
  readonly what: string;
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
};

/** What was waited for did not come in time; the cause is the last failure of the condition, if it failed. */
export class WaitTimeoutError extends Error {
  override readonly name = 'WaitTimeoutError';
}

/**
 * Polls until `condition` gives something other than undefined and returns that. A condition that throws counts as not yet met.
 * @throws WaitTimeoutError after `timeoutMs`; the signal's reason when aborted.
 */
export async function waitUntil<Result>(
  condition: () => Promise<Result | undefined>,
  options: WaitOptions,
): Promise<Result> {
  const deadlineMs = performance.now() + options.timeoutMs;
  let cause: unknown;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const result = await condition();
      if (result !== undefined) return result;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadlineMs) {
      const why = cause instanceof Error ? `: ${cause.message}` : '';
      throw new WaitTimeoutError(`waited ${Math.round(options.timeoutMs / 1000)} s for ${options.what} in vain${why}`, {
        cause,
      });
    }
    // An aborted delay rejects with an error of its own; the next round throws the signal's reason instead.
    await delay(
      options.everyMs ?? 100,
      undefined,
      options.signal === undefined ? {} : { signal: options.signal },
    ).catch(() => undefined);
  }
}
