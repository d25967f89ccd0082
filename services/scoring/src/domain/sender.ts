import type { CommitReveal, ScoringPolicy } from './policy.ts';
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

/** What every submission is judged by. */
export interface SenderFacts {
  readonly subnet: Subnet | undefined;
  readonly registration: Registration | undefined;
  /** Newest ledger block that scoring had seen. */
  readonly block: number;
}

/** A signature may hold for so long, or it could be kept and used by somebody else years later. */
const EXPIRY_TEMPOS_MAX = 200;
const EXPIRY_BLOCKS_MIN = 100_000;

export type Refused = { readonly refusal: Refusal };

/** Whether the sender is a neuron of the subnet and its envelope is in time. */
export function checkSender(
  sender: Sender,
  facts: SenderFacts,
  target: { readonly netuid: number },
): { readonly registration: Registration; readonly subnet: Subnet } | Refused {
  const { registration, subnet, block } = facts;
  const { netuid } = target;
  if (subnet === undefined) return refuse('UNKNOWN_SUBNET', `netuid: there is no subnet ${netuid}`);
  if (registration === undefined || registration.netuid !== netuid) {
    return refuse(
      'NOT_REGISTERED',
      `registration_id: ${sender.hotkey} has no such registration on subnet ${netuid}: register it, then sign with its registration id`,
    );
  }
  if (registration.hotkey !== sender.hotkey) {
    return refuse('FOREIGN_REGISTRATION', `registration_id: it is of another hotkey than ${sender.hotkey}`);
  }
  if (registration.ended) {
    return refuse(
      'REGISTRATION_ENDED',
      `registration_id: uid ${registration.uid} of block ${registration.registeredAt} is no longer ${sender.hotkey}'s: register again`,
    );
  }
  if (sender.expiresAtBlock < block) {
    return refuse(
      'ENVELOPE_EXPIRED',
      `expires_at_block: the signature held until block ${sender.expiresAtBlock}, this is ${block}: sign again`,
    );
  }
  const latest = block + Math.max(EXPIRY_BLOCKS_MIN, EXPIRY_TEMPOS_MAX * subnet.policy.tempo);
  if (sender.expiresAtBlock > latest) {
    return refuse(
      'ENVELOPE_EXPIRY_TOO_FAR',
      `expires_at_block: ${sender.expiresAtBlock} is beyond ${latest}: sign for a shorter time`,
    );
  }
  return { registration, subnet };
}

/** Whether the validator may rate: a permit from the epoch before, and enough stake. */
export function checkStanding(
  { registration, subnet }: { readonly registration: Registration; readonly subnet: Subnet },
  hasPermit: boolean,
): Refused | undefined {
  if (!hasPermit) {
    return refuse(
      'NO_PERMIT',
      `uid ${registration.uid} holds no validator permit from epoch ${subnet.interval - 1}: raise its stake`,
    );
  }
  if (registration.stake < subnet.policy.stakeThreshold) {
    return refuse(
      'STAKE_TOO_LOW',
      `stake is ${registration.stake} rao, the subnet asks for ${subnet.policy.stakeThreshold}`,
    );
  }
  return undefined;
}

export function checkMechanism(subnet: Subnet, mechanismId: number): Refused | undefined {
  if (subnet.policy.mechanisms.some(({ id }) => id === mechanismId)) return undefined;
  return refuse('UNKNOWN_MECHANISM', `mechanism_id: subnet ${subnet.netuid} has no mechanism ${mechanismId}`);
}

export function checkSequence(sender: Sender, lastSequence: bigint): Refused | undefined {
  if (sender.sequence > lastSequence) return undefined;
  return refuse('ENVELOPE_REPLAYED', `sequence: ${sender.sequence} was used, the next must exceed ${lastSequence}`);
}

const CALL_OF: { readonly [Type in CommitReveal['type']]: string } = {
  Off: 'send SetWeights',
  Salted: 'send CommitWeights with commit_hash, then RevealWeights',
  Timelock: 'send CommitWeights with timelock',
};

/** A submission of a kind that the policy in force does not ask for. */
export function wrongType({ netuid, policy, interval }: Subnet): Refused {
  const { type } = policy.commitReveal;
  return refuse(
    'WRONG_COMMIT_REVEAL_TYPE',
    `commitReveal of subnet ${netuid} is ${type} in interval ${interval}: ${CALL_OF[type]}`,
  );
}
