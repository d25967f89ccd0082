import type { Halving } from '@subnetes/consensus/issuance';
import type { SubnetTokens } from '../pools/token-terms.ts';
import type { BurnBounds, TakeBounds } from '../governance/proposal.ts';
import type { GovernanceTerms } from '../governance/terms.ts';
import type { SlashingTerms } from '../slashing/slashing-terms.ts';
import type { CommitRevealType } from './weights-terms.ts';

/**
 * How blocks are split between the started subnets: in equal parts, by what the members of the root network agree on, by
 * what the use of each market burned, or by the pools of the subnets' tokens. What RootWeights leaves open is the network's default for the root network.
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
    }
  | {
      /** By the moving prices of the subnets' tokens. */
      readonly name: 'MovingPrice';
      readonly version: 1;
      /** First block that is split so; equal parts before. Block 1 unless given. */
      readonly fromBlock?: number;
    }
  | {
      /** By what traders put into the subnets' pools, on a moving average. */
      readonly name: 'Flow';
      readonly version: 1;
      /** Power of a flow, in parts per million: 1000000 to 2000000. */
      readonly exponentPpm?: number;
      /** Whether what blocks put in is taken off; true unless given. */
      readonly net?: boolean;
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

/**
 * What the network starts from, read at block 0 and never again. In the network's record it is as proposals have changed it
 * since; they change neither the network id nor the asset's name in the books nor the cap. Money in rao.
 */
export interface Genesis {
  /** Hex hash of the genesis file's canonical JSON. */
  readonly networkId: string;
  /** Names the token in the books, in orders and on wires, for ever. */
  readonly symbol: string;
  /** By proposals alone: what people call the token; absent: as the books do. */
  readonly displaySymbol?: string;
  readonly decimals: number;
  readonly cap: bigint;
  readonly blockTimeMs: number;
  readonly blockReward: bigint;
  readonly halving: Halving;
  readonly emissionPolicy: EmissionPolicy;
  /** What billing accounts may owe together, by the floors that billing gives them; absent: nothing. */
  readonly creditMax?: bigint;
  /** Absent where subnets have no tokens of their own. */
  readonly subnetTokens?: SubnetTokens;
  /** Absent: nothing is changed by proposals. */
  readonly governance?: GovernanceTerms;
  /** By proposals alone; absent: the chain's. */
  readonly takeBounds?: TakeBounds;
  /** By proposals alone; absent: the chain's. */
  readonly burnBounds?: BurnBounds;
  /**
   * What a rao staked on root counts for in each subnet in which its hotkey is registered, in parts per million; absent: no stake
   * is taken on root.
   */
  readonly rootStakeWeightPpm?: number;
  /** Blocks that stake takes to leave a neuron, and in which it can still be slashed; absent: none. */
  readonly unbondingBlocks?: number;
  /** Absent: nothing is slashed. */
  readonly slashing?: SlashingTerms;
  /** What a subnet costs; absent: nothing. */
  readonly subnetCreation?: SubnetCreation;
  readonly subnetRemoval?: SubnetRemoval;
  readonly accounts: readonly { readonly account: string; readonly amount: bigint }[];
}
