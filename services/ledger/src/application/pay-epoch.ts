import { type Decision, refuse } from '#domain/book/refusal.ts';
import { epochKey, payEpoch, type Payout, type ScoredEpoch } from '#domain/economy/payout.ts';
import type { Sequencer } from './sequencer.ts';

/** Pays what scoring says, once; while money does not add up nothing is paid. */
export function makePayEpoch(ports: { readonly sequencer: Sequencer; readonly isConserved: () => boolean }) {
  return async (scored: ScoredEpoch): Promise<Decision<Payout>> => {
    if (!ports.isConserved()) {
      return refuse('PAYOUTS_STOPPED', 'balances differ from what was issued: payouts wait until the audit is clean');
    }
    return ports.sequencer.submit({
      keys: [epochKey(scored.netuid, scored.index)],
      run: (ledger) => payEpoch(ledger, scored),
    });
  };
}
