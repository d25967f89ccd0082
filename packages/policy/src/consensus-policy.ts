import type { EpochParameters, Formula } from '@subnetes/consensus/epoch-types';
import { canonicalJson, toStored } from '@subnetes/consensus/epoch-json';
import { U16_MAX } from '@subnetes/consensus/fixed';
import { ASSIGNMENT_RANGES, type AssignmentRules } from './assignment.ts';
import { BOUNDED_SCORES_RANGES, type BoundedScoresRules } from './bounded-scores.ts';
import { deviationFaults, type DeviationRules } from './deviation.ts';
import { FIREWALL_RANGES, type FirewallRules } from './firewall-rules.ts';
import { incentiveCurveFaults, type IncentiveCurveRules } from './incentive-curve.ts';
import { incentiveFunctionFaults, type IncentiveFunctionRules } from './incentive-function.ts';
import { PPM } from './ppm.ts';
import { QUALITY_FLOOR_RANGES, type QualityFloorRules } from './quality-floor.ts';
import {
  contradiction,
  integerFaults,
  isRecord,
  type PolicyFault,
  type Range,
  rangeFaults,
  type Ranges,
  shapeFault,
  unknownFaults,
} from './ranges.ts';
import { REPUTATION_RANGES, type ReputationRules } from './reputation.ts';
import { hexOf, type Sha256 } from './sha256.ts';

export const POLICY_FORMAT = 1;

/** The consensus that a policy asks for; what is left out stays as the epoch's parameters say. */
export interface YumaChoice {
  readonly formula?: Formula;
  readonly kappaU16?: number;
  readonly bondsPenaltyU16?: number;
  readonly bondsMovingAveragePpm?: number;
  readonly liquidAlpha?: NonNullable<EpochParameters['liquidAlpha']>;
}

/** What stands around the epoch; what is left out is off. In the order in which it acts. */
export interface Countermeasures {
  readonly firewall?: FirewallRules;
  readonly assignment?: AssignmentRules;
  readonly boundedScores?: BoundedScoresRules;
  readonly qualityFloor?: QualityFloorRules;
  readonly incentiveCurve?: IncentiveCurveRules;
  readonly reputation?: ReputationRules;
  readonly incentiveFunction?: IncentiveFunctionRules;
  readonly deviation?: DeviationRules;
}

/** A plain value of integers and names: its canonical JSON is stored, and hashed to name it. */
export interface ConsensusPolicy {
  readonly format: typeof POLICY_FORMAT;
  readonly yuma?: YumaChoice;
  readonly countermeasures?: Countermeasures;
}

/** Nothing around the epoch: results are those of `runEpoch`, to the bit. */
export const PLAIN_POLICY: ConsensusPolicy = { format: POLICY_FORMAT };

const FORMULAS: readonly Formula[] = ['yuma2', 'yuma2-liquid', 'yuma3', 'yuma3-liquid'];
const U16: Range = { min: 0, max: U16_MAX };
const YUMA_RANGES: Readonly<Record<string, Range>> = {
  kappaU16: U16,
  bondsPenaltyU16: U16,
  bondsMovingAveragePpm: { min: 0, max: PPM },
};
const LIQUID_RANGES: Ranges<NonNullable<EpochParameters['liquidAlpha']>> = {
  lowU16: U16,
  highU16: U16,
  steepnessHundredths: { min: -32_768, max: 32_767 },
};

const COUNTERMEASURES: Readonly<
  Record<keyof Countermeasures, (member: string, value: unknown) => readonly PolicyFault[]>
> = {
  firewall: firewallFaults,
  assignment: (member, value) => integerFaults(member, value, ASSIGNMENT_RANGES),
  boundedScores: (member, value) => integerFaults(member, value, BOUNDED_SCORES_RANGES),
  qualityFloor: (member, value) => integerFaults(member, value, QUALITY_FLOOR_RANGES),
  incentiveCurve: incentiveCurveFaults,
  reputation: reputationFaults,
  incentiveFunction: incentiveFunctionFaults,
  deviation: deviationFaults,
};

