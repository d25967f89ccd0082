import type { AccountHistory, AccountPosting, PostingPlace } from './account-history.ts';
import type { Sequencer } from './sequencer.ts';

/** Postings of an account between entries and between blocks; ends of 0 are open. */
export interface PostingRange {
  readonly account: string;
  /** Undefined: the network's token. */
  readonly asset: string | undefined;
  readonly fromSequence: number;
  readonly toSequence: number;
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly newestFirst: boolean;
}

/** Reads one page of an account's postings; only what was committed when it was asked for. */
export async function listPostings(
  ports: { readonly sequencer: Sequencer; readonly history: AccountHistory },
  query: PostingRange & { readonly after: PostingPlace | undefined; readonly limit: number },
): Promise<readonly AccountPosting[]> {
  const { account, newestFirst, after, limit } = query;
  const { head, asset: own } = await ports.sequencer.read((ledger) => ({
    head: ledger.journal.head.sequence,
    asset: ledger.asset,
  }));
  const { history } = ports;
  const firstOfBlock = query.fromBlock === 0 ? 1 : ((await history.firstSequenceOf(query.fromBlock)) ?? head + 1);
  const afterBlock = query.toBlock === 0 ? undefined : await history.firstSequenceOf(query.toBlock + 1);
  const fromSequence = Math.max(query.fromSequence, firstOfBlock);
  const toSequence = Math.min(query.toSequence === 0 ? head : query.toSequence, (afterBlock ?? head + 1) - 1, head);
  if (fromSequence > toSequence) return [];
  const asset = query.asset ?? own;
  return history.readPostings({ asset, account, fromSequence, toSequence, newestFirst, after, limit });
}
