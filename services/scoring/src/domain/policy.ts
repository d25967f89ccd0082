import type { EpochParameters } from '@subnetes/consensus/epoch-types';

/** What scoring needs of a subnet's policy, as the ledger resolved it. Protocol integers throughout. */
export interface ScoringPolicy {
  /** The ledger's version of the policy. */
  readonly version: number;
  /** sha256 of the policy, hex. */
  readonly sha256: string;
  readonly tempo: number;
  readonly yumaVersion: 2 | 3;
  readonly kappaU16: number;
  readonly bondsPenaltyU16: number;
  readonly bondsMovingAveragePpm: number;
  readonly activityCutoffBlocks: number;
  readonly maxValidators: number;
  /** Intervals between a commit and its reveal. */
  readonly revealPeriodEpochs: number;
  /** Reveals must carry at least this version key; 0n takes any. */
  readonly weightsVersionKey: bigint;
  readonly minAllowedWeights: number;
  /** Largest share of one weight in its row, of 65535. */
  readonly maxWeightLimitU16: number;
  /** Rao of stake below which stake counts as zero. */
  readonly stakeThreshold: bigint;
  readonly liquidAlpha: {
    readonly lowU16: number;
    readonly highU16: number;
    readonly steepnessHundredths: number;
  } | null;
  readonly mechanisms: readonly MechanismPolicy[];
}

export interface MechanismPolicy {
  readonly id: number;
  /** Integers of any scale; emission is split by them with the largest remainder. */
  readonly emissionWeight: number;
}

/** The policy in the terms of the consensus. The older masks are history and not offered. */
export function epochParameters(policy: ScoringPolicy): EpochParameters {
  const liquid = policy.liquidAlpha !== null && policy.yumaVersion === 3;
  return {
    formula: policy.yumaVersion === 2 ? 'yuma2' : liquid ? 'yuma3-liquid' : 'yuma3',
    kappaU16: policy.kappaU16,
    bondsPenaltyU16: policy.bondsPenaltyU16,
    bondsMovingAveragePpm: policy.bondsMovingAveragePpm,
    liquidAlpha: policy.liquidAlpha ?? undefined,
    tempo: policy.tempo,
    activityCutoffBlocks: policy.activityCutoffBlocks,
    maxValidators: policy.maxValidators,
    minStake: policy.stakeThreshold,
    bondMask: 'epoch',
    permitRule: 'nonzero',
    clearBonds: 'without-next-permit',
  };
}
