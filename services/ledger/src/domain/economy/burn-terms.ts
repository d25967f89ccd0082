import { RAO_PER_TOKEN } from '@subnetes/money/amount';
import type { BurnBounds } from '../governance/proposal.ts';

/** What a registration cost at a block. */
export interface BurnPrice {
  readonly rao: bigint;
  /** Where intervals move the price: the block in which the interval began. */
  readonly block: number;
  /** Since `block`, where intervals move the price; absent: none. */
  readonly registrations?: number;
}

/** How the price of a registration moves. Rao as decimal text. */
export type BurnTerms = ContinuousBurn | IntervalBurn;

interface PriceBounds {
  readonly minRao: string;
  readonly maxRao: string;
}

/** Up with each registration, down with each block. It names no type: such a policy has the hash that it had before there was one. */
export interface ContinuousBurn extends PriceBounds {
  /** Blocks in which the price halves while nobody registers. */
  readonly halfLifeBlocks: number;
  /** What each registration multiplies the price by. */
  readonly increasePpm: number;
}

/** Once an interval, by how many registered in it: the chain's rule until 2026. */
export interface IntervalBurn extends PriceBounds {
  readonly type: 'Interval';
  readonly interval: BurnInterval;
}

export interface BurnInterval {
  readonly blocks: number;
  readonly targetRegistrations: number;
  /** Weight of the old price, of 2^64 - 1, as decimal text: 0 moves at once, 2^64 - 1 never. */
  readonly alphaU64: string;
}

/** As the owner writes them: absent means the chain's. */
export type BurnDraft = Partial<PriceBounds> &
  Partial<ContinuousBurn> & {
    /** Absent: Continuous. */
    readonly type?: string;
    readonly interval?: Partial<BurnInterval>;
  };

/** Source: subtensor's defaults of BurnHalfLife, BurnIncreaseMult, MinBurn and MaxBurn. */
const DEFAULTS: ContinuousBurn = {
  minRao: '500000',
  maxRao: (100n * RAO_PER_TOKEN).toString(),
  halfLifeBlocks: 360,
  increasePpm: 1_260_000,
};

/** Source: subtensor's defaults of AdjustmentInterval, TargetRegistrationsPerInterval and AdjustmentAlpha. */
const INTERVAL_DEFAULTS: BurnInterval = { blocks: 100, targetRegistrations: 2, alphaU64: '0' };

const HALF_LIFE_BLOCKS_MAX = 36_100;
const INCREASE_PPM = [1_000_000, 3_000_000] as const;
const U16_MAX = 65_535;
const U64_MAX = 2n ** 64n - 1n;
const RAO_PATTERN = /^(0|[1-9][0-9]{0,17})$/;
const U64_PATTERN = /^(0|[1-9][0-9]{0,19})$/;
const AT = 'hyperparameters.burn';

/** The terms that hold, of a draft in which `burnDraftFinding` finds nothing. */
export function resolveBurn(draft: BurnDraft): BurnTerms {
  const bounds = { minRao: draft.minRao ?? DEFAULTS.minRao, maxRao: draft.maxRao ?? DEFAULTS.maxRao };
  if (draft.type === 'Interval') {
    const { blocks, targetRegistrations, alphaU64 } = { ...INTERVAL_DEFAULTS, ...draft.interval };
    return { type: 'Interval', ...bounds, interval: { blocks, targetRegistrations, alphaU64 } };
  }
  return {
    ...bounds,
    halfLifeBlocks: draft.halfLifeBlocks ?? DEFAULTS.halfLifeBlocks,
    increasePpm: draft.increasePpm ?? DEFAULTS.increasePpm,
  };
}

/** The chain's. */
export const BURN_BOUNDS: BurnBounds = { minBelow: RAO_PER_TOKEN, maxAbove: RAO_PER_TOKEN / 10n };

/** What is wrong with how the owner names the kind of terms; the message begins with the field. */
export function burnDraftFinding({ type, halfLifeBlocks, increasePpm, interval }: BurnDraft): string | undefined {
  if (type !== undefined && type !== 'Continuous' && type !== 'Interval') {
    return `${AT}.type must be Continuous or Interval, not ${type}`;
  }
  if ((type === 'Interval') !== (interval !== undefined)) {
    return `${AT}.interval must be set exactly when type is Interval`;
  }
  if (type !== 'Interval') return undefined;
  if (halfLifeBlocks !== undefined) return `${AT}.halfLifeBlocks is of Continuous terms, not of Interval`;
  return increasePpm === undefined ? undefined : `${AT}.increasePpm is of Continuous terms, not of Interval`;
}

/** What is wrong with the terms, by the network's bounds; the message begins with the field. */
export function burnFinding(terms: BurnTerms, { minBelow, maxAbove }: BurnBounds = BURN_BOUNDS): string | undefined {
  const { minRao, maxRao } = terms;
  if (!RAO_PATTERN.test(minRao)) return `${AT}.minRao must be rao as digits`;
  if (!RAO_PATTERN.test(maxRao)) return `${AT}.maxRao must be rao as digits`;
  const [min, max] = [BigInt(minRao), BigInt(maxRao)];
  if (min >= minBelow) return `${AT}.minRao must be below ${minBelow}, not ${min}`;
  if (max <= maxAbove) return `${AT}.maxRao must be above ${maxAbove}, not ${max}`;
  if (min >= max) return `${AT}.minRao (${min}) must be below maxRao (${max})`;
  return 'type' in terms ? intervalFinding(terms.interval) : continuousFinding(terms);
}

function continuousFinding({ halfLifeBlocks, increasePpm }: ContinuousBurn): string | undefined {
  if (!isWithin(halfLifeBlocks, 1, HALF_LIFE_BLOCKS_MAX)) {
    return `${AT}.halfLifeBlocks must be 1 to ${HALF_LIFE_BLOCKS_MAX}, not ${halfLifeBlocks}`;
  }
  return isWithin(increasePpm, ...INCREASE_PPM)
    ? undefined
    : `${AT}.increasePpm must be ${INCREASE_PPM.join(' to ')}, not ${increasePpm}`;
}

function intervalFinding({ blocks, targetRegistrations, alphaU64 }: BurnInterval): string | undefined {
  if (!isWithin(blocks, 1, U16_MAX)) return `${AT}.interval.blocks must be 1 to ${U16_MAX}, not ${blocks}`;
  if (!isWithin(targetRegistrations, 1, U16_MAX)) {
    return `${AT}.interval.targetRegistrations must be 1 to ${U16_MAX}, not ${targetRegistrations}`;
  }
  return U64_PATTERN.test(alphaU64) && BigInt(alphaU64) <= U64_MAX
    ? undefined
    : `${AT}.interval.alphaU64 must be a whole number up to ${U64_MAX}`;
}

function isWithin(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}
