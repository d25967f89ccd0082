import type { Countermeasures } from '@subnetes/policy/consensus-policy';
import { JUDGED_BY_SOME, RECOMMENDED } from '@subnetes/policy/recommended';

/** What stands against an attack in a drill: countermeasures of the policy, and commit-reveal, which is the network's. */
export interface Defence {
  /** Names of what is on, as reports print them; empty for the consensus alone. */
  readonly names: readonly string[];
  readonly countermeasures: Countermeasures;
  readonly revealPeriod: number;
}

const COMMIT_REVEAL = 'commit-reveal';
/** An owner's incentive function is no defence. */
const ALL: Required<Omit<Countermeasures, 'incentiveFunction'>> = { ...RECOMMENDED, assignment: JUDGED_BY_SOME };

export const CONSENSUS_ALONE: Defence = { names: [], countermeasures: {}, revealPeriod: 0 };

/** Nothing, commit-reveal, each countermeasure alone, the recommended ones together, and those with assignment. */
export const DEFENCES: readonly Defence[] = [
  CONSENSUS_ALONE,
  { names: [COMMIT_REVEAL], countermeasures: {}, revealPeriod: 1 },
  alone('firewall'),
  alone('assignment'),
  alone('boundedScores'),
  alone('qualityFloor'),
  alone('incentiveCurve'),
  alone('reputation'),
  alone('deviation'),
  together(RECOMMENDED),
  together(ALL),
];

function alone(name: keyof typeof ALL): Defence {
  return { names: [name], countermeasures: { [name]: ALL[name] }, revealPeriod: 0 };
}

function together(countermeasures: Countermeasures): Defence {
  return { names: [COMMIT_REVEAL, ...Object.keys(countermeasures)], countermeasures, revealPeriod: 1 };
}
