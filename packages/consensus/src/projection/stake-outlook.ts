import type { EmissionOutlook } from './emission-path.ts';
import type { RootOutlook } from './root-pool.ts';

/** Whose stake a validator counts by, where parents or children have a part in it. Proportions in 2^-32. */
export interface Lineage {
  /** Of what it has itself, what its children leave. */
  readonly keepsQ32: bigint;
  readonly parents: readonly {
    readonly uid: number;
    readonly givesQ32: bigint;
    /** What the child keeps of what this parent's stake earns, of 65535. */
    readonly takeU16: number;
  }[];
}

/** What is known of a validator's stake and of what it earned by it. Money in smallest units. */
export interface ValidatorOutlook {
  readonly uid: number;
  /** Stake of its owner. */
  readonly own: bigint;
  /** Stake of others that counts. */
  readonly delegated: bigint;
  /** Stake of others that counts from the next seal on. */
  readonly waiting: bigint;
  /** What the owner keeps of the dividends of others, of 65535. */
  readonly takeU16: number;
  /** Share of dividends by share of stake in the epochs of late, in 2^-64; 0: earned none. */
  readonly yieldQ64: bigint;
  /** Absent where nothing stands on root behind it. */
  readonly root?: RootOutlook;
  /** Absent where neither parents nor children have a part in its stake. */
  readonly lineage?: Lineage;
  /** Where its owner has what it earns staked: as incentives, this part of a pot, in 2^-64, beside all that its owner is paid. */
  readonly stakes?: { readonly incentivesQ64: bigint };
}

/** A subnet as far as dividends go. */
export interface DividendOutlook extends EmissionOutlook {
  readonly validators: readonly ValidatorOutlook[];
  /** Blocks between two epochs. */
  readonly tempo: number;
  /** Blocks until the next epoch is sealed, from 1. */
  readonly blocksToSeal: number;
  /** What has accrued for it. */
  readonly pot: bigint;
  /** Pot of an epoch that is sealed and will be paid by the stake of before; 0: there is none. */
  readonly sealedPot: bigint;
  /** What the owner of the subnet gets of a pot, of 65535. */
  readonly ownerCutU16: number;
  /** Of what epochs of late had for miners and validators: how much they paid as dividends, and how much to anybody. */
  readonly paid: { readonly dividends: bigint; readonly all: bigint; readonly pots: bigint };
  /** What stake on root counts for, in parts per million; absent: nothing. */
  readonly rootWeightPpm?: number;
  /**
   * Of neurons that earn no dividends: what lies on them, what root behind them counts for, and, in 2^-64, which part of a pot they
   * earn and have staked.
   */
  readonly others?: { readonly stake: bigint; readonly root: bigint; readonly stakesQ64?: bigint };
}

/** Whose reward is asked for. */
export interface StakeQuestion {
  /** Index of the validator. */
  readonly validator: number;
  /** The validator's owner, somebody who delegates to it, or somebody who stakes on its hotkey on root. */
  readonly as: 'owner' | 'delegator' | 'root';
  /** Of the delegator's stake: what counts already, and what counts from the next seal on. An owner has all of `own`. */
  readonly stake: bigint;
  readonly waiting: bigint;
  /** Put on the validator now. */
  readonly add: bigint;
  readonly blocks: number;
  /** Whether the owner puts what it was paid on its stake after every epoch; delegations grow by themselves. */
  readonly restake: boolean;
}

/** Epochs that are sealed within some blocks from now. */
export function epochsIn(
  { blocksToSeal, tempo }: Pick<DividendOutlook, 'blocksToSeal' | 'tempo'>,
  blocks: number,
): number {
  return blocks < blocksToSeal ? 0 : 1 + Math.floor((blocks - blocksToSeal) / tempo);
}
