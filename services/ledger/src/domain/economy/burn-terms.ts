import { RAO_PER_TOKEN } from '@subnetes/money/amount';
import type { BurnBounds } from '../governance/proposal.ts';

/** How the price of a registration moves. Rao as decimal text. */
export interface BurnTerms {
  readonly minRao: string;
  readonly maxRao: string;
  /** Blocks in which the price halves while nobody registers. */
  readonly halfLifeBlocks: number;
  /** What each registration multiplies the price by. */
  readonly increasePpm: number;
}

/** As the owner writes them: absent means the chain's. */
export type BurnDraft = Partial<BurnTerms>;

/** Source: subtensor's defaults of BurnHalfLife, BurnIncreaseMult, MinBurn and MaxBurn. */
const DEFAULTS: BurnTerms = {
  minRao: '500000',
  maxRao: (100n * RAO_PER_TOKEN).toString(),
  halfLifeBlocks: 360,
  increasePpm: 1_260_000,
};

const HALF_LIFE_BLOCKS_MAX = 36_100;
const INCREASE_PPM = [1_000_000, 3_000_000] as const;
const RAO_PATTERN = /^(0|[1-9][0-9]{0,17})$/;

export function resolveBurn(draft: BurnDraft): BurnTerms {
  return {
    minRao: draft.minRao ?? DEFAULTS.minRao,
    maxRao: draft.maxRao ?? DEFAULTS.maxRao,
    halfLifeBlocks: draft.halfLifeBlocks ?? DEFAULTS.halfLifeBlocks,
    increasePpm: draft.increasePpm ?? DEFAULTS.increasePpm,
  };
}

/** The chain's. */
export const BURN_BOUNDS: BurnBounds = { minBelow: RAO_PER_TOKEN, maxAbove: RAO_PER_TOKEN / 10n };

/** What is wrong with the terms, by the network's bounds; the message begins with the field. */
export function burnFinding(
  { minRao, maxRao, halfLifeBlocks, increasePpm }: BurnTerms,
  { minBelow, maxAbove }: BurnBounds = BURN_BOUNDS,
): string | undefined {
  const at = 'hyperparameters.burn';
  if (!RAO_PATTERN.test(minRao)) return `${at}.minRao must be rao as digits`;
  if (!RAO_PATTERN.test(maxRao)) return `${at}.maxRao must be rao as digits`;
  const [min, max] = [BigInt(minRao), BigInt(maxRao)];
  if (min >= minBelow) return `${at}.minRao must be below ${minBelow}, not ${min}`;
  if (max <= maxAbove) return `${at}.maxRao must be above ${maxAbove}, not ${max}`;
  if (min >= max) return `${at}.minRao (${min}) must be below maxRao (${max})`;
  if (!isWithin(halfLifeBlocks, 1, HALF_LIFE_BLOCKS_MAX)) {
    return `${at}.halfLifeBlocks must be 1 to ${HALF_LIFE_BLOCKS_MAX}, not ${halfLifeBlocks}`;
  }
  return isWithin(increasePpm, ...INCREASE_PPM)
    ? undefined
    : `${at}.increasePpm must be ${INCREASE_PPM.join(' to ')}, not ${increasePpm}`;
}

function isWithin(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}
