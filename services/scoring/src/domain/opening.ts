import type { StoredCommit } from './commit.ts';
import { refuse } from './refusal.ts';
import type { Refused, Registration, Subnet } from './sender.ts';
import { checkRow, checkShape, rowOf, type StoredRow, type WeightsRow } from './weights.ts';

/** What was in a time-locked commit. */
export interface TimelockedWeights extends WeightsRow {
  /** SS58. */
  readonly hotkey: string;
  readonly registrationId: string;
  readonly netuid: number;
  readonly mechanismId: number;
  readonly interval: number;
}

/** What an opened commit is judged by. */
export interface OpeningFacts {
  readonly subnet: Subnet;
  readonly registration: Registration | undefined;
  readonly knownUids: ReadonlySet<number>;
}

export type OpeningDecision = { readonly accept: StoredRow } | Refused;

/**
 * Takes or refuses what a time-locked commit held, by all rules of a reveal. It is bound to whom it is of and what it is for:
 * locked bytes can be copied before they open, and must be worth nothing to who copies them.
 */
export function decideOpening(
  commit: StoredCommit,
  opened: TimelockedWeights,
  { subnet, registration, knownUids }: OpeningFacts,
): OpeningDecision {
  if (registration === undefined || registration.ended) {
    return refuse('REGISTRATION_ENDED', 'the registration ended before its commit opened');
  }
  const differs =
    opened.hotkey !== registration.hotkey ||
    opened.registrationId !== commit.registrationId ||
    opened.netuid !== commit.netuid ||
    opened.mechanismId !== commit.mechanismId ||
    opened.interval !== commit.interval;
  if (differs) {
    return refuse(
      'TIMELOCK_MISMATCH',
      'hotkey, registration, subnet, mechanism or interval within are not those of the commit',
    );
  }
  const refused =
    checkShape(opened) ??
    checkRow(opened, { netuid: subnet.netuid, policy: subnet.policy, ownUid: registration.uid, knownUids });
  return refused ?? { accept: rowOf(commit, registration.uid, opened) };
}
