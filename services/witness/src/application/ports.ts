import type { WitnessSignature } from '@subnetes/keys/witness';
import type { EpochPayment } from '@subnetes/consensus/payment-text';
import type { RowEvidence } from '@subnetes/replay/signed-row';
import type { Refusal } from '#domain/refusal.ts';
import type { Seal } from '#domain/seal.ts';

/** The network as its ledger tells it. */
export interface Network {
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  /** Hex. */
  readonly witnessKeys: readonly string[];
  /** How many of them have to sign. */
  readonly required: number;
}

/** An epoch by its name. */
export interface EpochName {
  readonly netuid: number;
  readonly index: number;
}

/** The ledger, which pays: what was sealed is read from its journal. Outages are OutageErrors. */
export interface LedgerJournal {
  network(signal: AbortSignal): Promise<Network>;
  /** The newest sealed epoch of each subnet that has one, paid or not. */
  newestEpochs(signal: AbortSignal): Promise<readonly EpochName[]>;
  /** The seal in that entry; undefined where the entry is none that can be read. */
  seal(sequence: number, signal: AbortSignal): Promise<Seal | undefined>;
}

/** What the ledger is told to pay by, with what it does not pay by. */
export interface ToldPayment extends EpochPayment {
  readonly neurons: readonly ToldNeuron[];
}

export interface ToldNeuron {
  readonly uid: number;
  readonly registrationId: string;
  readonly incentive: bigint;
  readonly dividend: bigint;
  readonly incentiveU16: number;
  readonly dividendsU16: number;
  readonly permit: boolean;
}

/** An epoch as scoring stores and publishes it; nothing of it is believed. */
export interface PublishedEpoch {
  readonly inputsJson: string;
  readonly outputsJson: string;
  readonly payment: ToldPayment;
}

/** What scoring shows of one row that an epoch counted; nothing of it is believed. */
export interface ShownRow extends RowEvidence {
  readonly validatorUid: number;
  readonly mechanismId: number;
  /** The ledger's sequences of the seals around the row's interval; 0 before the first. */
  readonly sealedBefore: number;
  readonly sealedAfter: number;
}

/** Scoring, which computes. Outages are OutageErrors. */
export interface ScoringEpochs {
  /** Undefined while the epoch was not scored. */
  epoch(name: EpochName, signal: AbortSignal): Promise<PublishedEpoch | undefined>;
  /** What validators signed of the rows of an epoch; nothing of one that is gone. */
  signedRows(name: EpochName, signal: AbortSignal): AsyncIterable<ShownRow>;
  /** The bytes of an incentive function by their hex sha256, not yet believed; undefined where scoring has none. */
  module(sha256: string, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** Undefined when it was taken, now or before. */
  submit(name: EpochName, witness: WitnessSignature, signal: AbortSignal): Promise<Refusal | undefined>;
}
