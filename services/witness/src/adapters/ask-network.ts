import type { Clock } from '@subnetes/runtime/clock';
import { OutageError } from '@subnetes/runtime/errors';
import type { LedgerJournal, Network } from '#application/ports.ts';
import type { WitnessNews } from '#application/witness-epochs.ts';

const RETRY_MS = 500;

/** Asks the ledger which network this is and whose signatures count, for as long as it is away. */
export async function askNetwork(
  parts: { readonly ledger: LedgerJournal; readonly clock: Clock; readonly news: Pick<WitnessNews, 'outage'> },
  signal: AbortSignal,
): Promise<Network> {
  for (;;) {
    try {
      return await parts.ledger.network(signal);
    } catch (error) {
      if (!(error instanceof OutageError)) throw error;
      parts.news.outage(error);
      await parts.clock.sleep(RETRY_MS, signal);
    }
  }
}
