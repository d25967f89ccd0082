import type { AccountHistory, AccountPosting, PostingPlace } from '#application/account-history.ts';
import type { MemoryDatabase } from './memory-journal.ts';

/** Single accounts' postings beside a journal in memory. It passes the contract of the real one. */
export function memoryAccountHistory(database: Pick<MemoryDatabase, 'entries' | 'accounts'>): AccountHistory {
  const postingsOf = (asset: string, account: string): readonly AccountPosting[] =>
    database.entries.flatMap(({ sequence, block, kind, postings }) =>
      postings
        .map(({ delta, balanceAfter, ...leg }, position) => ({
          leg,
          posting: { sequence, position, block, kind, delta, balanceAfter },
        }))
        .filter(({ leg }) => leg.account === account && leg.asset === asset)
        .map(({ posting }) => posting),
    );
  const heldBy = (asset: string, account: string, sequence: number): bigint | undefined =>
    database.entries
      .filter((entry) => entry.sequence <= sequence)
      .flatMap(({ held }) => held ?? [])
      .findLast((after) => after.account === account && after.asset === asset)?.held;
  return {
    archivedSequence: async () => 0,
    async balancesAt({ asset, accounts, sequence }) {
      const balances = new Map<string, bigint>();
      for (const account of accounts) {
        const last = postingsOf(asset, account).findLast((posting) => posting.sequence <= sequence);
        if (last !== undefined) balances.set(account, last.balanceAfter);
      }
      return balances;
    },
    async heldAt({ asset, accounts, sequence }) {
      const held = new Map<string, bigint>();
      for (const account of accounts) {
        const last = heldBy(asset, account, sequence);
        if (last !== undefined) held.set(account, last);
      }
      return held;
    },
    accountNames: async ({ asset, prefix, after, limit }) =>
      [...database.accounts.values()]
        .filter((account) => account.asset === asset && account.id.startsWith(prefix))
        .map(({ id }) => id)
        .filter((id) => after === undefined || id > after)
        .toSorted()
        .slice(0, limit),
    async readPostings({ asset, account, fromSequence, toSequence, newestFirst, after, limit }) {
      const ordered = postingsOf(asset, account).toSorted((a, b) => (newestFirst ? compare(b, a) : compare(a, b)));
      return ordered
        .filter(({ sequence }) => sequence >= fromSequence && sequence <= toSequence)
        .filter((one) => after === undefined || (newestFirst ? compare(one, after) < 0 : compare(one, after) > 0))
        .slice(0, limit);
    },
    firstSequenceOf: async (block) => database.entries.find((entry) => entry.block >= block)?.sequence,
  };
}

function compare(a: PostingPlace, b: PostingPlace): number {
  return a.sequence - b.sequence || a.position - b.position;
}
