import type { EpochParameters } from '@subnetes/consensus/epoch-types';
import { type Override, OVERRIDE_NAMES, overrideParameters, type ParameterChange } from '@subnetes/consensus/overrides';
import { LIVE_COUNTERMEASURES, type LiveCountermeasures, RULE_DEFAULTS } from './live-countermeasures.ts';

/** What stands around the consensus, as an override names it. */
const COUNTERMEASURES = 'countermeasures';
const OFF = 'off';

/** Names that an override of an epoch under a policy may have. */
export const POLICY_OVERRIDE_NAMES: readonly string[] = [...OVERRIDE_NAMES, COUNTERMEASURES];

/** What an override came to: of the consensus, or of what stands around it. */
export type PolicyChange = Omit<ParameterChange, 'parameter'> & {
  readonly parameter: ParameterChange['parameter'] | typeof COUNTERMEASURES;
};

export type OverriddenPolicy =
  | {
      readonly ok: true;
      readonly parameters: EpochParameters;
      readonly countermeasures: LiveCountermeasures | undefined;
      readonly changes: readonly PolicyChange[];
    }
  | { readonly ok: false; readonly at: number; readonly field: 'name' | 'value'; readonly message: string };

/**
 * An epoch's rules with some of them different: those of the consensus as `overrideParameters` reads them, and
 * `countermeasures`, which is `off` or names of rules: one that is on keeps its values, another takes the recommended ones
 * (an incentive function has none, so it can only be kept).
 */
export function overridePolicy(
  rules: { readonly parameters: EpochParameters; readonly countermeasures: LiveCountermeasures | undefined },
  overrides: readonly Override[],
): OverriddenPolicy {
  const own = overrides.flatMap((asked, at) => (asked.name === COUNTERMEASURES ? [{ asked, at }] : []));
  const others = overrides.flatMap((asked, at) => (asked.name === COUNTERMEASURES ? [] : [{ asked, at }]));
  const overridden = overrideParameters(
    rules.parameters,
    others.map(({ asked }) => asked),
  );
  if (!overridden.ok) return renumbered(overridden, others);
  const [first, second] = own;
  if (second !== undefined) {
    return { ok: false, at: second.at, field: 'name', message: `${COUNTERMEASURES} is set twice` };
  }
  const { parameters, changes } = overridden;
  if (first === undefined) return { ok: true, parameters, countermeasures: rules.countermeasures, changes };
  const chosen = chosenRules(first.asked.value, rules.countermeasures);
  if (typeof chosen === 'string') return { ok: false, at: first.at, field: 'value', message: chosen };
  const { countermeasures } = chosen;
  const change: PolicyChange = {
    parameter: COUNTERMEASURES,
    asked: first.asked,
    before: textOf(rules.countermeasures),
    after: textOf(countermeasures),
    floored: false,
  };
  return { ok: true, parameters, countermeasures, changes: [...changes, change] };
}

/** A refusal of the consensus's own reader, at the place where the caller wrote it. */
function renumbered(
  refusal: Extract<OverriddenPolicy, { ok: false }>,
  others: readonly { readonly asked: Override; readonly at: number }[],
): OverriddenPolicy {
  const other = others[refusal.at];
  const isUnknown = other !== undefined && !OVERRIDE_NAMES.includes(other.asked.name);
  const message = isUnknown ? `${refusal.message}, ${COUNTERMEASURES}` : refusal.message;
  return { ...refusal, at: other?.at ?? refusal.at, message };
}

function chosenRules(
  text: string,
  on: LiveCountermeasures | undefined,
): { readonly countermeasures: LiveCountermeasures | undefined } | string {
  if (text === OFF) return { countermeasures: undefined };
  const names = text.split(',');
  const isKnown = names.every((name) => LIVE_COUNTERMEASURES.some((known) => known === name));
  if (!isKnown)
    return `${COUNTERMEASURES}: off, or names out of ${LIVE_COUNTERMEASURES.join(', ')} with commas between`;
  if (names.includes('assignment') && on?.assignment === undefined) {
    return `${COUNTERMEASURES}: no judges were drawn for this epoch, so assignment can only be left out`;
  }
  if (names.includes('incentiveFunction') && on?.incentiveFunction === undefined)
    return `${COUNTERMEASURES}: the policy of this epoch names no incentiveFunction, and nobody can recommend one`;
  const chosen = LIVE_COUNTERMEASURES.filter((name) => names.includes(name));
  const values: LiveCountermeasures = { ...RULE_DEFAULTS, ...on };
  return { countermeasures: Object.fromEntries(chosen.map((name) => [name, values[name]])) };
}

function textOf(countermeasures: LiveCountermeasures | undefined): string {
  if (countermeasures === undefined) return OFF;
  return LIVE_COUNTERMEASURES.filter((name) => countermeasures[name] !== undefined).join(',');
}
