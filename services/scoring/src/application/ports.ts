import type { CarriedDraw } from '@subnetes/policy/interval-draw';
import type { StoredCommit } from '#domain/commit.ts';
import type { Bonds } from '#domain/bonds.ts';
import type { EpochInputs, PolicyStates, ReportedRow } from '#domain/epoch-inputs.ts';
import type { Metagraph } from '#domain/metagraph.ts';
import type { TimelockedWeights } from '#domain/opening.ts';
import type { Beacon, ScoringPolicy } from '#domain/policy.ts';
import type { RefusalCode } from '#domain/refusal.ts';
import type { Report } from '#domain/report.ts';
import type { EpochOutputs } from '#domain/score-epoch.ts';
import type { Registration, Subnet } from '#domain/sender.ts';
import type { RowHead } from '#domain/set-weights.ts';
import type { EpochStandings } from '#domain/standing.ts';
import type { CountedRow, StoredRow } from '#domain/weights.ts';
import type { EvidenceStore, FaultTransaction } from './evidence-store.ts';

/** Kinds of envelope whose sequences scoring keeps. */
export type EnvelopeKind = 'commit' | 'reveal' | 'set';

/** Which row: a registration has one for each mechanism. */
export interface RowKey {
  readonly registrationId: string;
  readonly mechanismId: number;
}

/** Which commit: a registration has at most one for each mechanism and interval. */
export interface CommitKey extends RowKey {
  readonly interval: number;
}

/** How a commit or row came: kept with it as evidence. */
export interface Evidence {
  readonly sequence: bigint;
  /** The signed envelope as it was received. */
  readonly envelope: Uint8Array;
}

/** All that is known about the submissions of a batch, read at once. Keys are written by the functions below. */
export interface SubmissionFacts {
  readonly subnet: Subnet | undefined;
  /** Newest ledger block seen. */
  readonly block: number;
  readonly registrations: ReadonlyMap<string, Registration>;
  /** Registrations with a permit in the present interval. */
  readonly permits: ReadonlySet<string>;
  readonly commits: ReadonlyMap<string, StoredCommit>;
  readonly rows: ReadonlyMap<string, RowHead>;
  /** Highest sequence by registration and kind; missing where there was none. */
  readonly sequences: ReadonlyMap<string, bigint>;
  /** Every uid that was ever given out. */
  readonly knownUids: ReadonlySet<number>;
}

export function rowName({ registrationId, mechanismId }: RowKey): string {
  return `${registrationId}/${mechanismId}`;
}

export function commitName(key: CommitKey): string {
  return `${rowName(key)}/${key.interval}`;
}

export function sequenceName(registrationId: string, kind: EnvelopeKind): string {
  return `${registrationId}/${kind}`;
}

/** What a batch changes; written at once. */
export interface AcceptedBatch {
  readonly commits: readonly { readonly commit: StoredCommit; readonly evidence: Evidence }[];
  /** A row of a commit also marks that as revealed. `hash` as a commit hashes the weights; without evidence a beacon brought it. */
  readonly rows: readonly { readonly row: StoredRow; readonly hash: string; readonly evidence: Evidence | undefined }[];
  readonly sequences: readonly {
    readonly registrationId: string;
    readonly kind: EnvelopeKind;
    readonly sequence: bigint;
  }[];
}

/** A time-locked commit that is to open in the present interval of its subnet. */
export interface LockedCommit {
  readonly commit: StoredCommit;
  readonly round: number;
  readonly beacon: Beacon;
  /** The signed envelope: the locked bytes are in its payload. */
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
  readonly standings: EpochStandings;
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
  readonly bonds: Bonds;
  readonly states: PolicyStates;
  readonly yumaVersion: number;
  readonly standings: EpochStandings;
  /** Neurons whose weights came in time. */
  readonly revealed: number;
}

/** What an epoch leaves for the next. */
export interface EpochState {
  readonly block: number;
  readonly bonds: Bonds;
  readonly states: PolicyStates;
}

/** Everything within one database transaction that holds the subnet's lock, so that changes of a subnet follow each other. */
export interface SubnetTransaction extends FaultTransaction {
  subnet(): Promise<Subnet | undefined>;
  facts(wanted: {
    readonly registrationIds: readonly string[];
    readonly commits: readonly CommitKey[];
  }): Promise<SubmissionFacts>;
  putBatch(batch: AcceptedBatch): Promise<void>;
  /** Commits to be revealed in the given interval or later. */
  commitsSince(interval: number): Promise<readonly StoredCommit[]>;
  /** Notes why time-locked commits do not open: they are not tried again. */
  failCommits(failed: readonly { readonly key: CommitKey; readonly code: RefusalCode }[]): Promise<void>;
  /** Leaves rows in force without weights until newer ones come. */
  emptyRows(keys: readonly RowKey[]): Promise<void>;

  /** How far the ledger's stream has taken effect: neither number ever falls. */
  observe(position: { readonly block: number; readonly sequence: number }): Promise<void>;
  /** Takes what is newer by ledger sequence; an older message changes nothing. */
  putSubnet(change: {
    readonly sequence: number;
    readonly startBlock: number;
    readonly policy: ScoringPolicy;
  }): Promise<void>;
  putRegistrations(registrations: readonly Registration[], sequence: number): Promise<void>;

