import type { StoredCommit } from './commit.ts';
import { refuse } from './refusal.ts';
import { checkSender, checkSequence, type Refused, type Sender, type SenderFacts } from './sender.ts';
import { checkRow, checkShape, rowOf, type StoredRow, type WeightsRow } from './weights.ts';

export interface WeightsReveal extends WeightsRow {
  readonly netuid: number;
  readonly mechanismId: number;
  readonly commitInterval: number;
  readonly salt: readonly number[];
}

export interface RevealFacts extends SenderFacts {
  /** Of the same registration, mechanism and interval. */
  readonly commit: StoredCommit | undefined;
  /** Hash of what is revealed, hex, computed as the chain computes it; undefined for what has no hash. */
  readonly hash: string | undefined;
  /** Highest sequence of a REVEAL envelope of the registration; 0n when there was none. */
  readonly lastSequence: bigint;
  readonly knownUids: ReadonlySet<number>;
}

export type RevealDecision = { readonly accept: StoredRow; readonly repeated: boolean } | Refused;

/** Takes or refuses a reveal. What was revealed before is taken again without effect. */
export function decideReveal(reveal: WeightsReveal, sender: Sender, facts: RevealFacts): RevealDecision {
  const sent = checkSender(sender, facts, reveal);
  if ('refusal' in sent) return sent;
  const malformed = checkShape(reveal);
  if (malformed !== undefined) return malformed;
  const { registration, subnet } = sent;
  const { commit } = facts;
  if (commit === undefined) {
    return refuse(
      'NO_COMMIT',
      `commit_interval: nothing was committed for mechanism ${reveal.mechanismId} in interval ${reveal.commitInterval}`,
    );
  }
  if (commit.kind === 'Timelock') {
    return refuse('REVEALED_BY_BEACON', `the commit is time-locked: it opens by itself in ${commit.revealInterval}`);
  }
  if (commit.hash !== facts.hash) {
    return refuse(
      'REVEAL_MISMATCH',
      'uids, values, salt and version_key do not hash to what was committed: reveal them unchanged',
    );
  }
  const accept = rowOf(commit, registration.uid, reveal);
  if (commit.revealed) return { accept, repeated: true };
  const refused =
    checkWindow(commit, subnet.interval) ??
    checkSequence(sender, facts.lastSequence) ??
    checkRow(reveal, {
      netuid: subnet.netuid,
      policy: subnet.policy,
      ownUid: registration.uid,
      knownUids: facts.knownUids,
    });
  return refused ?? { accept, repeated: false };
}

function checkWindow(commit: StoredCommit, interval: number): Refused | undefined {
  if (interval < commit.revealInterval) {
    return refuse(
      'REVEAL_TOO_EARLY',
      `this is interval ${interval}: the commit may be revealed in ${commit.revealInterval}`,
    );
  }
  if (interval > commit.revealInterval) {
    return refuse(
      'REVEAL_EXPIRED',
      `this is interval ${interval}: the commit could be revealed in ${commit.revealInterval} alone`,
    );
  }
  return undefined;
}
