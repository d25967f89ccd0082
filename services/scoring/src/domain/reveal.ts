import { fromInteger } from '@subnetes/consensus/fixed';
import { withinMaxWeight } from '@subnetes/consensus/weights';
import { checkSender, type Registration, replayed, type Sender, type StoredCommit, type Subnet } from './commit.ts';
import { type Refusal, refuse } from './refusal.ts';
import { checkReport, type Report } from './report.ts';

/** Weights of one row at most; also the limit of uids of a subnet. */
export const WEIGHTS_MAX = 256;
const SALT_MAX = 64;
const U16_MAX = 65_535;

export interface WeightsReveal {
  readonly netuid: number;
  readonly mechanismId: number;
  readonly commitInterval: number;
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly salt: readonly number[];
  readonly versionKey: bigint;
  readonly report: Report;
}

/** A reveal that was taken: weights that count from now on until newer ones do. */
export interface StoredReveal {
  readonly registrationId: string;
  readonly uid: number;
  readonly mechanismId: number;
  readonly commitInterval: number;
  readonly commitBlock: number;
  /** Pairs of uid and u16, ascending. */
  readonly weights: readonly (readonly [uid: number, value: number])[];
  readonly report: Report;
}

export interface RevealFacts {
  readonly subnet: Subnet | undefined;
  readonly registration: Registration | undefined;
  /** Of the same registration, mechanism and interval. */
  readonly commit: StoredCommit | undefined;
  /** Hash of what is revealed, hex, computed as the chain computes it. */
  readonly hash: string;
  /** Highest sequence of a REVEAL envelope of the registration; 0n when there was none. */
  readonly lastSequence: bigint;
  readonly block: number;
  /** Every uid that was ever given out in the subnet. */
  readonly knownUids: ReadonlySet<number>;
}

export type RevealDecision =
  | { readonly accept: StoredReveal; readonly repeated: boolean }
  | { readonly refusal: Refusal };

/** Takes or refuses a reveal. What was revealed before is taken again without effect. */
export function decideReveal(reveal: WeightsReveal, sender: Sender, facts: RevealFacts): RevealDecision {
  const { subnet, commit } = facts;
  const sent = checkSender(sender, facts, reveal);
  if ('refusal' in sent) return sent;
  if (subnet === undefined) return refuse('UNKNOWN_SUBNET', `there is no subnet ${reveal.netuid}`);
  const malformed = checkShape(reveal) ?? checkReport(reveal.report, WEIGHTS_MAX);
  if (malformed !== undefined) return malformed;
  if (commit === undefined) {
    return refuse(
      'NO_COMMIT',
      `nothing was committed for mechanism ${reveal.mechanismId} in interval ${reveal.commitInterval}`,
    );
  }
  if (commit.hash !== facts.hash) {
    return refuse(
      'REVEAL_MISMATCH',
      'weights, salt and version key do not hash to what was committed: reveal them unchanged',
    );
  }
  const accept: StoredReveal = {
    registrationId: sender.registrationId,
    uid: sent.registration.uid,
    mechanismId: reveal.mechanismId,
    commitInterval: reveal.commitInterval,
    commitBlock: commit.block,
    weights: reveal.uids.map((uid, index) => [uid, reveal.values[index] ?? 0] as const),
    report: reveal.report,
  };
  if (commit.revealed) return { accept, repeated: true };
  const early = checkWindow(commit, subnet.interval);
  if (early !== undefined) return early;
  if (sender.sequence <= facts.lastSequence) return replayed(sender, facts.lastSequence);
  const refused = checkWeights(reveal, { ...facts, subnet, ownUid: sent.registration.uid });
  return refused ?? { accept, repeated: false };
}

type Refused = { readonly refusal: Refusal } | undefined;

function checkWindow(commit: StoredCommit, interval: number): Refused {
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

/** What can be refused without knowing anything: sizes and ranges, before anything is hashed. */
export function checkShape(reveal: WeightsReveal): Refused {
  if (reveal.uids.length !== reveal.values.length) {
    return refuse(
      'LENGTH_MISMATCH',
      `${reveal.uids.length} uids and ${reveal.values.length} values: send one value a uid`,
    );
  }
  if (reveal.uids.length > WEIGHTS_MAX) return refuse('TOO_MANY_WEIGHTS', `at most ${WEIGHTS_MAX} weights a row`);
  if (reveal.salt.length > SALT_MAX) return refuse('WEIGHT_OUT_OF_RANGE', `salt has at most ${SALT_MAX} numbers`);
  for (const value of [...reveal.uids, ...reveal.values, ...reveal.salt]) {
    if (!Number.isInteger(value) || value < 0 || value > U16_MAX) {
      return refuse('WEIGHT_OUT_OF_RANGE', `${value} is not within 0 to ${U16_MAX}`);
    }
  }
  return undefined;
}

function checkWeights(
  reveal: WeightsReveal,
  facts: { readonly subnet: Subnet; readonly ownUid: number; readonly knownUids: ReadonlySet<number> },
): Refused {
  const { policy } = facts.subnet;
  if (reveal.versionKey < policy.weightsVersionKey) {
    return refuse(
      'WRONG_VERSION',
      `version key ${reveal.versionKey} is below ${policy.weightsVersionKey}: update the validator`,
    );
  }
  let previous = -1;
  for (const uid of reveal.uids) {
    if (uid === previous) return refuse('DUPLICATE_UID', `uid ${uid} stands twice`);
    if (uid < previous) return refuse('UIDS_NOT_ASCENDING', `uid ${uid} stands after ${previous}: sort the uids`);
    if (uid === facts.ownUid) return refuse('SELF_WEIGHT', `uid ${uid} is the validator itself: leave it out`);
    if (!facts.knownUids.has(uid)) return refuse('UNKNOWN_UID', `uid ${uid} was never given out on this subnet`);
    previous = uid;
  }
  const atLeast = Math.min(policy.minAllowedWeights, Math.max(1, facts.knownUids.size - 1));
  if (reveal.uids.length < atLeast) {
    return refuse('TOO_FEW_WEIGHTS', `${reveal.uids.length} weights, the subnet asks for at least ${atLeast}`);
  }
  if (!withinMaxWeight(reveal.values.map(fromInteger), policy.maxWeightLimitU16)) {
    return refuse('MAX_WEIGHT_EXCEEDED', `the largest weight is over ${policy.maxWeightLimitU16}/65535 of the row`);
  }
  return undefined;
}
