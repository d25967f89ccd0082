import type { Inheritance } from '../children/inherit.ts';
import type { FormerHotkey } from './neuron.ts';

/** A neuron as it stood when its epoch was sealed. */
export interface SealedNeuron {
  readonly uid: number;
  readonly hotkey: string;
  readonly coldkey: string;
  readonly registeredAtBlock: number;
  readonly registrationId: string;
  /** Absent where there were none. */
  readonly formerHotkeys?: readonly FormerHotkey[];
  /** Rao. */
  readonly stake: bigint;
  /** Rao of it that others delegated, and what the owner keeps of their dividends, of 65535; absent where nobody did. */
  readonly delegated?: bigint;
  /** Under whose name that lies, where it is another's than the hotkey's: of one that was swapped. */
  readonly pool?: string;
  readonly takeU16?: number;
  /** Whose stake it counts by; absent where neither parents nor children have a part in it. */
  readonly inherits?: Pick<Inheritance, 'held' | 'own' | 'parents'> & {
    /** What it keeps of what its parents' stake earns, of 65535. */
    readonly takeU16: number;
  };
}

/** A market that the root network weighs. */
export interface SealedSubnet {
  readonly netuid: number;
  readonly startBlock: number;
}

/** An epoch between its seal and its payment: owner + miner + validator = pot, in rao. */
export interface SealedEpoch {
  readonly netuid: number;
  readonly index: number;
  readonly block: number;
  readonly sequence: number;
  readonly pot: bigint;
  readonly owner: bigint;
  readonly miner: bigint;
  readonly validator: bigint;
  readonly ownerColdkey: string;
  readonly startBlock: number;
  readonly previousInputsSha256: string;
  readonly policyVersion: number;
  readonly policySha256: string;
  readonly neurons: readonly SealedNeuron[];
  /** Of the root network alone, ascending by netuid. */
  readonly subnets?: readonly SealedSubnet[];
}
