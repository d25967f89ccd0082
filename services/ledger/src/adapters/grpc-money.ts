import { invalidField } from '@subnetes/proto/rpc-error';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type {
  AccountChange as WireChange,
  AccountLimits,
  Ledger as LedgerService,
  MoneyOrder as WireOrder,
} from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { makeChangeAccount } from '#application/change-account.ts';
import { type LinkedOrder, makeMoveMoney, type MoneyResult } from '#application/move-money.ts';
import type { JournalStore } from '#application/ports.ts';
import type { Sequencer } from '#application/sequencer.ts';
import type { AccountChange } from '#domain/economy/account-orders.ts';
import type { MoneyOrder } from '#domain/economy/money-order.ts';
import type { Access } from './grpc-access.ts';
import { batchField, raoField } from './grpc-fields.ts';
import { holdOrder, postOrder, reversalOrder, transferOrder } from './grpc-money-fields.ts';
import { answered, type CountRefusal } from './grpc-refusals.ts';
import { inOrder } from './in-order.ts';
import { stateToWire } from './wire-accounts.ts';

export interface MoneyPorts {
  readonly sequencer: Sequencer;
  readonly store: JournalStore;
  /** Symbol of the network token. */
  readonly asset: string;
  readonly access: Access;
  readonly countRefusal: CountRefusal;
}

type Handlers = RpcHandlers<typeof LedgerService>;
type BillingHandlers = Pick<
  Handlers,
  | 'submitTransfers'
  | 'createHolds'
  | 'postHolds'
  | 'voidHolds'
  | 'submitMoneyOrders'
  | 'streamMoneyOrders'
  | 'changeAccounts'
>;

/** Batches of one stream that are carried out at once; the next one is read when the first of them is answered. */
const BATCHES_MAX = 8;

/** What billing does with the accounts that wallets fund. A refused item does not touch the others. */
export function billingHandlers(ports: MoneyPorts): BillingHandlers {
  const { access, asset } = ports;
  const moveMoney = makeMoveMoney(ports);
  const carryOut = async (orders: readonly LinkedOrder[]) => {
    const decided = await answered(moveMoney(orders));
    return { results: decided.map((result, at) => itemResult(ports, orders[at]?.order.request.id ?? '', result)) };
  };
  const single = (orders: readonly MoneyOrder[]) => carryOut(orders.map((order) => ({ order, linked: false })));
  const batch = async (orders: readonly WireOrder[]) => carryOut(batchField('orders', orders).map(linkedOrder(asset)));
  return {
    submitTransfers: async ({ transfers }, call) => {
      access.demand('billing', call);
      return single(
        batchField('transfers', transfers).map((transfer, at) => transferOrder(`transfers[${at}]`, transfer, asset)),
      );
    },
    createHolds: async ({ holds }, call) => {
      access.demand('billing', call);
      return single(batchField('holds', holds).map((hold, at) => holdOrder(`holds[${at}]`, hold, asset)));
    },
    postHolds: async ({ posts }, call) => {
      access.demand('billing', call);
      return single(batchField('posts', posts).map((post, at) => postOrder(`posts[${at}]`, post)));
    },
    voidHolds: async ({ holdIds }, call) => {
      access.demand('billing', call);
      return single(batchField('hold_ids', holdIds).map((id) => ({ type: 'Void', request: { id } })));
    },
    submitMoneyOrders: async ({ orders }, call) => {
      access.demand('billing', call);
      return batch(orders);
    },
    async *streamMoneyOrders(batches, call) {
      access.demand('billing', call);
      yield* inOrder(batches, BATCHES_MAX, ({ orders }) => batch(orders));
    },
    changeAccounts: accountChanges(ports),
  };
}

function accountChanges(ports: MoneyPorts): BillingHandlers['changeAccounts'] {
  const changeAccount = makeChangeAccount(ports);
  return async (request, call) => {
    const actor = ports.access.demandOneOf(['billing', 'operator'], call);
    const orders = batchField('changes', request.changes).map(({ id, account, change }, at) => ({
      id,
      account,
      actor,
      change: changeField(`changes[${at}]`, change),
    }));
    const decided = await answered(Promise.all(orders.map(changeAccount)));
    return { results: decided.map((result, at) => itemResult(ports, orders[at]?.id ?? '', result)) };
  };
}

function linkedOrder(asset: string) {
  return ({ order, linked }: WireOrder, at: number): LinkedOrder => ({
    linked,
    order: orderField(`orders[${at}]`, order, asset),
  });
}

function orderField(field: string, order: WireOrder['order'], asset: string): MoneyOrder {
  switch (order.case) {
    case 'transfer':
      return transferOrder(`${field}.transfer`, order.value, asset);
    case 'hold':
      return holdOrder(`${field}.hold`, order.value, asset);
    case 'post':
      return postOrder(`${field}.post`, order.value);
    case 'voidHoldId':
      return { type: 'Void', request: { id: order.value } };
    case 'reversal':
      return reversalOrder(`${field}.reversal`, order.value);
    case undefined:
      throw invalidField(field, 'holds no order');
  }
}

function changeField(field: string, change: WireChange['change']): AccountChange {
  switch (change.case) {
    case 'open': {
      const { owner, limits } = change.value;
      return { type: 'Open', owner: owner === '' ? null : owner, ...limitsField(`${field}.open.limits`, limits) };
    }
    case 'limits':
      return { type: 'Limits', ...limitsField(`${field}.limits`, change.value) };
    case 'frozen':
      return { type: 'Freeze', frozen: change.value };
    case 'close':
      return { type: 'Close', to: change.value.to === '' ? null : change.value.to };
    case undefined:
      throw invalidField(field, 'holds no change');
  }
}

function limitsField(field: string, limits: AccountLimits | undefined) {
  const limit = limits?.limitRao ?? '';
  return {
    floor: -raoField(`${field}.credit_rao`, limits?.creditRao ?? ''),
    limit: limit === '' ? null : raoField(`${field}.limit_rao`, limit),
  };
}

function itemResult(ports: MoneyPorts, id: string, result: MoneyResult) {
  if (!result.ok) {
    ports.countRefusal(result.code);
    return { id, ok: false, reason: result.code, message: result.message, field: result.field ?? '' };
  }
  const { sequence, remaining, repeated, after } = result.value;
  return {
    id,
    ok: true,
    sequence: BigInt(sequence),
    remainingRao: remaining.toString(),
    repeatedCall: repeated,
    after: after.map(stateToWire),
  };
}
