import type { CountermeasuresDraft, LiveCountermeasures } from '@subnetes/policy/live-countermeasures';
import type { BurnDraft, BurnTerms } from './burn-terms.ts';
import type { Beacon, CommitRevealType, MissedReveal } from './weights-terms.ts';

/** A subnet's rules as its owner writes them; the JSON form of `subnetes.ledger.v1.Policy`. Absent means: the network's. */
export interface PolicyDraft {
  /** `commitRevealEnabled` is what older clients sent: true, always. */
  readonly hyperparameters?: Partial<Omit<Hyperparameters, 'burn'>> & {
    readonly burn?: BurnDraft;
    readonly commitRevealEnabled?: boolean;
  };
  readonly mechanisms?: readonly Mechanism[];
  readonly serving?: Serving;
  readonly pricing?: readonly Price[];
  readonly terms?: readonly Term[];
  readonly countermeasures?: CountermeasuresDraft;
}

/** The rules with every hyperparameter decided. */
export interface Policy {
  readonly hyperparameters: Hyperparameters;
  readonly mechanisms: readonly Mechanism[];
  readonly serving?: Serving;
  readonly pricing: readonly Price[];
  readonly terms: readonly Term[];
  /** Absent where nothing is on: such a policy has the hash that it had before there was a choice. */
  readonly countermeasures?: LiveCountermeasures;
}

/** The protocol's own integers; `…U16` are shares of 65535, `…Ppm` parts per million. */
export interface Hyperparameters {
  readonly tempo: number;
  readonly yumaVersion: number;
  readonly kappaU16: number;
  readonly bondsMovingAveragePpm: number;
  readonly immunityPeriodBlocks: number;
  readonly maxUids: number;
  readonly maxValidators: number;
  readonly revealPeriodEpochs: number;
  readonly bondsPenaltyU16: number;
  readonly activityCutoffBlocks: number;
  readonly liquidAlphaEnabled: boolean;
  readonly alphaLowU16: number;
  readonly alphaHighU16: number;
  readonly alphaSigmoidSteepness: number;
  /** uint64 as decimal text. */
  readonly weightsVersionKey: string;
  readonly minAllowedWeights: number;
  readonly maxWeightLimitU16: number;
  /** Rao as decimal text. */
  readonly stakeThresholdRao: string;
  readonly commitReveal: CommitRevealType;
  /** Set exactly with Timelock. */
  readonly timelockBeacon?: Beacon;
  /** Of commitReveal Off. */
  readonly weightsRateLimitBlocks: number;
  readonly missedReveal: MissedReveal;
  /** Absent where a registration costs a flat token: such a policy has the hash that it had before there was a choice. */
  readonly burn?: BurnTerms;
  /** Blocks of warning before a neuron is evicted; absent: none, for the same reason. */
  readonly evictionNoticeBlocks?: number;
}

export interface Mechanism {
  readonly id: number;
  readonly name: string;
  readonly emissionWeight: number;
  readonly quantileForecast?: { readonly horizonsDays: readonly number[]; readonly quantiles: number };
  readonly evaluation?: Evaluation;
}

export interface Evaluation {
  readonly scorer: string;
  readonly replay?: { readonly dataset: string; readonly startDay: string; readonly daysPerBlock: number };
  readonly perEpoch: number;
  readonly timeoutMs: number;
  readonly emaPpm: number;
  readonly copiesSimilarityPpm: number;
  readonly rubric: string;
}

export interface Serving {
  readonly models: readonly ServedModel[];
  readonly routingPreset: string;
  readonly firstByteTimeoutMs: number;
  readonly totalTimeoutMs: number;
}

export interface ServedModel {
  readonly name: string;
  readonly mechanismId: number;
  readonly versions: readonly { readonly version: string; readonly schemaSha256: string }[];
}

export interface Price {
  readonly name: string;
  readonly model: string;
  readonly unit: string;
  readonly per: number;
  /** Rao as decimal text. */
  readonly priceRao: string;
}

export interface Term {
  readonly name: string;
  readonly metric: string;
  readonly verifier: string;
  readonly remedy: string;
}

/** What holds where the owner says nothing: what the chain writes for a new subnet. */
export const HYPERPARAMETER_DEFAULTS: Hyperparameters = {
  tempo: 360,
  yumaVersion: 3,
  kappaU16: 32_767,
  bondsMovingAveragePpm: 900_000,
  immunityPeriodBlocks: 5000,
  maxUids: 256,
  maxValidators: 64,
  revealPeriodEpochs: 1,
  bondsPenaltyU16: 65_535,
  activityCutoffBlocks: 5000,
  liquidAlphaEnabled: false,
  alphaLowU16: 45_875,
  alphaHighU16: 58_982,
  alphaSigmoidSteepness: 1000,
  weightsVersionKey: '0',
  minAllowedWeights: 1,
  maxWeightLimitU16: 65_535,
  stakeThresholdRao: '0',
  commitReveal: 'Salted',
  weightsRateLimitBlocks: 100,
  missedReveal: 'Keep',
};
