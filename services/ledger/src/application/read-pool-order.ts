import type { WalletOrder as WireOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import type { PoolOrder } from '#domain/pools/swap.ts';
import { positiveRao } from './positive-rao.ts';
import { isWallet } from './read-signed.ts';

type PoolCase = Extract<WireOrder['order'], { readonly case: 'swapBuy' | 'swapSell' | 'transferAlpha' }>;

/** What a wallet orders at a pool, off the wire. */
export function readPoolOrder(order: PoolCase): Decision<PoolOrder> {
  switch (order.case) {
    case 'swapBuy': {
      const amount = positiveRao(order.value.amountRao);
      if (!amount.ok) return amount;
      const bounds = readBounds({ minOut: order.value.minOut, limitPrice: order.value.limitPriceRao });
      if (!bounds.ok) return bounds;
      const { netuid, allowPartial } = order.value;
      return accept({ type: 'SwapBuy', netuid, amount: amount.value, allowPartial, ...bounds.value });
    }
    case 'swapSell': {
      const amount = order.value.amount === '' ? accept(undefined) : positiveRao(order.value.amount);
      if (!amount.ok) return amount;
      const bounds = readBounds({ minOut: order.value.minOutRao, limitPrice: order.value.limitPriceRao });
      if (!bounds.ok) return bounds;
      const { netuid, allowPartial } = order.value;
      return accept({ type: 'SwapSell', netuid, amount: amount.value, allowPartial, ...bounds.value });
    }
    case 'transferAlpha': {
      const { netuid, to } = order.value;
      if (!isWallet(to)) return refuse('INVALID_ARGUMENT', 'to must be an SS58 address with prefix 42');
      const amount = positiveRao(order.value.amount);
      return amount.ok ? accept({ type: 'TransferAlpha', netuid, to, amount: amount.value }) : amount;
    }
  }
}

/** Bounds that were given; zero is none that anybody means. */
export function readBounds(given: {
  readonly minOut: string;
  readonly limitPrice: string;
}): Decision<{ readonly minOut?: bigint; readonly limitPrice?: bigint }> {
  const minOut = given.minOut === '' ? accept(undefined) : positiveRao(given.minOut);
  if (!minOut.ok) return minOut;
  const limitPrice = given.limitPrice === '' ? accept(undefined) : positiveRao(given.limitPrice);
  if (!limitPrice.ok) return limitPrice;
  return accept({
    ...(minOut.value === undefined ? {} : { minOut: minOut.value }),
    ...(limitPrice.value === undefined ? {} : { limitPrice: limitPrice.value }),
  });
}
