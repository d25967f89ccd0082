import type { Judge } from './judge-epoch.ts';
import type { Journal, Market, StateStore } from './ports.ts';
import type { SubmitWeights } from './submit-weights.ts';

export type FollowPorts = {
  /**
   * The newest block above another, with the market as it is then: undefined while there is nothing to judge. Rejects
   * when the signal is aborted.
   */
  readonly marketAfter: (
    block: number,
    signal: AbortSignal,
  ) => Promise<{ readonly block: number; readonly market: Market | undefined }>;
  readonly judge: Judge;
  readonly submit: SubmitWeights;
  readonly store: StateStore;
  readonly journal: Journal;
  /** Whether a failed call may succeed with the next block. */
  readonly isOutage: (error: unknown) => boolean;
};

/**
 * The validator's walk: with each block it collects and scores the last challenge, stores what it knows, sends the next
 * challenge and does what is due with its weights. Ends by the signal's reason.
 */
export async function followBlocks(ports: FollowPorts, signal: AbortSignal): Promise<void> {
  const { judge, submit, store, journal } = ports;
  let block = -1;
  try {
    while (!signal.aborted) {
      const next = await ports.marketAfter(block, signal);
      block = next.block;
      const { market } = next;
      if (market === undefined) continue;
      await judge.settle(market);
      await store.save({ judgement: judge.judgement(), submissions: submit.submissions() });
      judge.challenge(submit.ownMarket(market));
      try {
        await submit.onBlock(market, signal);
      } catch (error) {
        if (signal.aborted || !ports.isOutage(error)) throw error;
        journal.warn('scoring did not answer; the next block tries again', { err: error });
      }
      journal.judged(judge.standings(market));
    }
  } finally {
    await judge.stop();
  }
}
