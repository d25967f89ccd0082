import type { Fixed } from './fixed.ts';
import type { LiquidAlphaSettings } from './liquid-alpha.ts';
import type { PermitRule } from './permits.ts';
import type { Matrix, Row } from './sparse.ts';

/**
 * Which formula turns weights into bonds and dividends. `yuma2-liquid` is the first liquid alpha of 2024, kept for history;
 * `yuma3-liquid` the one of today. Two switches on chain (Yuma 3, liquid alpha), four names here.
 */
export type Formula = 'yuma2' | 'yuma2-liquid' | 'yuma3' | 'yuma3-liquid';

/** Rules of one epoch, the protocol's integers. */
export interface EpochParameters {
  readonly formula: Formula;
  /** Share of active stake that carries a weight, of 65535. */
  readonly kappaU16: number;
  /** How far purchases follow the clipped weights instead of the raw ones, of 65535. */
  readonly bondsPenaltyU16: number;
  /** Weight of the old bonds, in millionths. */
  readonly bondsMovingAveragePpm: number;
  /** Required by the liquid formulas, ignored by the others. */
  readonly liquidAlpha: LiquidAlphaSettings | undefined;
  /** Blocks between two epochs; only used when no epoch ran before. */
  readonly tempo: number;
  /** A neuron is inactive once its last update lies more than this many blocks back. */
  readonly activityCutoffBlocks: number;
  /** How many validators hold a permit. */
  readonly maxValidators: number;
  /** Whole stake units below which stake counts as zero; the owner is exempt. */
  readonly minStake: bigint;
  /** `epoch` drops bonds on miners registered since the last epoch; `row` (older) those that a validator has not rated since. */
  readonly bondMask: 'epoch' | 'row';
  readonly permitRule: PermitRule;
  /** Whose bonds are emptied: everybody's without the next permit, or (older) only of those that lose one. */
  readonly clearBonds: 'without-next-permit' | 'permit-lost';
}

/** One uid at the block of the epoch. */
export interface NeuronInput {
  /** Stake weight in smallest units. */
  readonly stake: bigint;
  /** Block of its last weights (of its last commit under commit-reveal), or of its registration. */
  readonly lastUpdate: number;
  readonly registeredAt: number;
  /** Permit that came out of the epoch before. */
  readonly permit: boolean;
  /** Block of its oldest commit that is not revealed yet; null when it has none or there is no commit-reveal. */
  readonly oldestCommit: number | null;
  /** u16 weights as revealed, ascending by uid; explicit zeros matter. */
  readonly weights: Row<number>;
  /** u16 bonds as stored after the epoch before, ascending by uid. */
  readonly bonds: Row<number>;
}

/** Everything an epoch depends on; nothing else enters. */
export interface EpochInput {
  readonly block: number;
  /** Block of the last finished epoch, null when none ran. */
  readonly lastEpochBlock: number | null;
  readonly ownerUid: number | null;
  readonly parameters: EpochParameters;
  /** Index is the uid. */
  readonly neurons: readonly NeuronInput[];
}

/** The outputs as the chain stores them: floor(x * 65535). */
export interface EpochOutputU16 {
  readonly stake: readonly number[];
  readonly consensus: readonly number[];
  /** Rank after normalisation, which is the incentive. */
  readonly rank: readonly number[];
  readonly trust: readonly number[];
  readonly validatorTrust: readonly number[];
  readonly incentive: readonly number[];
  readonly dividends: readonly number[];
}

/**
 * All outputs and intermediates of an epoch, enough to explain every one of them. Vectors are indexed by uid.
 * What they are worth in money is `emission.ts`.
 */
export interface EpochOutput {
  readonly active: readonly boolean[];
  /** Permits that were applied: the input's, the owner's forced. */
  readonly permitsApplied: readonly boolean[];
  /** Permits for the next epoch. */
  readonly permits: readonly boolean[];
  /** Share of all stake, before masks. */
  readonly stake: readonly Fixed[];
  /** Share of the stake of active validators with a permit. */
  readonly activeStake: readonly Fixed[];
  /** Rows after all masks, each summing to one. */
  readonly weights: Matrix;
  /** Highest weight that active stake of at least kappa gave or exceeded. */
  readonly consensus: readonly Fixed[];
  /** Weights held to the consensus. */
  readonly clipped: Matrix;
  /** Stake-weighted sum of raw weights. */
  readonly prerank: readonly Fixed[];
  /** Stake-weighted sum of clipped weights, before normalisation. */
  readonly rank: readonly Fixed[];
  /** rank / prerank. */
  readonly trust: readonly Fixed[];
  /** Row sums of clipped weights. */
  readonly validatorTrust: readonly Fixed[];
  readonly incentive: readonly Fixed[];
  readonly dividends: readonly Fixed[];
  readonly bondsObserved: Matrix;
  readonly bondShares: Matrix;
  readonly bondsKept: Matrix;
  /** Next epoch's stored bonds; rows without the next permit are empty. */
  readonly bonds: Matrix<number>;
  readonly u16: EpochOutputU16;
}
