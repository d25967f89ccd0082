import { PPM } from './ppm.ts';
import type { Ranges } from './ranges.ts';

/** When a validator's row says more about the validator than about the miners. All shares in millionths. */
export interface FirewallRules {
  /** Fewer miners in common than this, and flatness, staleness and reversal are not judged. */
  readonly minersMin: number;
  /** A row is flat if its positive scores differ by at most this part of the largest. */
  readonly flatWithinPpm: number;
  /** … and the others' consensus lies at least this far from the same flat row. */
  readonly flatDistancePpm: number;
  /** A row is the one of the epoch before if it moved at most this far. */
  readonly staleWithinPpm: number;
  /** … while half of the others' stake moved at least this far; must be more. */
  readonly othersMovedPpm: number;
  /** Consecutive such epochs after which a row is stale. */
  readonly staleAfterEpochs: number;
  /** A row is reversed if its rank correlation with its own past and with the others is at most minus this. */
  readonly reversalPpm: number;
  /** Abstainers leave the vote only while at least this share of active stake remains; below it they stay as silence. */
  readonly quorumPpm: number;
}

export const FIREWALL_RANGES: Ranges<FirewallRules> = {
  minersMin: { min: 4, max: 4096 },
  flatWithinPpm: { min: 0, max: PPM / 2 },
  flatDistancePpm: { min: 1, max: PPM },
  staleWithinPpm: { min: 0, max: PPM / 2 },
  othersMovedPpm: { min: 1, max: PPM },
  staleAfterEpochs: { min: 1, max: 1000 },
  reversalPpm: { min: 1, max: PPM },
  quorumPpm: { min: 0, max: PPM },
};

/** Why a validator abstains. */
export type AbstentionReason = 'no-score' | 'identical-scores' | 'stale-scores' | 'reversed-scores';

/** One validator whose weights do not count in an epoch, and by which figures. */
export interface Abstention {
  readonly uid: number;
  readonly registrationId: string;
  readonly reason: AbstentionReason;
  /** Integers by name: counts, or millionths where the name ends so. */
  readonly figures: Readonly<Record<string, number>>;
}
