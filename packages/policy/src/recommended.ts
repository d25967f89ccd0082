import type { AssignmentRules } from './assignment.ts';
import type { Countermeasures } from './consensus-policy.ts';
import { geometricPlaces } from './incentive-curve.ts';

/**
 * Values that the drills were run with: a place to start from, not a law. What each does to whom is in
 * docs/guides/attacks.md. Assignment is not among them: it saves judging and costs safety (see `JUDGED_BY_SOME`).
 * Nor is an incentive function: that is the owner's own.
 */
export const RECOMMENDED: Required<Omit<Countermeasures, 'assignment' | 'incentiveFunction'>> = {
  firewall: {
    minersMin: 8,
    flatWithinPpm: 1000,
    flatDistancePpm: 50_000,
    staleWithinPpm: 1000,
    othersMovedPpm: 10_000,
    staleAfterEpochs: 3,
    reversalPpm: 300_000,
    quorumPpm: 500_000,
  },
  boundedScores: { factorPpm: 2_000_000 },
  qualityFloor: { heldPpm: 500_000, fractionPpm: 350_000, hysteresisPpm: 100_000 },
  incentiveCurve: { weightsByPlace: geometricPlaces(900_000, 64) },
  reputation: { startPpm: 100_000, upPpm: 100_000, downPpm: 500_000 },
  deviation: {
    limitPpm: 100_000,
    timesMedianPpm: 2_500_000,
    reduceAfterEpochs: 3,
    reductionPpm: 500_000,
    evidenceAfterEpochs: 10,
  },
};

/** Two thirds of the stake judge each miner: a third of the work saved, and a coalition needs a third instead of half. */
export const JUDGED_BY_SOME: AssignmentRules = { judges: 6, coverageU16: 43_690 };
