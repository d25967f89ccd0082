import type { FunctionRun } from './subnet/function-run.ts';
import type { CountermeasureName } from './subnet/countermeasures.ts';

/** How a subnet's validators submit weights. */
export type CommitRevealType = 'Off' | 'Salted' | 'Timelock';

/** A subnet as ledger and scoring last told of it. */
export interface SubnetView {
  readonly netuid: number;
  readonly handle: string;
  /** Hexadecimal. */
  readonly registrationId: string;
  /** Newest block that was heard of. */
  readonly block: number;
  readonly tempo: number;
  readonly maxUids: number;
  readonly policy: {
    readonly active?: {
      readonly version: number;
      readonly sha256: string;
      readonly commitReveal: CommitRevealType;
      /** Absent where nothing stands around the consensus. */
      readonly countermeasures?: readonly CountermeasureName[];
      /** Hash of the incentive function; absent where there is none. */
      readonly incentiveFunction?: string;
    };
    readonly pending?: { readonly version: number; readonly effectiveEpoch: number };
  };
  readonly epoch: SealedEpoch;
  readonly emission: 'Started' | 'Held';
  readonly registrationCostRao: bigint;
  /** Absent while it goes on. */
  readonly dissolution?: {
    readonly phase: 'Announced' | 'Settling' | 'Dissolved';
    readonly announcedAtBlock: number;
    readonly atBlock: number;
    /** Absent where the owner wants it. */
    readonly newcomer?: { readonly netuid: number; readonly lockText: string };
  };
  /** netuid of the subnet whose place it waits for; absent once it has one. */
  readonly waitsFor?: number;
  /** By hotkey. */
  readonly neurons: ReadonlyMap<string, NeuronView>;
  /** The newest epoch of which both the payment and the scores are known; numbers of a status come from here. */
  readonly paid?: PaidEpoch;
}

export interface SealedEpoch {
  /** Newest sealed epoch; 0 before the first. */
  readonly index: number;
  readonly block: number;
  /** Earliest block of the next seal. */
  readonly nextBlock: number;
  readonly lastPaid: number;
}

export interface NeuronView {
  readonly uid: number;
  readonly hotkey: string;
  readonly coldkey: string;
  readonly registrationId: string;
  readonly registeredAtBlock: number;
  readonly immuneUntilBlock: number;
  readonly stakeRao: bigint;
  /** First address of the announced endpoint; absent until there is one. */
  readonly endpoint?: string;
  /** Uid of the object that manages the registration; empty for a wallet's own. */
  readonly managedByUid: string;
  /** Name of that object; empty likewise. */
  readonly managedByName: string;
  /** Absent unless a newcomer waits for its place. */
  readonly eviction?: {
    readonly announcedAtBlock: number;
    readonly dueBlock: number;
    /** What staying costs, in whole tokens. */
    readonly priceText: string;
  };
}

export interface PaidEpoch {
  readonly index: number;
  readonly block: number;
  readonly nextBlock: number;
  readonly inputsSha256: string;
  readonly emissionRao: bigint;
  readonly validatorsWithPermit: number;
  readonly validatorsRevealed: number;
  /** One a mechanism that was divided by one; empty without. */
  readonly functions: readonly FunctionRun[];
  /** By registration id. */
  readonly neurons: ReadonlyMap<string, PaidNeuron>;
}

export interface PaidNeuron {
  readonly uid: number;
  readonly permit: boolean;
  /** Shares of one, 65535 is one. */
  readonly incentiveU16: number;
  readonly dividendsU16: number;
  readonly validatorTrustU16: number;
  readonly earnedRao: bigint;
  readonly stakeRao: bigint;
  readonly weights: 'None' | 'Committed' | 'Revealed' | 'Missed' | 'Set';
  /** Code of why they were missed; absent where they were not. */
  readonly weightsReason?: string;
  /** Why the policy's firewall did not count them; absent where it did. */
  readonly abstention?: string;
  readonly lastUpdateBlock: number;
  readonly clippedColumns: number;
  readonly report: MinerReport;
  /** One sentence of scoring's; may be empty. */
  readonly why: string;
  readonly whyReason: string;
}

/** What validators reported of a miner, joined by stake. */
export interface MinerReport {
  readonly judged: number;
  readonly answers: number;
  readonly invalid: number;
  readonly invalidReason: string;
  readonly validatorsReporting: number;
  readonly validatorsReportingCopy: number;
  readonly copyOfUid: number;
  readonly similarityPpm: number;
}

/** The network as a whole. */
export interface NetworkView {
  /** Hexadecimal. */
  readonly networkId: string;
  /** In amounts. */
  readonly symbol: string;
  /** What people call the token. */
  readonly displaySymbol: string;
  readonly decimals: number;
  readonly capRao: bigint;
  readonly issuedRao: bigint;
  readonly blockTimeMs: number;
  readonly block: number;
  readonly emissionPolicy: { readonly name: string; readonly version: number };
}
