import type { Bus } from '@subnetes/bus/bus';
import { ALL_USAGE, STREAMS } from '@subnetes/bus/subjects';
import type { BillingObserver, IntakeEvent, IntakeResult } from '../application/ports.ts';
import { intakeEventOf } from './usage-messages.ts';

const BATCH_MAX = 256;
/** A transaction's cost is shared by what comes within this time; nobody waits for it, since leases hold the money. */
const LINGER_MS = 25;

/** Takes usage off the stream until the signal ends it; a message is acknowledged when its row is committed. */
export async function takeUsageFrom(
  bus: Bus,
  deps: {
    readonly takeUsage: (events: readonly IntakeEvent[]) => Promise<readonly IntakeResult[]>;
    readonly observer: BillingObserver;
    /** Called after each batch. */
    readonly taken: () => void;
    readonly failed: (error: unknown) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  await bus.consume({
    stream: STREAMS.usage.name,
    durable: 'billing',
    subjects: [ALL_USAGE],
    batchMax: BATCH_MAX,
    lingerMs: LINGER_MS,
    // A bill should not wait half a minute for what a killed process still had; taking it in twice changes nothing.
    takesOver: true,
    signal: deps.signal,
    failed: deps.failed,
    async handle(messages) {
      const events = messages.map(({ payload }) => intakeEventOf(payload));
      for (const event of events) if (event === undefined) deps.observer.usageTaken('flawed');
      await deps.takeUsage(events.filter((event) => event !== undefined));
      deps.taken();
    },
  });
}
