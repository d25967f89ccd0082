import { RpcError } from '@subnetes/proto/rpc-error';
import { type ArchiveFiles, archivesNeeded } from './archive-files.ts';
import type { CommandContext } from './command-context.ts';
import type { JournalTreeCheck } from './journal-tree-check.ts';
import { JournalVerifier, type JournalProof, type ListedEntry } from './journal-verifier.ts';

const PAGE = 1000;
const PROGRESS_EVERY = 20_000n;

/** What came of it. */
export interface Followed {
  readonly proof: JournalProof;
  /** Entries that came out of files. */
  readonly archived: number;
}

/** How far, and with what beside the ledger. */
export interface Course {
  /** Last entry. */
  readonly until: bigint;
  readonly tree: JournalTreeCheck | undefined;
  readonly archives: ArchiveFiles | undefined;
}

/** Up to the entry at which the audit stood; what came later is for the next verification. */
export async function followJournal(context: CommandContext, { until, tree, archives }: Course): Promise<Followed> {
  const verifier = new JournalVerifier();
  const take = (entry: ListedEntry): void => {
    verifier.take(entry);
    tree?.take(entry);
    if (context.options.json !== true && entry.sequence % PROGRESS_EVERY === 0n)
      context.io.err(`  ${entry.sequence} of ${until} entries followed`);
  };
  let [after, archived] = [0n, 0];
  while (after < until) {
    const page = await keptEntries(context, { after, until });
    if (page.isArchived) {
      const range = { first: after + 1n, last: page.last < until ? page.last : until };
      if (archives === undefined) throw archivesNeeded([range], 'the ledger does not keep them any more');
      for await (const entry of archives.entries(range)) take(entry);
      archived += Number(range.last - after);
      after = range.last;
    } else {
      page.entries.forEach(take);
      const last = page.entries.at(-1);
      if (last === undefined) break; // the proof then has fewer entries than the audit, which is a finding
      after = last.sequence;
    }
  }
  return { proof: verifier.proof(), archived };
}

type Page =
  | { readonly isArchived: false; readonly entries: readonly ListedEntry[] }
  /** `last`: of those that the ledger does not keep. */
  | { readonly isArchived: true; readonly last: bigint };

/** The ledger's next entries. A range may be archived at any time, also between two pages. */
async function keptEntries(
  context: CommandContext,
  { after, until }: { readonly after: bigint; readonly until: bigint },
): Promise<Page> {
  const ledger = await context.market.ledger();
  const limit = until - after < BigInt(PAGE) ? Number(until - after) : PAGE;
  try {
    const { entries } = await ledger.listEntries({ afterSequence: after, limit });
    return { isArchived: false, entries };
  } catch (error) {
    const archivedTo =
      error instanceof RpcError && error.reason === 'ARCHIVED' ? error.metadata['archived_to'] : undefined;
    if (archivedTo === undefined || !/^[0-9]{1,18}$/.test(archivedTo) || BigInt(archivedTo) <= after) throw error;
    return { isArchived: true, last: BigInt(archivedTo) };
  }
}
