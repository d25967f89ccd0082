import type { ScoringPolicy } from './policy.ts';
import { type Refusal, refuse } from './refusal.ts';

/** A neuron as scoring knows it from the ledger. */
export interface Registration {
  readonly netuid: number;
  readonly uid: number;
  /** sha256 of network, netuid, hotkey and block, hex: a uid that is used again has another one. */
  readonly registrationId: string;
  /** SS58. */
  readonly hotkey: string;
  readonly coldkey: string;
  readonly registeredAt: number;
  readonly stake: bigint;
  readonly ended: boolean;
}

/** A subnet as scoring knows it. */
export interface Subnet {
  readonly netuid: number;
  readonly startBlock: number;
  readonly policy: ScoringPolicy;
  /** Interval k lies between the processing of EpochDue k-1 and k; 1 before the first. */
  readonly interval: number;
}

/** What a signature was verified for: who sent a payload, bound to which registration. */
export interface Sender {
  readonly hotkey: string;
  readonly registrationId: string;
  /** Rises per registration and type of envelope. */
  readonly sequence: bigint;
  readonly expiresAtBlock: number;
}

export interface WeightsCommit {
  readonly netuid: number;
  readonly mechanismId: number;
  /** The interval the commit is meant for. */
  readonly interval: number;
  /** 32 bytes, hex. */
  readonly hash: string;
}

/** A commit that was taken. */
export interface StoredCommit extends WeightsCommit {
  readonly registrationId: string;
  /** Newest ledger block that scoring had seen. */
  readonly block: number;
  readonly revealInterval: number;
  readonly revealed: boolean;
}

/** What became of a validator's weights in an interval. */
export type WeightsState = 'none' | 'committed' | 'revealed' | 'missed';

/**
 * State at the end of interval k, from all commits of one registration: a reveal that was due in k decides, else whether
 * something was committed in k.
 */
export function weightsStateOf(
  commits: readonly Pick<StoredCommit, 'interval' | 'revealInterval' | 'revealed'>[],
  interval: number,
): WeightsState {
  const due = commits.filter(({ revealInterval }) => revealInterval === interval);
  if (due.length > 0) return due.every(({ revealed }) => revealed) ? 'revealed' : 'missed';
  return commits.some((commit) => commit.interval === interval) ? 'committed' : 'none';
}

/** What a commit is judged by. */
export interface CommitFacts {
  readonly subnet: Subnet | undefined;
  readonly registration: Registration | undefined;
  readonly hasPermit: boolean;
  /** Of the same registration, mechanism and interval. */
  readonly existing: StoredCommit | undefined;
  /** Highest sequence of a COMMIT envelope of the registration; 0n when there was none. */
  readonly lastSequence: bigint;
  readonly block: number;
}

export type CommitDecision =
  | { readonly accept: StoredCommit; readonly repeated: boolean }
  | { readonly refusal: Refusal };

/**
 * Takes or refuses a commit. The same commit sent again is taken again without effect, so that a client whose answer got
 * lost may repeat it; another one in the same interval is refused: one commit an interval is the rate limit.
 */
export function decideCommit(commit: WeightsCommit, sender: Sender, facts: CommitFacts): CommitDecision {
  const { subnet, existing } = facts;
  const sent = checkSender(sender, facts, commit);
  if ('refusal' in sent) return sent;
  if (subnet === undefined) return refuse('UNKNOWN_SUBNET', `there is no subnet ${commit.netuid}`);
  if (!/^[0-9a-f]{64}$/.test(commit.hash)) return refuse('COMMIT_HASH_MALFORMED', 'commit_hash must have 32 bytes');
  if (existing !== undefined && existing.hash === commit.hash) return { accept: existing, repeated: true };
  if (!subnet.policy.mechanisms.some(({ id }) => id === commit.mechanismId)) {
    return refuse('UNKNOWN_MECHANISM', `subnet ${commit.netuid} has no mechanism ${commit.mechanismId}`);
  }
  if (commit.interval !== subnet.interval) {
    return refuse(
      'WRONG_INTERVAL',
      `the commit is for interval ${commit.interval}, this is ${subnet.interval}: commit again for it`,
    );
  }
  if (existing !== undefined) {
    return refuse(
      'COMMIT_EXISTS',
      `there is a commit for interval ${commit.interval} already: wait for ${commit.interval + 1}`,
    );
  }
  if (sender.sequence <= facts.lastSequence) return replayed(sender, facts.lastSequence);
  if (!facts.hasPermit) {
    return refuse(
      'NO_PERMIT',
      `uid ${sent.registration.uid} holds no validator permit from epoch ${subnet.interval - 1}: raise its stake`,
    );
  }
  if (sent.registration.stake < subnet.policy.stakeThreshold) {
    return refuse(
      'STAKE_TOO_LOW',
      `stake is ${sent.registration.stake} rao, the subnet asks for ${subnet.policy.stakeThreshold}`,
    );
  }
  const revealInterval = commit.interval + subnet.policy.revealPeriodEpochs;
  const { registrationId } = sender;
  return {
    accept: { ...commit, registrationId, block: facts.block, revealInterval, revealed: false },
    repeated: false,
  };
}

/** Whether the sender is a neuron of the subnet and its envelope is still in time. Shared by commit and reveal. */
export function checkSender(
  sender: Sender,
  facts: Pick<CommitFacts, 'registration' | 'block'>,
  target: { readonly netuid: number },
): { readonly registration: Registration } | { readonly refusal: Refusal } {
  const { registration } = facts;
  const holds = registration !== undefined && !registration.ended && registration.hotkey === sender.hotkey;
  if (!holds || registration.netuid !== target.netuid) {
    return refuse(
      'NOT_REGISTERED',
      `${sender.hotkey} has no such registration on subnet ${target.netuid}: register it, then sign with its registration id`,
    );
  }
  if (sender.expiresAtBlock < facts.block) {
    return refuse(
      'ENVELOPE_EXPIRED',
      `the signature held until block ${sender.expiresAtBlock}, this is ${facts.block}: sign again`,
    );
  }
  return { registration };
}

export function replayed(sender: Sender, lastSequence: bigint): { readonly refusal: Refusal } {
  return refuse('ENVELOPE_REPLAYED', `sequence ${sender.sequence} was used: the next must exceed ${lastSequence}`);
}
