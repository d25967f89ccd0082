import type { Clock } from '@subnetes/runtime/clock';
import { fromUnknown } from '@subnetes/runtime/errors';
import type { Logger } from '@subnetes/telemetry/logger';
import type { SubmitEvidence } from '#application/submit-evidence.ts';

/** Tells the ledger of evidence as it comes. No epoch waits for it. */
export interface EvidenceRelay {
  wake(): void;
  /** Runs until the signal ends it. */
  run(signal: AbortSignal): Promise<void>;
}

/** Pause after an outage, doubled with each that follows. */
const RETRY_MS = 1000;
const RETRY_MS_MAX = 30_000;
/** Longest sleep: a lost wake-up must not keep evidence until it is too old. */
const SLEEP_MS = 30_000;

export function evidenceRelay(parts: {
  readonly submitEvidence: SubmitEvidence;
  readonly clock: Clock;
  readonly log: Logger;
}): EvidenceRelay {
  let woken = Promise.withResolvers<void>();
  return {
    wake: () => woken.resolve(),
    run: async (signal) => {
      let retryMs = RETRY_MS;
      while (!signal.aborted) {
        woken = Promise.withResolvers<void>();
        try {
          await parts.submitEvidence(signal);
          retryMs = RETRY_MS;
        } catch (error) {
          if (signal.aborted) return;
          parts.log.warn({ err: fromUnknown(error) }, 'evidence waits: the ledger is asked again');
          // Not woken: a ledger that is away is not asked after each epoch.
          await parts.clock.sleep(retryMs, signal).catch(() => {}); // aborted: the loop looks at the signal
          retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
          continue;
        }
        const late = new AbortController();
        const pause = parts.clock.sleep(SLEEP_MS, AbortSignal.any([signal, late.signal]));
        await Promise.race([woken.promise, pause.catch(() => {})]);
        late.abort();
      }
    },
  };
}
