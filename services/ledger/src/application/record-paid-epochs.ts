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
  readonly everyMs: number;
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
    for (const { table, row } of batch.documents) if (table === 'subnets') add(lastPaid(row as Paid));
  });
  try {
    // Those that were paid before a restart.
    const subnets = await sequencer.read((ledger) => [...ledger.subnets.values()]);
    for (const subnet of subnets) add(lastPaid(subnet));
    while (!signal.aborted) {
      const [next] = waiting;
      if (next !== undefined && (await tryRecord(next[1], options))) {
        waiting.delete(next[0]);
        continue;
      }
      await options.sleep(options.everyMs, signal);
    }
  } finally {
    unsubscribe();
  }
}

/** False where it has to be tried again. */
async function tryRecord(
  { netuid, index }: PaidEpoch,
  { balances, onFailure }: { readonly balances: EpochBalances; readonly onFailure: (error: unknown) => void },
): Promise<boolean> {
  if (index === 0) return true; // nothing was paid yet
  try {
    const recorded = await balances.record(netuid, index);
    if (!recorded.ok) onFailure(new Error(`${recorded.code}: ${recorded.message}`));
    return true;
  } catch (error) {
    if (!isOutage(error)) throw error;
    onFailure(error);
    return false;
  }
}

type Paid = { readonly netuid: number; readonly lastPaidIndex: number };

function lastPaid({ netuid, lastPaidIndex }: Paid): PaidEpoch {
  return { netuid, index: lastPaidIndex };
}

function isOutage(error: unknown): boolean {
  return error instanceof StoreUnavailable || error instanceof CommitUnknown || error instanceof LedgerUnavailable;
}
