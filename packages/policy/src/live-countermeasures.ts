import { FUEL_DEFAULT } from '@subnetes/incentive/limits';
import { type ConsensusPolicy, type Countermeasures, POLICY_FORMAT, readPolicy } from './consensus-policy.ts';
import { isRecord, type PolicyFault, shapeFault, unknownFaults } from './ranges.ts';
import { JUDGED_BY_SOME, RECOMMENDED } from './recommended.ts';

/** What a market can switch on. */
export type LiveCountermeasures = Countermeasures;

/** As an owner writes it: members that are left out of a rule are the recommended ones. */
export type CountermeasuresDraft = {
  readonly [Rule in keyof LiveCountermeasures]?: Partial<NonNullable<LiveCountermeasures[Rule]>>;
};

/** In the order in which they act. */
export const LIVE_COUNTERMEASURES = [
  'firewall',
  'assignment',
  'boundedScores',
  'qualityFloor',
  'incentiveCurve',
  'reputation',
  'incentiveFunction',
  'deviation',
] as const satisfies readonly (keyof LiveCountermeasures)[];

/** What members that an owner leaves out of a rule are. Which module divides nobody can choose for an owner. */
export const RULE_DEFAULTS: Required<Omit<LiveCountermeasures, 'incentiveFunction'>> = {
  ...RECOMMENDED,
  assignment: JUDGED_BY_SOME,
};

export type Resolved =
  | { readonly countermeasures: LiveCountermeasures | undefined }
  | { readonly faults: readonly PolicyFault[] };

/**
 * Decides what an owner left open, and checks the result by the ranges that the epoch itself holds to. Undefined when
 * nothing is on, so that a policy without countermeasures is written, and hashed, as if there were none to choose from.
 */
export function resolveCountermeasures(draft: unknown): Resolved {
  if (draft === undefined) return { countermeasures: undefined };
  if (!isRecord(draft)) return { faults: [shapeFault('countermeasures', 'an object')] };
  const unknown = unknownFaults('countermeasures', draft, LIVE_COUNTERMEASURES);
  if (unknown.length > 0) return { faults: unknown };
  const chosen = LIVE_COUNTERMEASURES.flatMap((name) =>
    draft[name] === undefined ? [] : [[name, draft[name]] as const],
  );
  if (chosen.length === 0) return { countermeasures: undefined };
  const resolved = Object.fromEntries(chosen.map(([name, own]) => [name, withRecommended(name, own)]));
  const read = readPolicy({ format: POLICY_FORMAT, countermeasures: resolved });
  return 'faults' in read ? read : { countermeasures: read.policy.countermeasures };
}

/** The policy of a market's epochs: its consensus is in the epoch's parameters already. */
export function livePolicy(countermeasures: LiveCountermeasures | undefined): ConsensusPolicy {
  return countermeasures === undefined ? { format: POLICY_FORMAT } : { format: POLICY_FORMAT, countermeasures };
}

function withRecommended(name: keyof LiveCountermeasures, own: unknown): unknown {
  if (!isRecord(own)) return own; // which the ranges refuse
  const given = Object.entries(own).filter(([, value]) => value !== undefined && !isEmptyList(value));
  if (name === 'incentiveFunction') return functionRules(given);
  return { ...RULE_DEFAULTS[name], ...Object.fromEntries(given) };
}

/** Which module it is nobody can recommend. A wire tells `passWeights: false`, which is written as nothing. */
function functionRules(given: readonly (readonly [string, unknown])[]): unknown {
  const own = given.filter(([member, value]) => member !== 'passWeights' || value !== false);
  return { fuel: FUEL_DEFAULT, ...Object.fromEntries(own) };
}

/** A wire cannot tell a list without entries from one that was left out. */
function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
