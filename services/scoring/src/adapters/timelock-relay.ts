import type { Clock } from '@subnetes/runtime/clock';
import { fromUnknown } from '@subnetes/runtime/errors';
import type { Logger } from '@subnetes/telemetry/logger';
import type { OpeningPass, OpenTimelocks } from '#application/open-timelocks.ts';
import type { ScoringMetrics } from './metrics.ts';

/** Opens time-locked commits as their rounds come out. Woken by each new interval: no commit is due sooner. */
export interface TimelockRelay {
  wake(): void;
  /** One pass over a subnet's commits before its epoch; gives up in time or with the signal, and never fails. */
  openBefore(netuid: number, signal: AbortSignal): Promise<void>;
  /** Runs until the signal ends it. */
  run(signal: AbortSignal): Promise<void>;
}

/** Pause after an outage. */
const RETRY_MS = 1000;
/** Longest sleep: a lost wake-up must not cost an interval. */
const SLEEP_MS_MAX = 30_000;
/** An epoch waits so long for a beacon, and no longer. */
const BEFORE_EPOCH_MS = 5000;

export function timelockRelay(parts: {
  readonly openTimelocks: OpenTimelocks;
  /** Resolves when no epoch is being scored, or when what is not due yet has waited long enough. */
  readonly quiet: (signal: AbortSignal) => Promise<void>;
  readonly metrics: ScoringMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}): TimelockRelay {
  const { clock, log } = parts;
  let woken = Promise.withResolvers<void>();

  const tell = ({ outcomes }: OpeningPass): void => {
    for (const { netuid, code } of outcomes) {
      parts.metrics.submission('reveal', netuid, code === '' ? undefined : code);
      if (code !== '') log.warn({ netuid, code }, 'a time-locked commit did not open');
    }
  };

  const pass = async (signal: AbortSignal, netuid?: number): Promise<number | undefined> => {
    try {
      const done = await parts.openTimelocks(signal, netuid);
      tell(done);
      return done.waitMs;
    } catch (error) {
      log.warn({ err: fromUnknown(error) }, 'time-locked commits stay closed: opening them is tried again');
      return RETRY_MS;
    }
  };

  return {
    wake: () => woken.resolve(),
    openBefore: async (netuid, signal) => {
      await pass(AbortSignal.any([signal, AbortSignal.timeout(BEFORE_EPOCH_MS)]), netuid);
    },
    run: async (signal) => {
      while (!signal.aborted) {
        await parts.quiet(signal); // where many subnets are due at once, each would have the commits of all looked through
        woken = Promise.withResolvers<void>();
        const waitMs = Math.min((await pass(signal)) ?? SLEEP_MS_MAX, SLEEP_MS_MAX);
        const late = new AbortController();
        const pause = clock.sleep(waitMs, AbortSignal.any([signal, late.signal]));
        await Promise.race([woken.promise, pause.catch(() => {})]); // aborted: the loop looks at the signal
        late.abort();
      }
    },
  };
}
