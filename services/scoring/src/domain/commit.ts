import type { Beacon } from './policy.ts';
import { refuse } from './refusal.ts';
import {
  checkMechanism,
  checkSender,
  checkSequence,
  checkStanding,
  type Refused,
  type Sender,
  type SenderFacts,
  type Subnet,
  wrongType,
} from './sender.ts';
import { checkLock, type TimeLock } from './time-lock.ts';

/** What a validator promises to have rated with, before anybody may know it. */
export type WeightsCommit = {
  readonly netuid: number;
  readonly mechanismId: number;
  /** The interval the commit is meant for. */
  readonly interval: number;
} & (
  | {
      readonly kind: 'Salted';
      /** 32 bytes, hex: of the salted weights. */
      readonly hash: string;
    }
  | {
      readonly kind: 'Timelock';
      /** 32 bytes, hex: of the locked bytes. */
      readonly hash: string;
      /** What can be read off the locked bytes; undefined when they are not locked as they must be. */
      readonly lock: TimeLock | undefined;
    }
);

/** A commit that was taken. It keeps the rules that it was made under, whatever the policy becomes. */
export interface StoredCommit {
  readonly netuid: number;
  readonly mechanismId: number;
  readonly interval: number;
  readonly kind: WeightsCommit['kind'];
  readonly hash: string;
  readonly registrationId: string;
  /** Newest ledger block that scoring had seen. */
  readonly block: number;
  readonly revealInterval: number;
  readonly revealed: boolean;
  /** Of a time-locked one: the round that opens it. */
  readonly opensAt: { readonly round: number; readonly beacon: Beacon } | undefined;
  /** Code of why it did not open; undefined while it may yet. */
  readonly failure: string | undefined;
}

/** What a commit is judged by. */
export interface CommitFacts extends SenderFacts {
  readonly hasPermit: boolean;
  /** Of the same registration, mechanism and interval. */
  readonly existing: StoredCommit | undefined;
  /** Highest sequence of a COMMIT envelope of the registration; 0n when there was none. */
  readonly lastSequence: bigint;
  /** Wall time: rounds of a beacon follow it. */
  readonly nowMs: number;
  /** Whether scoring was told where rounds are found. */
  readonly hasBeacon: boolean;
}

export type CommitDecision = { readonly accept: StoredCommit; readonly repeated: boolean } | Refused;

/**
 * Takes or refuses a commit. The same commit sent again is taken again without effect, so that a client whose answer got
 * lost may repeat it; another one in the same interval is refused: one commit an interval is the rate limit.
 */
export function decideCommit(commit: WeightsCommit, sender: Sender, facts: CommitFacts): CommitDecision {
  const sent = checkSender(sender, facts, commit);
  if ('refusal' in sent) return sent;
  const { subnet } = sent;
  const { existing } = facts;
  if (!/^[0-9a-f]{64}$/.test(commit.hash)) return refuse('COMMIT_HASH_MALFORMED', 'commit_hash must have 32 bytes');
  if (existing !== undefined && existing.hash === commit.hash) return { accept: existing, repeated: true };
  const refused =
    checkMechanism(subnet, commit.mechanismId) ??
    checkInterval(commit, subnet) ??
    checkUnique(commit, existing) ??
    checkSequence(sender, facts.lastSequence) ??
    checkStanding(sent, facts.hasPermit) ??
    checkKind(commit, subnet, facts);
  return refused ?? { accept: stored(commit, sender, { subnet, block: facts.block }), repeated: false };
}

function checkInterval(commit: WeightsCommit, subnet: Subnet): Refused | undefined {
  if (commit.interval === subnet.interval) return undefined;
  return refuse(
    'WRONG_INTERVAL',
    `interval: the commit is for ${commit.interval}, this is ${subnet.interval}: commit again for it`,
  );
}

function checkUnique(commit: WeightsCommit, existing: StoredCommit | undefined): Refused | undefined {
  if (existing === undefined) return undefined;
  return refuse(
    'COMMIT_EXISTS',
    `there is a commit for mechanism ${commit.mechanismId} in interval ${commit.interval} already: wait for ${commit.interval + 1}`,
  );
}

function checkKind(commit: WeightsCommit, subnet: Subnet, facts: CommitFacts): Refused | undefined {
  const { commitReveal, tempo } = subnet.policy;
  if (commit.kind !== commitReveal.type) return wrongType(subnet);
  if (commit.kind !== 'Timelock' || commitReveal.type !== 'Timelock') return undefined;
  const { beacon, revealPeriodEpochs } = commitReveal;
  return checkLock(commit.lock, { beacon, tempo, revealPeriodEpochs, nowMs: facts.nowMs, hasBeacon: facts.hasBeacon });
}

function stored(
  commit: WeightsCommit,
  sender: Sender,
  facts: { readonly subnet: Subnet; readonly block: number },
): StoredCommit {
  const { commitReveal } = facts.subnet.policy;
  const opensAt =
    commit.kind === 'Timelock' && commit.lock !== undefined && commitReveal.type === 'Timelock'
      ? { round: commit.lock.round, beacon: commitReveal.beacon }
      : undefined;
  return {
    netuid: commit.netuid,
    mechanismId: commit.mechanismId,
    interval: commit.interval,
    kind: commit.kind,
    hash: commit.hash,
    registrationId: sender.registrationId,
    block: facts.block,
    revealInterval: commit.interval + (commitReveal.type === 'Off' ? 0 : commitReveal.revealPeriodEpochs),
    revealed: false,
    opensAt,
    failure: undefined,
  };
}
