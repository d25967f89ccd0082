import type { NetworkChanges } from '../gen/subnetes/ledger/v1/governance_pb.ts';

/** What a proposal changes of the network, for a list: plain values as `name=value`, the rest by name. */
export function changedRules({ $typeName: _type, $unknown: _unknown, ...changes }: NetworkChanges): readonly string[] {
  return Object.entries(changes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => (typeof value === 'object' ? name : `${name}=${value}`));
}
