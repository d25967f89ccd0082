import { captureIndex } from '@subnetes/policy/capture-index';
import { POLICY_FORMAT } from '@subnetes/policy/consensus-policy';
import { influence } from '@subnetes/policy/influence';
import type { PolicyMachinery } from '@subnetes/policy/policy-epoch';
import { runDrill } from './drill.ts';
import type { DrillPlan } from './drill-plan.ts';

/** What influence and capture index show of a market that a cabal of some stake attacks. */
export interface ContestedMarket {
  readonly stakeShare: number;
  /** Stake of the smallest coalition on which the payouts rest; null when none below half was found. */
  readonly captureIndex: number | null;
  /** Part of that coalition which belongs to the cabal, by heads. */
  readonly attackersInCoalition: number;
  /** Herfindahl index of single influence. */
  readonly influenceConcentration: number;
}

/** The last epoch of the cabal's drill under Yuma 3 alone, for each of the plan's shares. */
export function contestedMarkets(plan: DrillPlan, machinery: PolicyMachinery): ContestedMarket[] {
  const { market, attackFrom } = plan;
  const policy = { format: POLICY_FORMAT } as const;
  const common = { attack: 'cabal', market, formula: 'yuma3', policy, revealPeriod: 0, attackFrom } as const;
  const honest = market.honestStakes.length;
  return plan.coalitionSharesPpm.map((stakeSharePpm) => {
    const { lastEpoch } = runDrill({ ...common, stakeSharePpm }, machinery);
    const { coalition } = captureIndex(lastEpoch, undefined, { run: machinery.runEpoch });
    const uids = coalition?.uids ?? [];
    return {
      stakeShare: stakeSharePpm / 1_000_000,
      captureIndex: coalition === null ? null : coalition.stakePpm / 1_000_000,
      attackersInCoalition: uids.length === 0 ? 0 : uids.filter((uid) => uid >= honest).length / uids.length,
      influenceConcentration: influence(lastEpoch, { run: machinery.runEpoch }).concentrationPpm / 1_000_000,
    };
  });
}
