import type { Billing as BillingService } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { RpcError } from '@subnetes/proto/rpc-error';
import type { Billing, NotGranted } from '../application/ports.ts';
import { refuse } from '../domain/refusal.ts';

const DEADLINE_MS = 3000;

/** Leases from billing; outages are refusals, since the request that waits for the lease has to be told something. */
export function billingClient(rpc: RpcClient<typeof BillingService>, instance: string): Billing {
  return {
    async grantLease({ leaseId, account, maxRao }) {
      const request = { leaseId, account, instance, maxRao: maxRao.toString() };
      try {
        const lease = await rpc.grantLease(request, { deadlineMs: DEADLINE_MS });
        return { ok: true, maxRao: BigInt(lease.maxRao), ttlMs: lease.ttlMs };
      } catch (error) {
        return refusalOf(error, account);
      }
    },
  };
}

function refusalOf(error: unknown, account: string): NotGranted {
  if (!(error instanceof RpcError)) throw error;
  switch (error.reason) {
    case 'INSUFFICIENT_FUNDS':
      return refuse('budget_exhausted', error.message);
    case 'ACCOUNT_UNKNOWN':
      return refuse('account_unknown', `there is no billing account '${account}'`);
    case 'LEASE_ENDED':
    case 'LEASE_TERMS_DIFFER':
      return unavailable();
    default:
      return { ...unavailable(), mayStand: true };
  }
}

function unavailable(): NotGranted {
  return refuse('billing_unavailable', 'billing does not answer, try again', { retryAfterSeconds: 1 });
}