  /** The newest row of each registration and mechanism. */
  rowsInForce(): Promise<readonly CountedRow[]>;
  permits(epochIndex: number): Promise<ReadonlySet<string>>;
  /** Block, bonds and the policy's state that the given epoch left; undefined when it is not there. */
  epochState(index: number): Promise<EpochState | undefined>;
  /** Of the round of a carried draw, hex, once it was kept. */
  drawSignature(draw: Pick<CarriedDraw, 'publicKey' | 'round'>): Promise<string | undefined>;
  /** Writes the epoch with the next sequence, its permits, and moves the subnet to the next interval. */
  putEpoch(record: EpochRecord): Promise<void>;
  /** Puts an epoch back into the outbox, and among what is to be shown: it is asked for again. */
  republish(index: number): Promise<void>;
}

/** Scoring's store. Outages surface as the adapter's typed error. */
export interface Store extends EvidenceStore {
  /** Binds the store to a network for ever; false when it belongs to another one. */
  bindNetwork(networkId: string): Promise<boolean>;
  networkId(): Promise<string | undefined>;
  inSubnet<T>(netuid: number, work: (transaction: SubnetTransaction) => Promise<T>): Promise<T>;
  /** Newest ledger block and sequence whose effect is stored; zeros before the first. */
  position(): Promise<{ readonly block: number; readonly sequence: number }>;
  observeBlock(block: number, sequence: number): Promise<void>;
  subnet(netuid: number): Promise<Subnet | undefined>;
  netuids(): Promise<readonly number[]>;
  /** Time-locked commits that are to open in the present interval of their subnets, or of one, by round. */
  lockedCommits(limit: number, netuid?: number): Promise<readonly LockedCommit[]>;
  /** Rounds that are to draw judges of intervals whose rows are still to count, and were not seen yet; or of one subnet. */
  awaitedRounds(netuid?: number): Promise<readonly { readonly beacon: Beacon; readonly round: number }[]>;
  /** What the epoch before an interval carries, draws among it, by mechanism; nothing where there is no such epoch. */
  carriedDraws(netuid: number, interval: number): Promise<PolicyStates>;
  drawSignature: SubnetTransaction['drawSignature'];
  /** A round's signature that was kept; undefined when it never was seen. */
  roundSignature(beacon: Beacon, round: number): Promise<Uint8Array | undefined>;
  /** Keeps a verified signature: with the commit it proves what was in it. */
  keepRound(beacon: Beacon, round: number, signature: Uint8Array): Promise<void>;
  /** The epoch of that index, or the newest when `index` is undefined. */
  epoch(netuid: number, index: number | undefined): Promise<StoredEpoch | undefined>;
  /** Of the same epoch the serialised `subnetes.scoring.v1.Metagraph` alone, undefined while nobody made it. */
  metagraph(
    netuid: number,
    index: number | undefined,
  ): Promise<{ readonly index: number; readonly metagraph: Uint8Array | undefined } | undefined>;
  /** Keeps what was made, unless it was kept before; returns it serialised. */
  keepMetagraph(netuid: number, index: number, metagraph: Metagraph): Promise<Uint8Array>;
  /** What validators reported with those rows, by registration and mechanism. */
  reports(
    netuid: number,
    rows: readonly ReportedRow[],
  ): Promise<readonly { readonly registrationId: string; readonly report: Report }[]>;
  /** The newest epoch of the subnet whose bucket entry is the oldest that is out of date. */
  nextToShow(): Promise<{ readonly netuid: number; readonly index: number } | undefined>;
  /** The epoch and all before it were shown. */
  markShown(netuid: number, index: number): Promise<void>;
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

export type EpochListing = Omit<StoredEpoch, 'inputsJson' | 'outputsJson' | 'standings' | 'scored'>;

export interface Outgoing {
  readonly netuid: number;
  readonly index: number;
  /** In scoring's own journal. */
  readonly sequence: number;
  /** Sequence of the subnet's epoch before; 0 when there is none. */
  readonly previousSequence: number;
  /** Serialised `subnetes.events.v1.EpochScored`, without witnesses. */
  readonly scored: Uint8Array;
}

/** Content hash of a text or of its UTF-8, hex. */
export type Sha256 = (content: string | Uint8Array) => string;

/** Where rounds of beacons come from. */
export interface BeaconRounds {
  /** Whether there is anywhere to ask. */
  readonly isConfigured: boolean;
  /** A round's verified signature; undefined while nobody has it. */
  signature(beacon: Beacon, round: number, signal: AbortSignal): Promise<Uint8Array | undefined>;
}

export type OpenedLock =
  | { readonly kind: 'opened'; readonly weights: TimelockedWeights; readonly hash: string }
  | { readonly kind: 'failed'; readonly code: RefusalCode };

/** Opens what was locked for a round with its signature: the same everywhere, whoever does it. */
export type OpenLocks = (envelopes: readonly Uint8Array[], signature: Uint8Array) => Promise<readonly OpenedLock[]>;
