import { accept, type Decision } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Subnet } from '../economy/subnet.ts';
import { announcedSubnet, takeBack } from './dissolution.ts';
import { keepByPaying } from './prune-subnet.ts';

/** Money in rao. */
export interface KeepOrder {
  readonly netuid: number;
  /** Most that staying may cost, where a newcomer waits for the place. */
  readonly maxCost: bigint;
}

/** A subnet whose end is announced goes on: for nothing where its owner had announced it, else for what the newcomer has locked. */
export function keepSubnet(ledger: Ledger, owner: string, { netuid, maxCost }: KeepOrder): Decision<Subnet> {
  const found = announcedSubnet(ledger, owner, netuid);
  if (!found.ok) return found;
  if (found.value.dissolution?.newcomer !== undefined) return keepByPaying(ledger, found.value, maxCost);
  return accept(takeBack(ledger, found.value));
}
