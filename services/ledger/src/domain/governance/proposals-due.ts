import type { Ledger } from '../economy/ledger.ts';

/** Notes that a proposal's time comes with a block. */
export function addDue({ governance }: Ledger, block: number, id: number): void {
  governance.due.put(String(block), [...(governance.due.get(String(block)) ?? []), id]);
}

/** Takes the proposals whose time has come, at most so many; the others come first in the next block. */
export function takeDue({ governance, block }: Ledger, limit: number): readonly number[] {
  const ids = governance.due.get(String(block));
  if (ids === undefined) return [];
  governance.due.remove(String(block));
  const later = ids.slice(limit);
  if (later.length > 0) {
    const next = String(block + 1);
    governance.due.put(next, [...later, ...(governance.due.get(next) ?? [])]);
  }
  return ids.slice(0, limit);
}
