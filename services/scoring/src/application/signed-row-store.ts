import type { CountedRowName } from '#domain/epoch-inputs.ts';

/** What a validator signed of a row, as it came, and what else proves it. */
export interface RowEvidence {
  /** Envelope of the reveal or of the call in the open; undefined where a beacon opened the commit. */
  readonly weights: Uint8Array | undefined;
  /** Envelope of the commit; undefined for weights in the open. */
  readonly commit: Uint8Array | undefined;
  /** Of the round that opened a time-locked commit. */
  readonly roundSignature: Uint8Array | undefined;
  /** Envelope of a commit of the same validator and mechanism that was due in the epoch and did not open. */
  readonly missed: Uint8Array | undefined;
  /** The ledger's sequences of the seals around the row's interval; 0 before the first. */
  readonly sealedBefore: number;
  readonly sealedAfter: number;
}

/** The evidence that stands with rows. Outages surface as the adapter's typed error. */
export interface SignedRowStore {
  /** In the order of the rows; rows are never deleted, nor changed once an epoch counted them. */
  evidence(
    epoch: { readonly netuid: number; readonly index: number },
    rows: readonly CountedRowName[],
  ): Promise<readonly RowEvidence[]>;
}
