import type { Inheritance } from '../children/inherit.ts';
import type { RootStake } from '../root/root-stake.ts';
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
  /** Rao by which it counts. */
  readonly stake: bigint;
  /** Rao of it that others delegated; absent where nobody did. */
  readonly delegated?: bigint;
  /** Under whose name that lies, where it is another's than the hotkey's: of one that was swapped. */
  readonly pool?: string;
  /** What the owner keeps of others' dividends, of 65535; absent where nobody delegated and nothing is staked on root. */
  readonly takeU16?: number;
  /** Absent where there is none behind it. */
  readonly root?: RootStake;
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
  /** What of the validators' half is for stake on root, in rao, and by which weight; absent where none stands behind its neurons. */
  readonly root?: { readonly pot: bigint; readonly weightPpm: number };
  readonly ownerColdkey: string;
  readonly startBlock: number;
  readonly previousInputsSha256: string;
  readonly policyVersion: number;
  readonly policySha256: string;
  readonly neurons: readonly SealedNeuron[];
  /** Of the root network alone, ascending by netuid. */
  readonly subnets?: readonly SealedSubnet[];
}

/** Rao that lie on a neuron in the subnet itself, whoever's they are. */
export function subnetStakeOf({ stake, inherits, root }: SealedNeuron): bigint {
  return inherits?.held ?? stake - (root?.counts ?? 0n);
}
