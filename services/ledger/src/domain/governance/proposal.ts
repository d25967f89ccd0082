import type { Halving } from '@subnetes/consensus/issuance';
import type { EmissionPolicy } from '../economy/genesis.ts';
import type { PolicyDraft } from '../economy/policy.ts';
import type { SlashingTerms } from '../slashing/slashing-terms.ts';
import type { GovernanceTerms } from './terms.ts';

/** Hyperparameters that only the network changes once a subnet is there. Source: subtensor's calls of root alone. */
export const ROOT_ONLY = ['kappaU16', 'maxValidators', 'weightsRateLimitBlocks', 'stakeThresholdRao'] as const;
export type RootOnlyName = (typeof ROOT_ONLY)[number];

export type RootOnlyChanges = {
  readonly [Name in RootOnlyName]?: NonNullable<PolicyDraft['hyperparameters']>[Name];
};

/** Between what owners may choose the take of a hotkey, of 65535. */
export interface TakeBounds {
  readonly minU16: number;
  readonly maxU16: number;
}

/** What owners may choose as the least and the most price of a registration, in rao. */
export interface BurnBounds {
  readonly minBelow: bigint;
  readonly maxAbove: bigint;
}

/** Rules of the network that a proposal changes; what is absent stays. */
export interface NetworkChanges {
  /** Rao that billing accounts may owe together. */
  readonly creditMax?: bigint;
  readonly takeBounds?: TakeBounds;
  readonly burnBounds?: BurnBounds;
  readonly governance?: Partial<GovernanceTerms>;
  /** Rao of a block before halvings, from the next one on; of the network's token and of each subnet's. */
  readonly blockReward?: bigint;
  /** From the next block on. */
  readonly blockTimeMs?: number;
  readonly halving?: Halving;
  /** What people call the token; the books go on with genesis' name. */
  readonly symbol?: string;
  /** From each subnet's next seal on; 0: no stake is taken on root, and what is there counts nowhere. */
  readonly rootStakeWeightPpm?: number;
  /** For stake that leaves from now on. */
  readonly unbondingBlocks?: number;
  /** All of them anew, for what is reported from now on. */
  readonly slashing?: SlashingTerms;
}

/** What a proposal does when it is carried out. Money in rao. */
export type ProposalAction =
  | { readonly type: 'Network'; readonly changes: NetworkChanges }
  | { readonly type: 'Emission'; readonly policy: EmissionPolicy; readonly fromBlock: number }
  | { readonly type: 'Hyperparameters'; readonly netuid: number; readonly changes: RootOnlyChanges }
  | { readonly type: 'Policy'; readonly netuid: number; readonly policy: PolicyDraft }
  | { readonly type: 'Spend'; readonly to: string; readonly amount: bigint }
  | ({ readonly type: 'Grant'; readonly to: string } & Vesting)
  | { readonly type: 'RevokeGrant'; readonly grant: number }
  /** Of a coldkey's swap that is disputed: it ends without the swap. */
  | { readonly type: 'SettleDispute'; readonly coldkey: string };

/** How a grant comes free: nothing before the cliff, then by the block. */
export interface Vesting {
  readonly amount: bigint;
  readonly cliffBlocks: number;
  readonly vestingBlocks: number;
}

/** What its author computed that a proposal would have done to epochs that are over: anybody can compute it again. */
export interface Simulation {
  readonly netuid: number;
  readonly firstEpoch: number;
  readonly lastEpoch: number;
  /** Hex, of the document that `subnetes proposal simulate` writes. */
  readonly sha256: string;
  readonly summary: string;
}

export type Choice = 'Yes' | 'No' | 'Abstain';

/**
 * Voting, then Queued for its time lock where it passed, then Executed or, where it could not be, Failed. Rejected: the votes were
 * against it; Expired: too few voted; Vetoed: the council stopped it.
 */
export type ProposalState = 'Voting' | 'Queued' | 'Executed' | 'Failed' | 'Rejected' | 'Expired' | 'Vetoed';

export const PROPOSAL_STATES: readonly ProposalState[] = [
  'Voting',
  'Queued',
  'Executed',
  'Failed',
  'Rejected',
  'Expired',
  'Vetoed',
];

export interface Tally {
  readonly yes: bigint;
  readonly no: bigint;
  readonly abstain: bigint;
}

export interface Proposal {
  readonly id: number;
  /** SS58. */
  readonly proposer: string;
  readonly title: string;
  readonly description: string;
  readonly action: ProposalAction;
  readonly simulation?: Simulation;
  readonly state: ProposalState;
  /** Those of the moment at which it was made. */
  readonly terms: Pick<GovernanceTerms, 'quorumPpm' | 'thresholdPpm' | 'timelockBlocks' | 'deposit'>;
  /** Whose stake of then votes. */
  readonly startBlock: number;
  /** The first block in which nobody votes any more. */
  readonly endBlock: number;
  /** When it is carried out, once it has passed. */
  readonly executeBlock?: number;
  /** When it came to its last state. */
  readonly doneBlock?: number;
  /** Of its entry in the journal. */
  readonly sequence: number;
  /** All stake of the snapshot, in rao. */
  readonly staked: bigint;
  readonly tally: Tally;
  /** Members of the council that are against it. */
  readonly vetoes: readonly string[];
  /** Why it failed; empty where it did not. */
  readonly reason: string;
}

/** The vote that stands for a wallet's stake. */
export interface Ballot {
  /** Who cast it: the wallet itself, or whom it named. */
  readonly by: string;
  readonly choice: Choice;
  /** Rao of it that counts. */
  readonly weight: bigint;
}

export function isOver({ state }: Proposal): boolean {
  return state !== 'Voting' && state !== 'Queued';
}
