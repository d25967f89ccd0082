import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import {
  createHold,
  holdKey,
  isCreditable,
  type MoneyOrderDone,
  type PostRequest,
  postHold,
  postKey,
  submitTransfer,
  transferKey,
  type TransferRequest,
  voidHold,
} from '#domain/economy/money-orders.ts';
import type { Hold } from '#domain/book/hold.ts';
import { isWallet } from './read-signed.ts';
import type { Sequencer } from './sequencer.ts';

export type MoneyResult = Decision<MoneyOrderDone>;

/** Billing's orders. Each item of a batch stands for itself; all of a call share a commit as far as it holds them. */
export function makeMoveMoney(ports: { readonly sequencer: Sequencer }) {
  const { sequencer } = ports;
  return {
    transfer: async (request: TransferRequest): Promise<MoneyResult> => {
      const payable = checkPayees([request]);
      if (!payable.ok) return payable;
      return sequencer.submit({ keys: [transferKey(request.id)], run: (ledger) => submitTransfer(ledger, request) });
    },
    createHold: (request: Pick<Hold, 'id' | 'account' | 'amount' | 'expiresAtBlock'>): Promise<MoneyResult> =>
      sequencer.submit({ keys: [holdKey(request.id)], run: (ledger) => createHold(ledger, request) }),
    postHold: async (request: PostRequest): Promise<MoneyResult> => {
      const payable = checkPayees(request.parts);
      if (!payable.ok) return payable;
      const keys = [postKey(request.id), holdKey(request.holdId)];
      return sequencer.submit({ keys, run: (ledger) => postHold(ledger, request) });
    },
    voidHold: (id: string): Promise<MoneyResult> =>
      sequencer.submit({ keys: [holdKey(id)], run: (ledger) => voidHold(ledger, id) }),
  };
}

export type MoveMoney = ReturnType<typeof makeMoveMoney>;

function checkPayees(parts: readonly { readonly to: string }[]): Decision<undefined> {
  const stranger = parts.find(({ to }) => !isCreditable(to, isWallet));
  return stranger === undefined
    ? accept(undefined)
    : refuse(
        'INVALID_ARGUMENT',
        `${stranger.to} is neither an SS58 address with prefix 42 nor an account of the system`,
      );
}
