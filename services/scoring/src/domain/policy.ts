import type { EpochParameters } from '@subnetes/consensus/epoch-types';
import type { LiveCountermeasures } from '@subnetes/policy/live-countermeasures';

/** A drand beacon whose rounds open time-locked weights; scheme bls-unchained-g1-rfc9380. */
export interface Beacon {
  /** Hex, 32 bytes. */
  readonly chainHash: string;
  /** Hex, 96 bytes of G2. */
  readonly publicKey: string;
  /** Unix seconds of round 1. */
  readonly genesisTimeS: number;
  readonly periodS: number;
}

/** How weights stay unknown to others until they count. A reveal is due that many intervals after its commit. */
export type CommitReveal =
  | { readonly type: 'Off' }
  | { readonly type: 'Salted'; readonly revealPeriodEpochs: number }
  | { readonly type: 'Timelock'; readonly revealPeriodEpochs: number; readonly beacon: Beacon };

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
  readonly commitReveal: CommitReveal;
  /** Blocks between two rows of one validator where weights are set in the open. */
  readonly weightsRateLimitBlocks: number;
  /** What becomes of the row in force when a commit is not opened in its interval. */
  readonly missedReveal: 'Keep' | 'Zero';
  /** Rows must carry at least this version key; 0n takes any. */
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
  /** What stands around the consensus; absent where nothing does. */
  readonly countermeasures?: LiveCountermeasures;
}

export interface MechanismPolicy {
  readonly id: number;
  /** Integers of any scale; emission is split by them as u16 shares. */
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
