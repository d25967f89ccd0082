import type { MessageInitShape } from '@bufbuild/protobuf';
import type { CountermeasuresSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { COUNTERMEASURE_MEMBERS, type CountermeasuresSpec, namesOf } from '#domain/subnet/countermeasures.ts';

/**
 * `spec.policy.countermeasures` as the ledger takes it: the members that are known, under the same names. Nothing where
 * nothing is on, for the ledger takes that to be the same policy.
 */
export function countermeasuresMessage(
  spec: CountermeasuresSpec | undefined,
): MessageInitShape<typeof CountermeasuresSchema> | undefined {
  const on = spec === undefined ? [] : namesOf(spec);
  if (on.length === 0) return undefined;
  return Object.fromEntries(on.map((name) => [name, known(spec?.[name] ?? {}, COUNTERMEASURE_MEMBERS[name])]));
}

function known(rule: object, members: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(rule).filter(([member, value]) => members.includes(member) && value !== undefined),
  );
}
