import { OutageError } from '@subnetes/runtime/errors';
import { accept, refuse, type Decision } from '../domain/refusal.ts';
import {
  checkLeaseRequest,
  holdExpiryBlock,
  isSameLease,
  ledgerAccountOf,
  type Lease,
  type LeaseRequest,
} from '../domain/lease.ts';
import { type BillingStore, type LedgerPort } from './ports.ts';

/** Other gateways may spend between reading the balance and reserving it; after this many tries there is nothing left. */
const TRIES_MAX = 3;

/**
 * Grants a lease: one hold at the ledger under the lease's id, for what was asked or what the account has left. The
 * same id with the same terms answers the same lease, whatever crashed in between.
 */
export function makeGrantLease(ports: { readonly store: BillingStore; readonly ledger: LedgerPort }) {
  return async function grantLease(request: LeaseRequest): Promise<Decision<Lease>> {
    const checked = checkLeaseRequest(request);
    if (!checked.ok) return checked;
    const account = await ports.store.readAccount(request.account);
    if (account === undefined) {
      return refuse('ACCOUNT_UNKNOWN', `there is no billing account ${request.account}: create it first`);
    }
    const { block, blockTimeMs } = await ports.ledger.clock();
    const lease = await ports.store.openLease({
      ...request,
      grantedRao: request.askedRao,
      expiresAtBlock: holdExpiryBlock(block, blockTimeMs),
      state: 'Granting',
    });
    if (!isSameLease(lease, request)) {
      return refuse('LEASE_TERMS_DIFFER', `lease ${request.leaseId} was asked for with other terms: choose another id`);
    }
    switch (lease.state) {
      case 'Open':
        return accept(lease);
      case 'Granting':
        return reserve(ports, lease);
      case 'Refused':
        return insufficient(lease);
      case 'Released':
      case 'Expired':
        return ended(lease);
    }
  };
}

async function reserve(
  { store, ledger }: { readonly store: BillingStore; readonly ledger: LedgerPort },
  asked: Lease,
): Promise<Decision<Lease>> {
  const account = ledgerAccountOf(asked.account);
  let lease = asked;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const hold = { holdId: lease.leaseId, account, amountRao: lease.grantedRao, expiresAtBlock: lease.expiresAtBlock };
    const created = await ledger.createHold(hold);
    if (created.ok) {
      const state = await store.finishGrant(lease.leaseId, 'Open');
      if (state === 'Open') return accept({ ...lease, state });
      // Whoever asked has given up and closed it meanwhile.
      await ledger.voidHolds([lease.leaseId]);
      return ended(lease);
    }
    if (created.reason !== 'INSUFFICIENT_FUNDS')
      throw new OutageError('ledger', `hold ${lease.leaseId}: ${created.message}`);
    const { postedRao, heldRao } = await ledger.balance(account);
    const spendable = postedRao - heldRao;
    if (spendable < 1n) break;
    if (spendable < lease.grantedRao) {
      await store.lowerLease(lease.leaseId, spendable);
      lease = { ...lease, grantedRao: spendable };
    }
  }
  await store.finishGrant(lease.leaseId, 'Refused');
  return insufficient(lease);
}

function ended(lease: Lease): Decision<never> {
  return refuse('LEASE_ENDED', `lease ${lease.leaseId} has ended: ask for a new one`);
}

function insufficient(lease: Lease): Decision<never> {
  const account = ledgerAccountOf(lease.account);
  return refuse('INSUFFICIENT_FUNDS', `billing account ${lease.account} has nothing left: transfer to ${account}`);
}
