import { flawOf } from '../domain/usage.ts';
import type { BillingObserver, BillingStore, IntakeEvent, IntakeResult } from './ports.ts';

/** Stores events as they come, whatever their order and however often; settling them is another step. */
export function makeTakeUsage(ports: { readonly store: BillingStore; readonly observer: BillingObserver }) {
  return async function takeUsage(events: readonly IntakeEvent[]): Promise<readonly IntakeResult[]> {
    const sound = events.filter((event) => event.kind !== 'usage' || flawOf(event.record) === undefined);
    const stored = await ports.store.takeIn(sound);
    const resultOf = new Map(sound.map((event, at) => [event, stored[at]]));
    const results = events.map((event) => resultOf.get(event) ?? 'flawed');
    for (const [at, result] of results.entries()) {
      ports.observer.usageTaken(result);
      const event = events[at];
      if (result === 'conflict' && event?.kind === 'usage') ports.observer.conflict(event.record.requestId);
    }
    return results;
  };
}
