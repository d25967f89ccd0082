import type { Ledger } from '#domain/economy/ledger.ts';
import type { EpochBalances } from './epoch-balances.ts';
import { CommitUnknown, LedgerUnavailable, StoreUnavailable } from './ports.ts';
import type { Sequencer } from './sequencer.ts';

/** Paid epochs that wait at most; what is beyond has no root in the journal, and nothing else suffers. */
const EPOCHS_MAX = 4096;

interface PaidEpoch {
  readonly netuid: number;
  readonly index: number;
}

/** Puts the root of all balances into the journal after each paid epoch, until the signal is aborted. */
export async function recordPaidEpochs(options: {
  readonly sequencer: Sequencer;
  readonly balances: EpochBalances;
  /** How long to wait where nothing was paid, or the store is away. */
  readonly everyMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}): Promise<void> {
  const { sequencer, signal } = options;
  const waiting = new Map<string, PaidEpoch>();
  const add = (epoch: PaidEpoch): void => {
    if (waiting.size < EPOCHS_MAX) waiting.set(`${epoch.netuid}/${epoch.index}`, epoch);
  };
  const unsubscribe = sequencer.subscribe((batch) => {
    // A row that an order had put before it was refused is told as removed, and never was.
    for (const { table, row } of batch.documents) {
      if (table === 'subnets' && row !== undefined) add(lastPaid(row as Paid));
    }
  });
  let isCaughtUp = false;
  try {
    while (!signal.aborted) {
      try {
        if (!isCaughtUp) for (const subnet of await sequencer.read(subnetsOf)) add(lastPaid(subnet));
        isCaughtUp = true;
        for (const [key, epoch] of waiting) {
          if (signal.aborted) return;
          const recorded = epoch.index === 0 ? undefined : await options.balances.record(epoch.netuid, epoch.index);
          if (recorded?.ok === false) options.onFailure(new Error(`${recorded.code}: ${recorded.message}`));
          waiting.delete(key);
        }
      } catch (error) {
        if (!isOutage(error)) throw error;
        options.onFailure(error);
      }
      await options.sleep(options.everyMs(), signal);
    }
  } finally {
    unsubscribe();
  }
}

/** Those that were paid before a start have their root from it. */
function subnetsOf(ledger: Ledger): readonly Paid[] {
  return [...ledger.subnets.values()];
}

type Paid = { readonly netuid: number; readonly lastPaidIndex: number };

function lastPaid({ netuid, lastPaidIndex }: Paid): PaidEpoch {
  return { netuid, index: lastPaidIndex };
}

function isOutage(error: unknown): boolean {
  return error instanceof StoreUnavailable || error instanceof CommitUnknown || error instanceof LedgerUnavailable;
}