/** A policy from outside, or everything that is wrong with it. */
export function readPolicy(
  value: unknown,
): { readonly policy: ConsensusPolicy } | { readonly faults: readonly PolicyFault[] } {
  const faults = policyFaults(value);
  return faults.length === 0 ? { policy: value as ConsensusPolicy } : { faults };
}

/** sha256 of the policy's canonical JSON, hex: equal for policies that say the same. */
export function policySha256(policy: ConsensusPolicy, sha256: Sha256): string {
  return hexOf(sha256(new TextEncoder().encode(canonicalJson(toStored(policy)))));
}

/** The parameters of the epoch with what the policy chooses instead. */
export function chosenParameters(parameters: EpochParameters, yuma: YumaChoice | undefined): EpochParameters {
  return yuma === undefined ? parameters : { ...parameters, ...yuma };
}

function policyFaults(value: unknown): readonly PolicyFault[] {
  if (!isRecord(value)) return [shapeFault('', 'an object')];
  if (value['format'] !== POLICY_FORMAT) return [shapeFault('format', `${POLICY_FORMAT}`)];
  return [
    ...unknownFaults('', value, ['format', 'yuma', 'countermeasures']),
    ...(value['yuma'] === undefined ? [] : yumaFaults(value['yuma'])),
    ...(value['countermeasures'] === undefined ? [] : countermeasureFaults(value['countermeasures'])),
  ];
}

function yumaFaults(value: unknown): readonly PolicyFault[] {
  if (!isRecord(value)) return [shapeFault('yuma', 'an object')];
  const { formula, liquidAlpha, ...integers } = value;
  const given = Object.fromEntries(Object.entries(YUMA_RANGES).filter(([key]) => integers[key] !== undefined));
  return [
    ...unknownFaults('yuma', value, ['formula', 'liquidAlpha', ...Object.keys(YUMA_RANGES)]),
    ...Object.entries(given).flatMap(([key, range]) => rangeFaults(`yuma.${key}`, integers[key], range)),
    ...(formula === undefined || FORMULAS.some((known) => known === formula)
      ? []
      : [shapeFault('yuma.formula', `one of ${FORMULAS.join(', ')}`)]),
    ...(liquidAlpha === undefined ? [] : liquidFaults(liquidAlpha)),
  ];
}

function liquidFaults(value: unknown): readonly PolicyFault[] {
  const faults = integerFaults('yuma.liquidAlpha', value, LIQUID_RANGES);
  if (faults.length > 0 || !isRecord(value) || Number(value['lowU16']) <= Number(value['highU16'])) return faults;
  return [contradiction('yuma.liquidAlpha.lowU16', 'must not exceed highU16')];
}

function countermeasureFaults(value: unknown): readonly PolicyFault[] {
  if (!isRecord(value)) return [shapeFault('countermeasures', 'an object')];
  return [
    ...unknownFaults('countermeasures', value, Object.keys(COUNTERMEASURES)),
    ...Object.entries(COUNTERMEASURES).flatMap(([key, faultsOf]) =>
      value[key] === undefined ? [] : faultsOf(`countermeasures.${key}`, value[key]),
    ),
  ];
}

function firewallFaults(member: string, value: unknown): readonly PolicyFault[] {
  const faults = integerFaults(member, value, FIREWALL_RANGES);
  if (faults.length > 0 || !isRecord(value)) return faults;
  if (Number(value['othersMovedPpm']) > Number(value['staleWithinPpm'])) return [];
  return [
    contradiction(`${member}.othersMovedPpm`, 'must exceed staleWithinPpm, or nobody could be told from the others'),
  ];
}

function reputationFaults(member: string, value: unknown): readonly PolicyFault[] {
  const faults = integerFaults(member, value, REPUTATION_RANGES);
  if (faults.length > 0 || !isRecord(value) || Number(value['downPpm']) >= Number(value['upPpm'])) return faults;
  return [contradiction(`${member}.downPpm`, 'standing must not fall more slowly than it rises')];
}
