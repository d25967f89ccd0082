import { type Decision } from '../book/refusal.ts';
import type { Ledger } from './ledger.ts';
import {
  createHold,
  holdKey,
  type HoldRequest,
  postHold,
  postKey,
  type PostRequest,
  submitTransfer,
  transferKey,
  type TransferRequest,
  voidHold,
} from './money-orders.ts';
import type { MoneyOrderDone } from './once.ts';
import { reversedKey, type OriginalEntry, reverseEntry, reverseKey, type ReverseRequest } from './reverse-entry.ts';

/** One order of billing's, whatever it moves. */
export type MoneyOrder =
  | { readonly type: 'Transfer'; readonly request: TransferRequest }
  | { readonly type: 'Hold'; readonly request: HoldRequest }
  | { readonly type: 'Post'; readonly request: PostRequest }
  | { readonly type: 'Void'; readonly request: { readonly id: string } }
  | { readonly type: 'Reverse'; readonly request: ReverseRequest; readonly original: OriginalEntry };

/** The idempotency key that an order takes; a void takes none of its own. */
export function keyOf({ type, request }: MoneyOrder): string {
  switch (type) {
    case 'Transfer':
      return transferKey(request.id);
    case 'Hold':
    case 'Void':
      return holdKey(request.id);
    case 'Post':
      return postKey(request.id);
    case 'Reverse':
      return reverseKey(request.id);
  }
}

/** All keys that an order looks for. */
export function keysOf(order: MoneyOrder): readonly string[] {
  switch (order.type) {
    case 'Post':
      return [keyOf(order), holdKey(order.request.holdId)];
    case 'Reverse':
      return [keyOf(order), order.request.reverses, reversedKey(order.request.reverses)];
    case 'Transfer':
    case 'Hold':
    case 'Void':
      return [keyOf(order)];
  }
}

/** Accounts that an order pays, which have to be ones that may be paid. */
export function payeesOf(order: MoneyOrder): readonly string[] {
  switch (order.type) {
    case 'Transfer':
      return [order.request.to];
    case 'Post':
      return order.request.parts.map(({ to }) => to);
    case 'Hold':
    case 'Void':
    case 'Reverse':
      return [];
  }
}

/** `key`: as `keyOf` makes it, where it is at hand; a text that is made again has to be hashed again. */
export function carryOutOrder(ledger: Ledger, order: MoneyOrder, key = keyOf(order)): Decision<MoneyOrderDone> {
  switch (order.type) {
    case 'Transfer':
      return submitTransfer(ledger, order.request, key);
    case 'Hold':
      return createHold(ledger, order.request, key);
    case 'Post':
      return postHold(ledger, order.request, key);
    case 'Void':
      return voidHold(ledger, order.request.id);
    case 'Reverse':
      return reverseEntry(ledger, order.request, order.original);
  }
}
