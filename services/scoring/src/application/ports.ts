import type { Registration, StoredCommit, Subnet } from '#domain/commit.ts';
import type { Bond, EpochInputs } from '#domain/epoch-inputs.ts';
import type { Metagraph } from '#domain/metagraph.ts';
import type { ScoringPolicy } from '#domain/policy.ts';
import type { StoredReveal } from '#domain/reveal.ts';
import type { EpochOutputs } from '#domain/score-epoch.ts';

/** Kinds of envelope whose sequences scoring keeps. */
export type EnvelopeKind = 'commit' | 'reveal';

/** Which commit: a registration has at most one for each mechanism and interval. */
export interface CommitKey {
  readonly registrationId: string;
  readonly mechanismId: number;
  readonly interval: number;
}

/** How a commit or reveal came: kept with it as evidence. */
export interface Evidence {
  readonly sequence: bigint;
  /** The signed envelope as it was received. */
  readonly envelope: Uint8Array;
}

/** An epoch as it is kept: its two documents are stored as the very text that was hashed. */
export interface StoredEpoch {
  readonly netuid: number;
  readonly index: number;
  /** In scoring's own journal, rising by one over all subnets. */
  readonly sequence: number;
  readonly block: number;
  readonly dueSequence: number;
  readonly policyVersion: number;
  readonly yumaVersion: number;
  readonly pot: bigint;
  readonly revealed: number;
  readonly incentivesAboveZero: boolean;
  readonly inputsJson: string;
  readonly inputsSha256: string;
  readonly outputsJson: string;
  readonly outputsSha256: string;
  /** Serialised `subnetes.scoring.v1.Metagraph`. */
  readonly metagraph: Uint8Array;
  /** Serialised `subnetes.events.v1.EpochScored`. */
  readonly scored: Uint8Array;
}

/** What is written when an epoch was scored. */
export interface EpochRecord {
  readonly inputs: EpochInputs;
  readonly inputsJson: string;
  readonly inputsSha256: string;
  readonly outputs: EpochOutputs;
  readonly outputsJson: string;
  readonly outputsSha256: string;
  readonly metagraph: Metagraph;
  readonly bonds: readonly Bond[];
  readonly yumaVersion: number;
}

/** Everything within one database transaction that holds the subnet's lock, so that changes of a subnet follow each other. */
export interface SubnetTransaction {
  subnet(): Promise<Subnet | undefined>;
  /** Newest ledger block seen. */
  block(): Promise<number>;
  registration(registrationId: string): Promise<Registration | undefined>;
  /** Every uid that was ever given out. */
  knownUids(): Promise<ReadonlySet<number>>;
  commit(key: CommitKey): Promise<StoredCommit | undefined>;
  /** Commits made or to be revealed in the given interval or later. */
  commitsSince(interval: number): Promise<readonly StoredCommit[]>;
  /** Highest sequence of the registration's envelopes of a kind; 0n when there was none. */
  lastSequence(registrationId: string, kind: EnvelopeKind): Promise<bigint>;
  hasPermit(registrationId: string, epochIndex: number): Promise<boolean>;

  putCommit(commit: StoredCommit, evidence: Evidence): Promise<void>;
  /** Also marks its commit as revealed. */
  putReveal(reveal: StoredReveal, evidence: Evidence): Promise<void>;

  /** How far the ledger's stream has taken effect: neither number ever falls. */
  observe(position: { readonly block: number; readonly sequence: number }): Promise<void>;
  /** Takes what is newer by ledger sequence; an older message changes nothing. */
  putSubnet(change: {
    readonly sequence: number;
    readonly startBlock: number;
    readonly policy: ScoringPolicy;
  }): Promise<void>;
  putRegistrations(registrations: readonly Registration[], sequence: number): Promise<void>;

  /** The newest revealed row of each registration and mechanism. */
  revealsInForce(): Promise<readonly StoredReveal[]>;
  /** Newest commit block of each registration and mechanism. */
  newestCommits(): Promise<
    readonly { readonly registrationId: string; readonly mechanismId: number; readonly block: number }[]
  >;
  permits(epochIndex: number): Promise<ReadonlySet<string>>;
  /** Block and bonds that the given epoch left; undefined when it is not there. */
  epochState(index: number): Promise<{ readonly block: number; readonly bonds: readonly Bond[] } | undefined>;
  /** Writes the epoch with the next sequence, its permits, and moves the subnet to the next interval. */
  putEpoch(record: EpochRecord): Promise<void>;
  /** Puts an epoch back into the outbox: it is asked for again. */
  republish(index: number): Promise<void>;
}

/** Scoring's store. Outages surface as the adapter's typed error. */
export interface Store {
  /** Binds the store to a network for ever; false when it belongs to another one. */
  bindNetwork(networkId: string): Promise<boolean>;
  networkId(): Promise<string | undefined>;
  inSubnet<T>(netuid: number, work: (transaction: SubnetTransaction) => Promise<T>): Promise<T>;
  /** Newest ledger block and sequence whose effect is stored; zeros before the first. */
  position(): Promise<{ readonly block: number; readonly sequence: number }>;
  observeBlock(block: number, sequence: number): Promise<void>;
  subnet(netuid: number): Promise<Subnet | undefined>;
  netuids(): Promise<readonly number[]>;
  /** The epoch of that index, or the newest when `index` is undefined. */
  epoch(netuid: number, index: number | undefined): Promise<StoredEpoch | undefined>;
  /** Of the same epoch the serialised `subnetes.scoring.v1.Metagraph` alone: documents may be megabytes. */
  metagraph(netuid: number, index: number | undefined): Promise<Uint8Array | undefined>;
  /** What was scored after the given epoch of the journal; without one, where the journal stands. */
  scoredSince(
    sequence: number | undefined,
  ): Promise<{ readonly sequence: number; readonly netuids: readonly number[] }>;
  /** Newest first, below `before` when it is given. Without documents, which may be megabytes. */
  listEpochs(
    netuid: number,
    page: { readonly before: number | undefined; readonly limit: number },
  ): Promise<readonly EpochListing[]>;
  /** Keeps the message of an epoch whose predecessor is missing; `early` gives it back, `dropEarly` forgets it. */
  keepEarly(netuid: number, index: number, message: Uint8Array): Promise<void>;
  early(netuid: number, index: number): Promise<Uint8Array | undefined>;
  dropEarly(netuid: number, index: number): Promise<void>;
  /** The outbox: epochs that were not published yet, oldest first. */
  unpublished(limit: number): Promise<readonly Outgoing[]>;
  markPublished(sequences: readonly number[]): Promise<void>;
}

export type EpochListing = Omit<StoredEpoch, 'inputsJson' | 'outputsJson' | 'metagraph' | 'scored'>;

export interface Outgoing {
  readonly netuid: number;
  readonly index: number;
  readonly sequence: number;
  /** Sequence of the subnet's epoch before; 0 when there is none. */
  readonly previousSequence: number;
  readonly metagraph: Uint8Array;
  readonly scored: Uint8Array;
}

/** Content hash of a text or of its UTF-8, hex. */
export type Sha256 = (content: string | Uint8Array) => string;
