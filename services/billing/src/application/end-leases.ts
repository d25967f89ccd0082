import type { BillingStore, LedgerPort } from './ports.ts';

/** Leases that are ended in one pass. */
const END_BATCH = 500;

/**
 * Gives back what ended leases still reserve: those whose gateway closed them and whose usage is all settled, gaps
 * included, and those whose hold has reached its last block.
 */
export function makeEndLeases(ports: { readonly store: BillingStore; readonly ledger: LedgerPort }) {
  return async function endLeases(): Promise<void> {
    const complete = await ports.store.completeLeases(END_BATCH);
    if (complete.length > 0) await endAs('Released', complete, ports);
    const { block } = await ports.ledger.clock();
    const expired = await ports.store.expiredLeases(block, END_BATCH);
    // The ledger frees a hold at its last block by itself; voiding it too covers a hold that it does not know.
    if (expired.length > 0) await endAs('Expired', expired, ports);
  };
}

async function endAs(
  state: 'Released' | 'Expired',
  leaseIds: readonly string[],
  { store, ledger }: { readonly store: BillingStore; readonly ledger: LedgerPort },
): Promise<void> {
  const results = await ledger.voidHolds(leaseIds);
  const freed = leaseIds.filter((_, at) => {
    const result = results[at];
    return result !== undefined && (result.ok || result.reason === 'HOLD_UNKNOWN');
  });
  await store.endLeases(freed, state);
}
