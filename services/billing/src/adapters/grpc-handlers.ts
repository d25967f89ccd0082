import type { Account, Billing } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import type { CallContext, RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { unitsFromText } from '@subnetes/money/amount';
import { invalidField, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { AccountView, makeCreateAccount, makeReadAccount } from '../application/accounts.ts';
import type { makeGrantLease } from '../application/grant-lease.ts';
import type { makeListInvoices } from '../application/list-invoices.ts';
import type { BillingStore } from '../application/ports.ts';
import { LEASE_TTL_MS } from '../domain/lease.ts';
import { answering, valueOf } from './grpc-answers.ts';
import { invoiceOf } from './invoice-wire.ts';
import { modelPricesOf } from './price-board.ts';

export interface BillingHandlerDeps {
  readonly grantLease: ReturnType<typeof makeGrantLease>;
  readonly createAccount: ReturnType<typeof makeCreateAccount>;
  readonly readAccount: ReturnType<typeof makeReadAccount>;
  readonly listInvoices: ReturnType<typeof makeListInvoices>;
  readonly store: BillingStore;
  readonly asset: () => string;
  /** Whether a caller may take leases: gateways alone spend. */
  readonly mayLease: (call: CallContext) => boolean;
}

/** Billing over gRPC. */
export function billingHandlers(deps: BillingHandlerDeps): RpcHandlers<typeof Billing> {
  return {
    grantLease: (request, call) =>
      answering(async () => {
        if (!deps.mayLease(call)) {
          throw new RpcError({
            code: RpcCode.PERMISSION_DENIED,
            reason: 'NOT_A_GATEWAY',
            message: 'leases are for the serving-gateway: its certificate names it',
          });
        }
        const asked = unitsFromText(request.maxRao);
        if (!asked.ok) throw invalidField('max_rao', asked.message);
        const { leaseId, account, instance } = request;
        const lease = valueOf(await deps.grantLease({ leaseId, account, instance, askedRao: asked.value }));
        return {
          leaseId: lease.leaseId,
          account: lease.account,
          maxRao: lease.grantedRao.toString(),
          expiresAtBlock: lease.expiresAtBlock,
          ttlMs: LEASE_TTL_MS,
        };
      }),
    listPrices: () => answering(async () => ({ models: (await deps.store.latestPrices()).map(modelPricesOf) })),
    createAccount: ({ account, owner, displayName }) =>
      answering(async () =>
        accountOf(valueOf(await deps.createAccount({ account, owner, displayName })), deps.asset()),
      ),
    getAccount: ({ account }) =>
      answering(async () => accountOf(valueOf(await deps.readAccount(account)), deps.asset())),
    listInvoices: ({ account, page }) =>
      answering(async () => {
        const found = await deps.listInvoices(account, { size: page?.size ?? 0, token: page?.token ?? '' });
        const { invoices, nextPageToken } = valueOf(found);
        return { invoices: invoices.map(invoiceOf), nextPageToken };
      }),
  };
}

type AccountInit = Omit<Account, '$typeName' | '$unknown' | 'available' | 'held'> & {
  readonly available: { readonly asset: string; readonly amount: string };
  readonly held: { readonly asset: string; readonly amount: string };
};

function accountOf(view: AccountView, asset: string): AccountInit {
  const { account, owner, ledgerAccount, displayName } = view;
  return {
    account,
    owner,
    ledgerAccount,
    displayName,
    available: { asset, amount: view.availableRao.toString() },
    held: { asset, amount: view.heldRao.toString() },
  };
}
