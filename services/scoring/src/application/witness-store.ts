import type { WitnessSignature } from '@subnetes/keys/witness';
import type { Outgoing } from './ports.ts';

/** An epoch that a witness has signed since it was last told. */
export interface WitnessedEpoch extends Outgoing {
  /** All so far, by key. */
  readonly witnesses: readonly WitnessSignature[];
}

/** Signatures of witnesses, kept with the epochs that they signed. Outages surface as the adapter's typed error. */
export interface WitnessStore {
  /** What the ledger was told to pay an epoch by, serialised; undefined when there is no such epoch. */
  scored(netuid: number, index: number): Promise<Uint8Array | undefined>;
  /** Of an epoch, by key. */
  witnesses(netuid: number, index: number): Promise<readonly WitnessSignature[]>;
  /**
   * Keeps a verified signature of an epoch that is there and puts it into the outbox; false where the key had signed before.
   * Also then it is told again: a bus forgets, and a witness that starts anew signs what still waits.
   */
  putWitness(netuid: number, index: number, witness: WitnessSignature): Promise<boolean>;
  /** The outbox: epochs with signatures that no message carried yet, oldest first. */
  unpublishedWitnessed(limit: number): Promise<readonly WitnessedEpoch[]>;
  /** Takes the signatures that were published out of the outbox; those that came since stay in it. */
  markWitnessesPublished(epochs: readonly WitnessedEpoch[]): Promise<void>;
}
