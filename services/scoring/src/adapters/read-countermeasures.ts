import { toJson } from '@bufbuild/protobuf';
import { readPolicy } from '@subnetes/policy/consensus-policy';
import { type Countermeasures, CountermeasuresSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { ScoringPolicy } from '#domain/policy.ts';

/**
 * Countermeasures as the ledger resolved them; nothing where it tells of none. They are read by the ranges of the epoch
 * itself: what breaks one would stop every epoch of the subnet, so it is named before any is run.
 */
export function countermeasuresOf(
  message: Countermeasures | undefined,
): Pick<ScoringPolicy, 'countermeasures'> | { readonly fault: string } {
  if (message === undefined) return {};
  // Members have the names of the rules; a list without entries is left out, which the ranges refuse.
  const read = readPolicy({ format: 1, countermeasures: toJson(CountermeasuresSchema, message) });
  if ('faults' in read)
    return { fault: read.faults.map(({ member, message: words }) => `${member}: ${words}`).join('; ') };
  const { countermeasures } = read.policy;
  return countermeasures === undefined || Object.keys(countermeasures).length === 0 ? {} : { countermeasures };
}
