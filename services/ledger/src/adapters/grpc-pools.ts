import { invalidField } from '@subnetes/proto/rpc-error';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { CurveType, type Pools, SwapSide } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import { positiveRao } from '#application/positive-rao.ts';
import { readBounds } from '#application/read-pool-order.ts';
import type { Sequencer } from '#application/sequencer.ts';
import type { SignatureLane } from '#application/signature-lane.ts';
import { type Decision, accept } from '#domain/book/refusal.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { needPool } from '#domain/pools/pool.ts';
import { holdingsOf, type PoolView, poolView, poolViews } from '#domain/pools/pool-view.ts';
import { type Quote, quoteSwap } from '#domain/pools/quote.ts';
import { tokenOf } from '#domain/pools/token-terms.ts';
import { callerOf } from './caller.ts';
import { accountField, netuidField } from './grpc-fields.ts';
import { answered, type CountRefusal, valueOf } from './grpc-refusals.ts';
import { moneyToWire } from './wire.ts';

export interface PoolPorts {
  readonly sequencer: Sequencer;
  /** A quote at a limit price takes some milliseconds, and everybody may ask for one. */
  readonly quotes: SignatureLane;
  readonly countRefusal: CountRefusal;
}

const PPM_MAX = 2 ** 32 - 1;

/** The whole service `subnetes.ledger.v1.Pools`; all of it is committed state. */
export function poolHandlers({ sequencer, quotes, countRefusal }: PoolPorts): RpcHandlers<typeof Pools> {
  const read = <T>(query: (ledger: Ledger) => T): Promise<T> => answered(sequencer.read(query));
  const decide = <T>(query: (ledger: Ledger) => Decision<T>): Promise<T> =>
    valueOf(sequencer.read(query), countRefusal);
  return {
    getPool: ({ netuid }) =>
      decide((ledger) => {
        const pool = needPool(ledger, netuidField(netuid));
        return pool.ok ? accept(poolToWire(ledger, poolView(ledger, pool.value))) : pool;
      }),
    listPools: () =>
      read((ledger) => ({
        pools: poolViews(ledger).map((view) => poolToWire(ledger, view)),
        block: BigInt(ledger.block),
      })),
    quoteSwap: async (request, call) => {
      const netuid = netuidField(request.netuid);
      const side = sideField(request.side);
      const amount = positiveRao(request.amount);
      const bounds = readBounds({ minOut: request.minOut, limitPrice: request.limitPriceRao });
      const found = await read((ledger) => ({
        pool: needPool(ledger, netuid),
        asset: ledger.asset,
        block: ledger.block,
      }));
      const quote = quotes.verify(callerOf(call), () => {
        if (!amount.ok) return amount;
        if (!bounds.ok) return bounds;
        if (!found.pool.ok) return found.pool;
        const { allowPartial } = request;
        return quoteSwap(found.pool.value, { side, amount: amount.value, allowPartial, ...bounds.value });
      });
      return quoteToWire(await valueOf(quote, countRefusal), { ...found, netuid });
    },
    listHoldings: async ({ account: name }) => {
      const account = accountField('account', name);
      return read((ledger) => ({
        holdings: holdingsOf(ledger, account).map(({ netuid, token, units, worth }) => ({
          netuid,
          units: moneyToWire(token, units),
          worth: moneyToWire(ledger.asset, worth),
        })),
        block: BigInt(ledger.block),
      }));
    },
  };
}

function sideField(side: SwapSide): 'buy' | 'sell' {
  if (side === SwapSide.BUY) return 'buy';
  if (side === SwapSide.SELL) return 'sell';
  throw invalidField('side', 'must be SWAP_SIDE_BUY or SWAP_SIDE_SELL');
}

function poolToWire(ledger: Ledger, view: PoolView) {
  const { netuid, handle, token, feeU16 } = view;
  return {
    netuid,
    handle,
    token,
    type: view.type === 'Balancer' ? CurveType.BALANCER : CurveType.PRODUCT,
    feeU16,
    feeBurned: view.feeTo === 'Burned',
    taoReserve: moneyToWire(ledger.asset, view.taoReserve),
    alphaReserve: moneyToWire(token, view.alphaReserve),
    quoteWeight: view.quoteWeight.toString(),
    priceRao: view.price.toString(),
    movingPriceRao: view.movingPrice.toString(),
    alphaIssued: moneyToWire(token, view.alphaIssued),
    alphaProtocol: moneyToWire(token, view.alphaProtocol),
    alphaBurned: moneyToWire(token, view.alphaBurned),
    volumeRao: view.volume.toString(),
    block: BigInt(ledger.block),
  };
}

function quoteToWire(
  quote: Quote,
  { netuid, asset, block }: { readonly netuid: number; readonly asset: string; readonly block: number },
) {
  const { side, paid, fee, out, isPartial, priceBefore, priceAfter, impactPpm, slippagePpm } = quote;
  const [given, taken] = side === 'buy' ? [asset, tokenOf(netuid)] : [tokenOf(netuid), asset];
  return {
    paid: moneyToWire(given, paid),
    fee: moneyToWire(given, fee),
    out: moneyToWire(taken, out),
    partial: isPartial,
    priceBeforeRao: priceBefore.toString(),
    priceAfterRao: priceAfter.toString(),
    impactPpm: Math.min(impactPpm, PPM_MAX),
    slippagePpm,
    block: BigInt(block),
  };
}
