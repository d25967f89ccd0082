import { BURNED, poolOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { needPool, type OpenPool, putPool } from './pool.ts';
import { type Quote, quoteSwap, type SwapTerms } from './quote.ts';
import { tokenOf } from './token-terms.ts';

/** What a wallet orders at a pool. Amounts in smallest units. */
export type PoolOrder =
  | ({ readonly type: 'SwapBuy'; readonly amount: bigint } & SwapBounds)
  /** No amount: all that the wallet has. */
  | ({ readonly type: 'SwapSell'; readonly amount: bigint | undefined } & SwapBounds)
  | { readonly type: 'TransferAlpha'; readonly netuid: number; readonly to: string; readonly amount: bigint };

export function isPoolOrder(order: { readonly type: string }): order is PoolOrder {
  return order.type === 'SwapBuy' || order.type === 'SwapSell' || order.type === 'TransferAlpha';
}

interface SwapBounds extends Pick<SwapTerms, 'minOut' | 'limitPrice' | 'allowPartial'> {
  readonly netuid: number;
}

/** Rao that a swap moves at least, unless it sells all that a wallet has. As on the chain: DefaultMinStake. */
export const SWAP_MIN = 2_000_000n;

/** Answers what the journal tells of the order. */
export function carryOutAtPool(
  ledger: Ledger,
  wallet: string,
  order: PoolOrder,
): Decision<Record<string, string | number | bigint>> {
  const subnet = ledger.subnet(order.netuid);
  if (subnet?.dissolution !== undefined && subnet.dissolution.phase !== 'Announced') {
    return refuse('SUBNET_DISSOLVING', `subnet ${subnet.handle} ends: whoever holds its token is paid for it`);
  }
  if (order.type !== 'TransferAlpha') return swap(ledger, wallet, order);
  const { netuid, to, amount } = order;
  const pool = needPool(ledger, netuid);
  if (!pool.ok) return pool;
  const paid = ledger.book.pay({ asset: tokenOf(netuid), from: wallet, parts: [{ to, amount }] });
  return paid.ok ? accept({ netuid, to, amount }) : paid;
}

type SwapOrder = Exclude<PoolOrder, { readonly type: 'TransferAlpha' }>;

function swap(ledger: Ledger, wallet: string, order: SwapOrder): Decision<Record<string, string | number | bigint>> {
  const pool = needPool(ledger, order.netuid);
  if (!pool.ok) return pool;
  const terms = swapTermsOf(ledger, wallet, order);
  if (!terms.ok) return terms;
  const quoted = quoteSwap(pool.value, terms.value);
  if (!quoted.ok) return quoted;
  const quote = quoted.value;
  const { side } = quote;
  if (side === 'sell' && quote.out < SWAP_MIN && quote.paid < ledger.book.posted(tokenOf(order.netuid), wallet)) {
    return refuse('SWAP_TOO_SMALL', `${quote.out} rao are less than ${SWAP_MIN}: sell more, or all of it`);
  }
  const moved = move(ledger, wallet, pool.value, quote);
  if (!moved.ok) return moved;
  const tao = side === 'buy' ? quote.paid : quote.out;
  const { record } = pool.value;
  putPool(ledger, {
    ...record,
    traded: record.traded + (side === 'buy' ? tao : -tao),
    moved: (record.moved ?? 0n) + tao,
    volume: record.volume + tao,
  });
  const { paid, fee, out, priceBefore, priceAfter } = quote;
  return accept({ netuid: order.netuid, paid, fee, out, priceBefore, priceAfter });
}

/** The terms of an order, once it has bounds and moves something. */
function swapTermsOf(ledger: Ledger, wallet: string, order: SwapOrder): Decision<SwapTerms> {
  const { type, netuid, minOut, limitPrice, allowPartial } = order;
  if (minOut === undefined && limitPrice === undefined) {
    return refuse('SLIPPAGE_UNBOUNDED', 'name the least that the swap has to bring, or a limit price, or both');
  }
  const side = type === 'SwapBuy' ? 'buy' : 'sell';
  const amount = order.amount ?? ledger.book.spendable(tokenOf(netuid), wallet);
  if (amount <= 0n) return refuse('INSUFFICIENT_FUNDS', `${wallet} has nothing of ${tokenOf(netuid)} to sell`);
  if (side === 'buy' && amount < SWAP_MIN) {
    return refuse('SWAP_TOO_SMALL', `a swap moves ${SWAP_MIN} rao at least, not ${amount}`);
  }
  return accept({
    side,
    amount,
    allowPartial,
    ...(minOut === undefined ? {} : { minOut }),
    ...(limitPrice === undefined ? {} : { limitPrice }),
  });
}

function move(ledger: Ledger, wallet: string, { record, terms }: OpenPool, quote: Quote): Decision<bigint> {
  const { netuid } = record;
  const { side, paid, fee, out } = quote;
  const account = poolOf(netuid);
  const [given, taken] = side === 'buy' ? [ledger.asset, tokenOf(netuid)] : [tokenOf(netuid), ledger.asset];
  const burned = terms.feeTo === 'Burned' ? fee : 0n;
  const parts = [{ to: account, amount: paid - burned }, ...(burned === 0n ? [] : [{ to: BURNED, amount: burned }])];
  const came = ledger.book.pay({ asset: given, from: wallet, parts });
  return came.ok ? ledger.book.pay({ asset: taken, from: account, parts: [{ to: wallet, amount: out }] }) : came;
}
