import type { StoredCommit } from './commit.ts';
import type { RefusalCode } from './refusal.ts';
import type { ScoringPolicy } from './policy.ts';
import type { CountedRow } from './weights.ts';

/** What became of a validator's weights in an interval. `set`: weights in the open are in force. */
export type WeightsState = 'none' | 'committed' | 'revealed' | 'missed' | 'set';

export interface WeightsStanding {
  readonly state: WeightsState;
  /** Code of why they were missed; empty otherwise. */
  readonly reason: string;
}

/** What is said of a salted commit that nobody revealed: nothing refused it. */
const NOT_REVEALED: RefusalCode = 'NOT_REVEALED';

export const NO_WEIGHTS: WeightsStanding = { state: 'none', reason: '' };

/** What an epoch keeps of validators' weights beside its inputs: it is told, and decides nothing. */
export interface EpochStandings {
  /** By registration id; missing means none. */
  readonly standings: ReadonlyMap<string, WeightsStanding>;
  readonly missedReveal: ScoringPolicy['missedReveal'];
}

/** Standings of validators whose weights came in time. */
const COUNTING: ReadonlySet<WeightsState> = new Set(['revealed', 'set']);

/** How many of the neurons have weights that came in time. */
export function countRevealed(
  neurons: readonly { readonly registrationId: string }[],
  standings: ReadonlyMap<string, WeightsStanding>,
): number {
  return neurons.filter(({ registrationId }) => COUNTING.has((standings.get(registrationId) ?? NO_WEIGHTS).state))
    .length;
}

/**
 * Standing at the end of interval k, from what one registration committed and what of it is in force: a reveal that was due in
 * k decides, else whether something was committed in k, else whether a row in the open holds.
 */
export function standingOf(
  commits: readonly Pick<StoredCommit, 'interval' | 'revealInterval' | 'revealed' | 'failure'>[],
  rows: readonly Pick<CountedRow, 'source'>[],
  interval: number,
): WeightsStanding {
  const due = commits.filter(({ revealInterval }) => revealInterval === interval);
  const missed = due.find(({ revealed }) => !revealed);
  if (missed !== undefined) return { state: 'missed', reason: missed.failure ?? NOT_REVEALED };
  if (due.length > 0) return { state: 'revealed', reason: '' };
  if (commits.some((commit) => commit.interval === interval)) return { state: 'committed', reason: '' };
  return rows.some(({ source }) => source === 'Open') ? { state: 'set', reason: '' } : NO_WEIGHTS;
}

/** Every registration's standing; one without commits and rows is not in it. */
export function standingsOf(
  commits: readonly StoredCommit[],
  rows: readonly CountedRow[],
  interval: number,
): Map<string, WeightsStanding> {
  const commitsOf = Map.groupBy(commits, ({ registrationId }) => registrationId);
  const rowsOf = Map.groupBy(rows, ({ registrationId }) => registrationId);
  const ids = new Set([...commitsOf.keys(), ...rowsOf.keys()]);
  return new Map([...ids].map((id) => [id, standingOf(commitsOf.get(id) ?? [], rowsOf.get(id) ?? [], interval)]));
}
