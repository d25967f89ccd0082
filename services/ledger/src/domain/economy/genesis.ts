import type { Halving } from '@subnetes/consensus/issuance';
import type { CommitRevealType } from './weights-terms.ts';

/**
 * How blocks are split between the started subnets: in equal parts, by what the members of the root network agree on, or by
 * what the use of each market burned. What RootWeights leaves open is the network's default for the root network.
 */
export type EmissionPolicy =
  | { readonly name: 'Equal'; readonly version: 1 }
  | {
      readonly name: 'RootWeights';
      readonly version: 1;
      /** Blocks between two epochs of the root network. */
      readonly tempo: number;
      /** Share of active stake, of 65535, that carries a weight. */
      readonly kappaU16?: number;
      /** Blocks after which a member's weights no longer count. */
      readonly activityCutoffBlocks?: number;
      readonly commitReveal?: CommitRevealType;
      /** Blocks between two rows of one member, where weights are in the open. */
      readonly weightsRateLimitBlocks?: number;
    }
  | {
      readonly name: 'Utility';
      readonly version: 1;
      /** Time constant of the moving average of burned fees. */
      readonly smoothingBlocks?: number;
      /** First block that is split by use; equal parts before. Block 1 unless given. */
      readonly fromBlock?: number;
    };

/** How subnets are sold. Money in rao. */
export interface SubnetCreation {
  readonly minLock: bigint;
  /** Blocks in which the price falls by the last one, at a reward of one token a block; of half a token: half as many. */
  readonly reductionIntervalBlocks: number;
  /** Blocks between two. */
  readonly rateLimitBlocks: number;
  /** Blocks in which a subnet is not removed for a newcomer. */
  readonly immunityBlocks: number;
  /** Subnets at most. */
  readonly limit: number;
}

export interface SubnetRemoval {
  /** Blocks from the announcement of a subnet's end to it at least. */
  readonly noticeBlocks: number;
}

/** What the network starts from, read at block 0 and never again. Money in rao. */
export interface Genesis {
  /** Hex hash of the genesis file's canonical JSON. */
  readonly networkId: string;
  readonly symbol: string;
  readonly decimals: number;
  readonly cap: bigint;
  readonly blockTimeMs: number;
  readonly blockReward: bigint;
  readonly halving: Halving;
  readonly emissionPolicy: EmissionPolicy;
  /** What billing accounts may owe together, by the floors that billing gives them; absent: nothing. */
  readonly creditMax?: bigint;
  /** What a subnet costs; absent: nothing. */
  readonly subnetCreation?: SubnetCreation;
  readonly subnetRemoval?: SubnetRemoval;
  readonly accounts: readonly { readonly account: string; readonly amount: bigint }[];
}
