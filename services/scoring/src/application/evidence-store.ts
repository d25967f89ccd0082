import type { Evidence, Run } from '#domain/faults/evidence.ts';
import type { FaultCondition, FaultRow, FaultRowName, FaultType, MeasuredFault } from '#domain/faults/fault.ts';

/** What of the network's terms for slashes scoring goes by, as the ledger last said it. */
export interface FaultTerms {
  /** What is measured; empty where the network does not slash for what validators report. */
  readonly conditions: readonly FaultCondition[];
  /** Stake that left longer ago is out of reach; 0: it leaves at once. */
  readonly unbondingBlocks: number;
}

/** Epochs of faults that a neuron has in a row, the newest of them this one. */
export interface FaultRun {
  readonly registrationId: string;
  readonly epochs: number;
  readonly total: number;
}

/** Faults within the transaction of an epoch. */
export interface FaultTransaction {
  /** Undefined until the ledger was asked. */
  faultTerms(): Promise<FaultTerms | undefined>;
  /** Of the given rows those that the epoch is the first to count, and that say something of faults. */
  faultRows(index: number, rows: readonly FaultRowName[]): Promise<readonly FaultRow[]>;
  /**
   * Puts down an epoch's faults of one type and answers the runs that it leaves, of at most `epochs` epochs each. A run ends where
   * an epoch has no fault in it.
   */
  continueRuns(
    at: { readonly type: FaultType; readonly index: number; readonly epochs: number },
    measured: readonly MeasuredFault[],
  ): Promise<readonly FaultRun[]>;
  /** The run of a neuron. */
  run(type: FaultType, registrationId: string): Promise<Run>;
  /** Keeps evidence for the ledger with the texts of its epochs, and ends the run that it is of. */
  putEvidence(evidence: Evidence & { readonly sha256: string }): Promise<void>;
}

/** What became of evidence. */
export type EvidenceOutcome =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'reported'; readonly slashId: string }
  | { readonly kind: 'refused'; readonly code: string };

export interface StoredEvidence extends Evidence {
  /** Hex, of the document. */
  readonly sha256: string;
  readonly outcome: EvidenceOutcome;
}

/** Evidence outside of epochs. Outages surface as the adapter's typed error. */
export interface EvidenceStore {
  faultTerms: FaultTransaction['faultTerms'];
  /** In place of those before. */
  keepFaultTerms(terms: FaultTerms): Promise<void>;
  evidence(sha256: string): Promise<StoredEvidence | undefined>;
  /** The text of one epoch of evidence, whose hash stands in the document. Undefined: the document names no such epoch. */
  evidenceEpoch(sha256: string, index: number): Promise<string | undefined>;
  /** Of a subnet, the newest first, up to epochs before the given one; without documents. */
  listEvidence(
    netuid: number,
    page: { readonly before: number | undefined; readonly limit: number },
  ): Promise<readonly Omit<StoredEvidence, 'document'>[]>;
  /** That an epoch gave. */
  evidenceOfEpoch(netuid: number, index: number): Promise<readonly StoredEvidence[]>;
  /** What the ledger was not told yet, the oldest first. */
  waitingEvidence(limit: number): Promise<readonly StoredEvidence[]>;
  settleEvidence(sha256: string, outcome: Exclude<EvidenceOutcome, { readonly kind: 'waiting' }>): Promise<void>;
  /** As `FaultTransaction.faultRows`, of what the reports themselves say: for whoever measures again. */
  reportedFaultRows(netuid: number, index: number, rows: readonly FaultRowName[]): Promise<readonly FaultRow[]>;
}
