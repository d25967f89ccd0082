import type { MessageInitShape } from '@bufbuild/protobuf';
import type { CountermeasuresSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { SubnetPolicy } from '#domain/subnet/subnet.ts';
import { COUNTERMEASURE_MEMBERS, namesOf } from '#domain/subnet/countermeasures.ts';

/**
 * `spec.policy.countermeasures` as the ledger takes it: the members that are known, under the same names; and the incentive
 * function, which it takes to be one of them. Nothing where nothing is on, for that is the same policy.
 */
export function countermeasuresMessage({
  countermeasures,
  incentiveFunction,
}: Pick<SubnetPolicy, 'countermeasures' | 'incentiveFunction'>):
  | MessageInitShape<typeof CountermeasuresSchema>
  | undefined {
  const on = countermeasures === undefined ? [] : namesOf(countermeasures);
  if (on.length === 0 && incentiveFunction === undefined) return undefined;
  const rules = on.map((name) => [name, known(countermeasures?.[name] ?? {}, COUNTERMEASURE_MEMBERS[name])]);
  return {
    ...Object.fromEntries(rules),
    ...(incentiveFunction === undefined ? {} : { incentiveFunction: known(incentiveFunction, FUNCTION_MEMBERS) }),
  };
}

/** Where the bytes come from is the cluster's affair. */
const FUNCTION_MEMBERS = ['sha256', 'fuel', 'passWeights'];

function known(rule: object, members: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(rule).filter(([member, value]) => members.includes(member) && value !== undefined),
  );
}
