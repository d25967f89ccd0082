import { U64F64 } from '../src/number-form.ts';
import {
  alphaForTao,
  feeOnTop,
  inputToPrice,
  type Pool,
  priceOf,
  remainingShare,
  type Side,
  WEIGHT_ONE,
} from '../src/pool-balancer.ts';
import { mostAlphaIn, mostTaoIn, payoutByProduct } from '../src/pool-product.ts';
import { tradeIn } from '../src/pool-swap.ts';
import { quoteWeightAfter } from '../src/pool-weights.ts';
import { CaseMalformed, integer, type Json, type JsonObject, number, string } from './vector-case.ts';

/** Evaluators of the kinds about pools and swaps. */
export const POOL_KINDS: { readonly [kind: string]: (item: JsonObject) => Json } = {
  'swap-product': (item) =>
    payoutByProduct({
      reserveIn: integer(item['reserve_in']),
      reserveOut: integer(item['reserve_out']),
      amount: integer(item['amount']),
    }),
  'swap-limit-product': (item) => {
    const trade = {
      tao: integer(item['tao']),
      alpha: integer(item['alpha']),
      limitPrice: integer(item['limit_rao']),
    };
    return sideOf(item) === 'buy' ? mostTaoIn(trade) : mostAlphaIn(trade);
  },
  'balancer-price': (item) => decimalOf(priceOf(poolOf(item))),
  'balancer-exp': (item) => {
    const reserve = integer(item['reserve']);
    const pool = { tao: reserve, alpha: reserve, quoteWeight: weightOf(item) };
    return decimalOf(remainingShare(pool, sideOf(item), integer(item['delta'])));
  },
  'balancer-swap': (item) => {
    const order = { side: sideOf(item), amount: integer(item['amount']), feeU16: number(item['fee_u16']) };
    const trade = tradeIn(poolOf(item), order);
    if (!trade.ok) return trade.message;
    return [trade.payout, trade.fee];
  },
  'balancer-limit': (item) => {
    const input = inputToPrice(sideOf(item), {
      reserve: integer(item['reserve']),
      quoteWeight: weightOf(item),
      from: U64F64.fromDecimal(number(item['price_from'])),
      to: U64F64.fromDecimal(number(item['price_to'])),
    });
    return input + feeOnTop(input, number(item['fee_u16']));
  },
  'balancer-needed': (item) => alphaForTao(poolOf(item), integer(item['tao_out'])) ?? null,
  'balancer-weights': (item) => {
    const added = { tao: integer(item['tao_delta']), alpha: integer(item['alpha_delta']) };
    const weight = quoteWeightAfter(poolOf(item), added);
    return weight === undefined ? 'out of bounds' : Number(weight) / Number(WEIGHT_ONE);
  },
};

const decimalOf = (value: bigint): number => Number(value) / 2 ** 64;

function poolOf(item: JsonObject): Pool {
  return { tao: integer(item['tao']), alpha: integer(item['alpha']), quoteWeight: weightOf(item) };
}

/** Weights stand in the cases as decimals, the nearest to a count of 10^-18. */
function weightOf(item: JsonObject): bigint {
  return BigInt(Math.round(number(item['weight_quote']) * Number(WEIGHT_ONE)));
}

function sideOf(item: JsonObject): Side {
  const side = string(item['side']);
  if (side !== 'buy' && side !== 'sell') throw new CaseMalformed(`side ${side}`);
  return side;
}
