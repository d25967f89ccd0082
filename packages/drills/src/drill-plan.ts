import type { Formula } from '@subnetes/consensus/epoch-types';
import { POLICY_FORMAT } from '@subnetes/policy/consensus-policy';
import type { PolicyMachinery } from '@subnetes/policy/policy-epoch';
import { ATTACK_CATALOGUE, type AttackName, ATTACKS } from './attacks.ts';
import { type Defence, DEFENCES } from './defences.ts';
import { type DrillResult, type DrillSpec, runDrill } from './drill.ts';
import { type MarketSpec, STANDARD_MARKET } from './market.ts';

/** A drill's figures as a report prints them: shares of one, to six digits. */
export interface DrillLine {
  readonly attack: AttackName;
  readonly policy: Formula;
  readonly countermeasures: readonly string[];
  readonly stakeShare: number;
  readonly minerEmissionShare: number;
  readonly validatorEmissionShare: number;
  /** Attackers' dividends per stake over the honest validators'. */
  readonly dividendRatio: number;
  /** Part of the honest miners that earned anything. */
  readonly honestMinersPaid: number;
  readonly abstentions: DrillResult['abstentions'];
  readonly evidence: DrillResult['evidence'];
}

/** One planned drill and what it is called. */
export interface PlannedDrill {
  readonly spec: DrillSpec;
  readonly countermeasures: readonly string[];
}

export interface DrillPlan {
  readonly attacks: readonly AttackName[];
  readonly formulas: readonly Formula[];
  readonly defences: readonly Defence[];
  readonly market: MarketSpec;
  readonly attackFrom: number;
  /** Stake shares of coalitions and of single validators, millionths. */
  readonly coalitionSharesPpm: readonly number[];
  readonly singleSharesPpm: readonly number[];
}

/** Every attack against both formulas, without and with each countermeasure. */
export const STANDARD_PLAN: DrillPlan = {
  attacks: ATTACKS,
  formulas: ['yuma2', 'yuma3'],
  defences: DEFENCES,
  market: STANDARD_MARKET,
  attackFrom: 20,
  coalitionSharesPpm: [100_000, 200_000, 300_000, 400_000, 490_000, 510_000, 600_000],
  singleSharesPpm: [150_000],
};

export function plannedDrills(plan: DrillPlan): PlannedDrill[] {
  const { market, attackFrom } = plan;
  return plan.attacks.flatMap((attack) =>
    plan.formulas.flatMap((formula) =>
      sharesOf(attack, plan).flatMap((stakeSharePpm) =>
        plan.defences.map(({ names, countermeasures, revealPeriod }) => ({
          spec: {
            attack,
            market,
            formula,
            policy: { format: POLICY_FORMAT, countermeasures },
            revealPeriod,
            stakeSharePpm,
            attackFrom,
          },
          countermeasures: names,
        })),
      ),
    ),
  );
}

function sharesOf(attack: AttackName, plan: DrillPlan): readonly number[] {
  const { validators } = ATTACK_CATALOGUE[attack].intruders;
  if (validators === 0) return [0];
  return validators === 1 ? plan.singleSharesPpm : plan.coalitionSharesPpm;
}

export function drillLine({ spec, countermeasures }: PlannedDrill, machinery: PolicyMachinery): DrillLine {
  const result = runDrill(spec, machinery);
  return {
    attack: spec.attack,
    policy: spec.formula,
    countermeasures,
    stakeShare: result.stakeSharePpm / 1_000_000,
    minerEmissionShare: result.minerEmissionPpm / 1_000_000,
    validatorEmissionShare: result.validatorEmissionPpm / 1_000_000,
    dividendRatio: result.dividendRatioPpm / 1_000_000,
    honestMinersPaid: result.honestMinersPaidPpm / 1_000_000,
    abstentions: result.abstentions,
    evidence: result.evidence,
  };
}
