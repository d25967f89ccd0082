import type { Clock } from '@subnetes/runtime/clock';
import { OutageError } from '@subnetes/runtime/errors';
import type { Store } from '#application/ports.ts';
import type { MetagraphFeed } from './metagraph-feed.ts';

/** How much later than the leader's those who watch a standby learn of an epoch. */
const ASK_MS = 500;

/** Tells watchers of this process what the leader scored, until the signal ends it. */
export async function followLeader(
  parts: { readonly store: Pick<Store, 'scoredSince'>; readonly feed: MetagraphFeed; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  let seen: number | undefined;
  while (!signal.aborted) {
    try {
      const { sequence, netuids } = await parts.store.scoredSince(seen);
      seen = sequence;
      for (const netuid of netuids) parts.feed.announce(netuid);
    } catch (error) {
      if (!(error instanceof OutageError)) throw error; // the lock and the readiness tell of an outage
    }
    await parts.clock.sleep(ASK_MS, signal).catch(() => {}); // aborted: the loop looks at the signal
  }
}
