import type { BillingStore, LedgerPort, PriceBoard, SubnetTerms } from './ports.ts';

/**
 * Copies the prices in force from the ledger: first into the store, then onto the board, so that whatever a gateway
 * sold at can be rated later. Answers at once when nothing changed; a board that was lost is written anew.
 */
export function makeKeepPrices(ports: {
  readonly store: BillingStore;
  readonly ledger: LedgerPort;
  readonly board: PriceBoard;
}) {
  const published = new Map<number, bigint>();
  return async function keepPrices(): Promise<void> {
    if (!(await ports.board.isAsLeft())) published.clear();
    const subnets = await ports.ledger.subnets();
    for (const terms of subnets) {
      if (published.get(terms.netuid) === terms.policyVersion) continue;
      await ports.store.putPrices(terms);
      await ports.board.publish(terms);
      await keepPayees(ports, terms);
      published.set(terms.netuid, terms.policyVersion);
    }
  };
}

async function keepPayees(
  { store, ledger }: { readonly store: BillingStore; readonly ledger: LedgerPort },
  terms: SubnetTerms,
): Promise<void> {
  await store.putPayees(await ledger.owners(terms.netuid));
}
