import type { EpochDue } from '#domain/epoch-inputs.ts';
import type { ScoringPolicy } from '#domain/policy.ts';
import type { Registration } from '#domain/sender.ts';
import type { EpochOutcome, RunEpoch } from './run-epoch.ts';
import type { Store } from './ports.ts';

/** What the ledger tells on its stream, as far as scoring cares. `sequence` is the ledger's own. */
export type LedgerEvent =
  | { readonly kind: 'block'; readonly sequence: number; readonly block: number }
  | {
      readonly kind: 'subnet';
      readonly sequence: number;
      readonly block: number;
      readonly netuid: number;
      readonly startBlock: number;
      readonly policy: ScoringPolicy;
    }
  | {
      readonly kind: 'registration';
      readonly sequence: number;
      readonly block: number;
      readonly registration: Registration;
    }
  | { readonly kind: 'epoch-due'; readonly due: EpochDue };

export type FollowLedger = (event: LedgerEvent) => Promise<EpochOutcome | undefined>;

/**
 * Applies one event of the ledger. Every event changes what it names only if it is newer than what is known of that, so
 * repeats, delays and reordering change nothing. An epoch's outcome is returned for metrics.
 */
export function makeFollowLedger({
  store,
  runEpoch,
  openBefore,
}: {
  readonly store: Store;
  readonly runEpoch: RunEpoch;
  /** A last try, within limits, to open what is due in the interval that ends: the epoch waits no longer for a beacon. */
  readonly openBefore: (netuid: number) => Promise<void>;
}): FollowLedger {
  return async (event) => {
    switch (event.kind) {
      case 'block':
        await store.observeBlock(event.block, event.sequence);
        return undefined;
      case 'subnet':
        await store.inSubnet(event.netuid, async (transaction) => {
          await transaction.putSubnet(event);
          await transaction.observe(event);
        });
        return undefined;
      case 'registration':
        await store.inSubnet(event.registration.netuid, async (transaction) => {
          await transaction.putRegistrations([event.registration], event.sequence);
          await transaction.observe(event);
        });
        return undefined;
      case 'epoch-due':
        await openBefore(event.due.netuid);
        return runEpoch(event.due);
    }
  };
}
