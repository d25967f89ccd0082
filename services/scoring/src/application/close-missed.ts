import type { StoredCommit } from '#domain/commit.ts';
import type { EpochDue } from '#domain/epoch-inputs.ts';
import type { RefusalCode } from '#domain/refusal.ts';
import type { SubnetTransaction } from './ports.ts';

/** What is said of a time-locked commit whose round did not come in time. */
const TOO_LATE: RefusalCode = 'TIMELOCK_ROUND_UNKNOWN';

/**
 * Ends the interval for the commits that were due in it: what did not open is missed for good, and the policy says whether the
 * row before stays in force. Returns the commits as they are then.
 */
export async function closeMissed(
  transaction: SubnetTransaction,
  due: EpochDue,
  commits: readonly StoredCommit[],
): Promise<readonly StoredCommit[]> {
  const missed = commits.filter(({ revealInterval, revealed }) => revealInterval === due.index && !revealed);
  const late = missed.filter(({ kind, failure }) => kind === 'Timelock' && failure === undefined);
  await transaction.failCommits(late.map((key) => ({ key, code: TOO_LATE })));
  if (due.policy.missedReveal === 'Zero') await transaction.emptyRows(missed);
  const isLate = new Set(late);
  return commits.map((commit) => (isLate.has(commit) ? { ...commit, failure: TOO_LATE } : commit));
}
