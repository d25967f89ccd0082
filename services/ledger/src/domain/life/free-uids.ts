import type { Ledger } from '../economy/ledger.ts';
import type { Subnet } from '../economy/subnet.ts';

/** Places of a subnet that nobody has, ascending. */
export function freeUids(ledger: Ledger, { netuid, active }: Pick<Subnet, 'netuid' | 'active'>): readonly number[] {
  const used = new Set(ledger.neuronsOf(netuid).map(({ uid }) => uid));
  const { maxUids } = active.policy.hyperparameters;
  return Array.from({ length: maxUids }, (_, uid) => uid).filter((uid) => !used.has(uid));
}
