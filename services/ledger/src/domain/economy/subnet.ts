import type { BurnPrice } from './burn-terms.ts';
import type { Cause } from './mandate.ts';
import { type Dissolution, type SubnetLock, takesPart } from '../life/subnet-life.ts';
import type { Policy } from './policy.ts';

/** Started: takes part in the split of each block's reward. */
export type EmissionState = 'Started' | 'Held';

/** Whether new neurons may register: those whom the owner invited or approved, those that the owner pays, or anybody. */
export type RegistrationMode = 'Open' | 'Closed' | 'Approval' | 'Sponsored';

/** One version of a subnet's policy. */
export interface PolicyVersion {
  readonly version: number;
  /** Hex hash of the canonical JSON of `policy`. */
  readonly sha256: string;
  /** The first epoch that runs under it. */
  readonly effectiveEpoch: number;
  readonly policy: Policy;
}

/** One market. Blocks, indexes and versions are whole numbers; money is rao. */
export interface Subnet {
  readonly netuid: number;
  readonly handle: string;
  /** SS58 coldkey. */
  readonly owner: string;
  /** Hex. */
  readonly registrationId: string;
  readonly emission: EmissionState;
  readonly registration: RegistrationMode;
  readonly startBlock: number;
  readonly active: PolicyVersion;
  /** In force from the next seal on. */
  readonly pending: PolicyVersion | null;
  readonly lastVersion: number;
  /** Ids of mechanisms that were dropped; weights and bonds lived under them, so they never come back. */
  readonly retiredMechanisms: readonly number[];
  /** The last sealed epoch; 0 before the first. */
  readonly epochIndex: number;
  readonly epochBlock: number;
  readonly lastPaidIndex: number;
  readonly lastPaidBlock: number;
  /** Rao that the last paid epoch distributed. */
  readonly emissionLastEpoch: bigint;
  /** Hex content hash of the last paid epoch's inputs; empty before. */
  readonly lastInputsSha256: string;
  readonly neurons: number;
  /** Absent where a registration costs a flat token, and until the first one under terms that move the price. */
  readonly burn?: BurnPrice;
  readonly managedBy: Cause;
  /** Absent unless it ends, or has ended. */
  readonly dissolution?: Dissolution;
  /** Absent where the subnet was free. */
  readonly lock?: SubnetLock;
  /** netuid of the subnet whose place it waits for; absent once it has one. */
  readonly waitsFor?: number;
  /** Absent unless its owner paid to stay: it does not go for a newcomer before. */
  readonly protectedUntilBlock?: number;
}

/** What is decided about a subnet when it begins. */
export type SubnetBeginning = Pick<
  Subnet,
  'netuid' | 'handle' | 'owner' | 'registrationId' | 'emission' | 'registration' | 'startBlock' | 'managedBy'
> & { readonly policy: Omit<PolicyVersion, 'version' | 'effectiveEpoch'> };

/** A subnet that nothing has happened in yet. */
export function newSubnet({ policy, managedBy, ...given }: SubnetBeginning): Subnet {
  return {
    ...given,
    active: { version: 1, sha256: policy.sha256, effectiveEpoch: 1, policy: policy.policy },
    pending: null,
    lastVersion: 1,
    retiredMechanisms: [],
    epochIndex: 0,
    epochBlock: 0,
    lastPaidIndex: 0,
    lastPaidBlock: 0,
    emissionLastEpoch: 0n,
    lastInputsSha256: '',
    neurons: 0,
    managedBy,
  };
}

/** The block at which the next epoch may be sealed at the earliest. */
export function nextEpochBlock(subnet: Subnet): number {
  const from = subnet.epochIndex === 0 ? subnet.startBlock : subnet.epochBlock;
  return from + subnet.active.policy.hyperparameters.tempo;
}

/** Epoch k+1 waits for the payment of epoch k, so that an outage makes an epoch longer and loses no reveal. */
export function isEpochDue(subnet: Subnet, block: number): boolean {
  return takesPart(subnet) && subnet.lastPaidIndex === subnet.epochIndex && block >= nextEpochBlock(subnet);
}
