import type { AccountRecord } from './account.ts';

/** What the console reads from the ledger and scoring, in plain values: money in rao, shares as u16 of 65535. */

/** The network at one block. */
export interface NetworkRecord {
  /** Hex of the genesis hash. */
  readonly networkId: string;
  readonly symbol: string;
  readonly block: bigint;
  readonly blockTimeMs: number;
  readonly blockRewardRao: bigint;
  readonly issuedRao: bigint;
  readonly burnedRao: bigint;
  readonly capRao: bigint;
  readonly journalEntries: bigint;
}

/** Who may register: anybody, nobody, whom the owner let in, whom the owner pays. */
export type RegistrationType = 'Open' | 'Closed' | 'Approval' | 'Sponsored';

/** One subnet as the ledger has it. */
export interface SubnetRecord {
  readonly netuid: number;
  readonly handle: string;
  readonly ownerColdkey: string;
  readonly emissionStarted: boolean;
  readonly registration: RegistrationType;
  readonly neurons: number;
  /** 0 before the first epoch was sealed. */
  readonly epochIndex: bigint;
  readonly epochBlock: bigint;
  readonly nextEpochBlock: bigint;
  readonly lastPaidIndex: bigint;
  readonly emissionLastEpochRao: bigint;
  readonly potRao: bigint;
  readonly registrationCostRao: bigint;
  /** Absent unless intervals move that cost. */
  readonly registrationInterval?:
    | { readonly endsAtBlock: bigint; readonly registrations: number; readonly targetRegistrations: number }
    | undefined;
  /** 0 while the ledger has not resolved a policy. */
  readonly tempo: number;
  readonly policyVersion: bigint;
  /** Newcomers that wait for a place. */
  readonly pendingEvictions: number;
  /** Blocks of warning before an eviction; 0: none. */
  readonly evictionNoticeBlocks: number;
  /** Absent while it goes on. */
  readonly dissolution: { readonly phase: string; readonly atBlock: bigint } | undefined;
}

/** The pool of a subnet's token. Prices are rao for one whole token. */
export interface PoolRecord {
  readonly netuid: number;
  readonly token: string;
  readonly priceRao: bigint;
  readonly movingPriceRao: bigint;
  readonly taoReserveRao: bigint;
  readonly tokenReserve: bigint;
}

/** Which custom resource manages a registration. */
export interface ManagedBy {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** One registration as the ledger has it. */
export interface NeuronRecord {
  readonly uid: number;
  readonly hotkey: string;
  readonly coldkey: string;
  readonly registeredAtBlock: bigint;
  readonly immuneUntilBlock: bigint;
  readonly stakeRao: bigint;
  /** Of the stake, what others delegated. */
  readonly delegatedRao: bigint;
  /** What the owner keeps of their dividends. */
  readonly takeU16: number;
  readonly earnedTotalRao: bigint;
  /** Absent for a neuron from outside the clusters. */
  readonly managedBy: ManagedBy | undefined;
  readonly urls: readonly string[];
  /** Absent unless a newcomer has paid for its place. */
  readonly notice: { readonly dueBlock: bigint; readonly priceRao: bigint } | undefined;
}

/** What became of a validator's weights in an epoch. */
export type WeightsState = 'None' | 'Committed' | 'Revealed' | 'Missed' | 'Set';

/** One neuron's outcome of an epoch, as scoring stored it. */
export interface ScoredRecord {
  readonly uid: number;
  readonly hotkey: string;
  readonly validatorPermit: boolean;
  readonly stakeRao: bigint;
  readonly trustU16: number;
  readonly consensusU16: number;
  readonly incentiveU16: number;
  readonly dividendsU16: number;
  readonly validatorTrustU16: number;
  readonly incentiveRao: bigint;
  readonly dividendRao: bigint;
  readonly weightsState: WeightsState | undefined;
  readonly lastUpdateBlock: bigint;
  /** Moving average of the CRPS; says something only where judged is above zero. */
  readonly loss: number;
  readonly judged: number;
  readonly answers: number;
  readonly invalid: number;
  readonly why: string;
  readonly whyReason: string;
}

/** The newest scored epoch of a subnet. */
export interface MetagraphRecord {
  readonly netuid: number;
  readonly epochIndex: bigint;
  readonly block: bigint;
  /** Hex. */
  readonly inputsSha256: string;
  readonly neurons: readonly ScoredRecord[];
  readonly validatorsWithPermit: number;
  readonly validatorsRevealed: number;
  readonly replayDay: string;
}

/** Why a neuron got what it got in one epoch. */
export interface ExplanationRecord {
  readonly index: bigint;
  readonly neuron: ScoredRecord;
  readonly inputsSha256: string;
  readonly yumaVersion: number;
  readonly policyVersion: bigint;
  /** Decimal text with nine digits. */
  readonly nextBetter: { readonly uid: number; readonly distance: string } | undefined;
  readonly accounts: readonly AccountRecord[];
}
