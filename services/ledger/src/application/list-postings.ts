import type { AccountHistory, AccountPosting, PostingPlace } from './account-history.ts';
import { Archived } from './ports.ts';
import type { Sequencer } from './sequencer.ts';

/** Postings of an account between entries and between blocks; ends of 0 are open. */
export interface PostingRange {
  readonly account: string;
  /** Undefined: the network's token. */
  readonly asset?: string | undefined;
  readonly fromSequence: number;
  readonly toSequence: number;
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly newestFirst: boolean;
}

/** A page, and the first entry that the journal still keeps: of what came before there is nothing in any page. */
export interface PostingsPage {
  readonly postings: readonly AccountPosting[];
  readonly completeFrom: number;
}

/** Reads one page of an account's postings; only what was committed when it was asked for. Throws Archived where a named end is not kept. */
export async function listPostings(
  ports: { readonly sequencer: Sequencer; readonly history: AccountHistory },
  query: PostingRange & { readonly after: PostingPlace | undefined; readonly limit: number },
): Promise<PostingsPage> {
  const { account, newestFirst, after, limit } = query;
  const { history } = ports;
  const { head, asset: own } = await ports.sequencer.read((ledger) => ({
    head: ledger.journal.head.sequence,
    asset: ledger.asset,
  }));
  const archived = await history.archivedSequence();
  const firstOfBlock = query.fromBlock === 0 ? 0 : ((await history.firstSequenceOf(query.fromBlock)) ?? head + 1);
  const afterBlock = query.toBlock === 0 ? undefined : await history.firstSequenceOf(query.toBlock + 1);
  // A block that begins with the first kept entry may have begun before it.
  const named = [query.fromSequence, query.toSequence, after?.sequence ?? 0, firstOfBlock - 1, (afterBlock ?? 0) - 1];
  if (named.some((sequence) => sequence > 0 && sequence <= archived)) throw new Archived({ sequence: archived });
  const fromSequence = Math.max(query.fromSequence, firstOfBlock, archived + 1);
  const toSequence = Math.min(query.toSequence === 0 ? head : query.toSequence, (afterBlock ?? head + 1) - 1, head);
  const asset = query.asset ?? own;
  const range = { asset, account, fromSequence, toSequence, newestFirst, after, limit };
  return {
    postings: fromSequence > toSequence ? [] : await history.readPostings(range),
    completeFrom: archived + 1,
  };
}
