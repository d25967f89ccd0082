import { readFileSync } from 'node:fs';
import { I96F32, U64F64, U96F32 } from '@subnetes/consensus/number-form';
import type { Side } from '@subnetes/consensus/pool-balancer';
import { expect, test } from 'vitest';
import { emissionSplit, splitEmission } from '#domain/economy/emission-split.ts';
import { type Curve, HALF_WEIGHT, mostIn, spotPrice, tradeOn } from '#domain/pools/curve.ts';
import { sharesByFlow } from '#domain/pools/flow.ts';
import { followPools } from '#domain/pools/follow-pools.ts';
import { injectionInto, weightAfter } from '#domain/pools/injection.ts';
import { quoteSwap } from '#domain/pools/quote.ts';
import { tokenOf } from '#domain/pools/token-terms.ts';
import { SWAP_MIN } from '#domain/pools/swap.ts';
import { done, put } from './ledger-state.ts';
import { buy, ledgerWithPool, poolIn, setPool } from './pool-state.ts';

/** The chain's own figures, out of the ledger's own rules. */
interface Item {
  readonly [name: string]: unknown;
}

function cases(name: string): readonly (readonly [item: Item, expected: unknown])[] {
  const url = new URL(`../../../../packages/consensus/test/vectors/${name}.json`, import.meta.url);
  const { inputs, expected } = JSON.parse(readFileSync(url, 'utf8')) as {
    readonly inputs: { readonly items: readonly Item[] };
    readonly expected: { readonly items: readonly unknown[] };
  };
  expect(inputs.items.length).toBeGreaterThan(0);
  return inputs.items.map((item, at) => [item, expected.items[at]]);
}

const big = (item: Item, name: string): bigint => BigInt(Number(item[name]));
const sideOf = (item: Item): Side => (item['side'] === 'buy' ? 'buy' : 'sell');
const weightOf = (item: Item): bigint => BigInt(Math.round(Number(item['weight_quote']) * 1e18));
const curveOf = (item: Item): Curve => ({
  type: 'Balancer',
  tao: big(item, 'tao'),
  alpha: big(item, 'alpha'),
  quoteWeight: weightOf(item),
});

test('prices of weighted pools', () => {
  for (const [item, expected] of cases('pool-balancer-price')) {
    expect(Number(spotPrice(curveOf(item))) / 2 ** 64).toBeCloseTo(Number(expected), 9);
  }
});

test('swaps in weighted pools: as quoted, and as carried out where they are large enough', () => {
  for (const [item, expected] of cases('pool-balancer-swaps')) {
    const ledger = ledgerWithPool({ feeU16: Number(item['fee_u16']) });
    setPool(ledger, { tao: big(item, 'tao'), alpha: big(item, 'alpha'), quoteWeight: weightOf(item) });
    const amount = big(item, 'amount');
    const quote = done(quoteSwap(poolIn(ledger), { side: sideOf(item), amount, allowPartial: false }));
    expect([Number(quote.out), Number(quote.fee)]).toEqual(expected);
    if (sideOf(item) !== 'buy' || amount < SWAP_MIN) continue;
    const burned = ledger.book.posted('TAO', 'burned');
    done(buy(ledger, amount));
    expect(ledger.book.posted(tokenOf(1), 'desk')).toBe(quote.out);
    expect(ledger.book.posted('TAO', 'burned') - burned).toBe(quote.fee);
  }
});

test('what a trade leaves of a reserve, by the weights', () => {
  for (const [item, expected] of cases('pool-balancer-exponents')) {
    const [reserve, other] = [big(item, 'reserve'), 10n ** 15n];
    const side = sideOf(item);
    const [tao, alpha] = side === 'buy' ? [reserve, other] : [other, reserve];
    const curve: Curve = { type: 'Balancer', tao, alpha, quoteWeight: weightOf(item) };
    const trade = tradeOn(curve, { side, amount: big(item, 'delta'), feeU16: 0 });
    const left = trade.ok ? 1 - Number(trade.payout) / Number(other) : Number.NaN;
    expect(Math.abs(left - Number(expected))).toBeLessThanOrEqual(1e-9);
  }
});

test('what has to be sold for an amount of TAO brings it, and a little less does not', () => {
  for (const [item, expected] of cases('pool-balancer-alpha-for-tao')) {
    const sold = (alpha: number): bigint => {
      const trade = tradeOn(curveOf(item), { side: 'sell', amount: BigInt(alpha), feeU16: 0 });
      return trade.ok ? trade.payout : 0n;
    };
    // The case allows one unit of the token, and a payout is floored: a unit of the token is worth up to three rao here.
    expect(sold(Number(expected) + 2)).toBeGreaterThanOrEqual(big(item, 'tao_out'));
    expect(sold(Number(expected) - 2)).toBeLessThan(big(item, 'tao_out'));
  }
});

test('what enters a weighted pool up to a limit price', () => {
  let checked = 0;
  for (const [item, expected] of cases('pool-balancer-limit-amounts')) {
    const reserve = big(item, 'reserve');
    if (reserve < 1_000_000n) continue; // no pool of the ledger trades with less
    const side = sideOf(item);
    const ppm = (name: string): bigint => BigInt(Math.round(Number(item[name]) * 1e9));
    const other =
      side === 'buy' ? (reserve * 10n ** 9n) / ppm('price_from') : (reserve * ppm('price_from')) / 10n ** 9n;
    const [tao, alpha] = side === 'buy' ? [reserve, other] : [other, reserve];
    const curve: Curve = { type: 'Balancer', tao, alpha, quoteWeight: weightOf(item) };
    const trade = tradeOn(curve, {
      side,
      amount: 10n * reserve,
      feeU16: Number(item['fee_u16']),
      limitPrice: ppm('price_to'),
    });
    const paid = trade.ok ? Number(trade.input + trade.fee) : 0;
    expect(Math.abs(paid - Number(expected))).toBeLessThanOrEqual(Number(item['tolerance']));
    checked += 1;
  }
  expect(checked).toBeGreaterThan(5);
});

test('swaps in pools of a constant product', () => {
  for (const [item, expected] of cases('pool-product-payouts')) {
    const pool = { type: 'Product', tao: big(item, 'reserve_in'), alpha: big(item, 'reserve_out') } as const;
    const curve: Curve = { ...pool, quoteWeight: HALF_WEIGHT };
    const trade = tradeOn(curve, { side: 'buy', amount: big(item, 'amount'), feeU16: 0 });
    expect(trade.ok && Number(trade.payout)).toBe(expected);
  }
  for (const [item, expected] of cases('pool-product-limit-amounts')) {
    const curve = { ...curveOf({ ...item, weight_quote: 0.5 }), type: 'Product' } as const;
    expect(Number(mostIn(curve, sideOf(item), big(item, 'limit_rao')))).toBe(expected);
  }
});

test('what a block puts into a pool under the cap of its token', () => {
  for (const [item, expected] of cases('liquidity-injection-cap')) {
    const curve: Curve = { type: 'Balancer', tao: 10n ** 15n, alpha: 10n ** 15n, quoteWeight: HALF_WEIGHT };
    const { tao, alpha, spent } = injectionInto(curve, {
      tao: big(item, 'tao_emission'),
      alphaEmission: big(item, 'alpha_emission'),
      rootProportion: U96F32.fromDecimal(Number(item['root_proportion'])),
      most: { added: 10n ** 15n, spent: 10n ** 15n },
    });
    for (const [at, units] of [tao, alpha, spent].entries()) {
      // The proportion has 32 bits of its decimals here, and a pool takes whole units.
      expect(Math.abs(Number(units) - Number((expected as number[])[at]))).toBeLessThanOrEqual(1);
    }
  }
});

test('the weights after what a block adds', () => {
  for (const [item, expected] of cases('pool-balancer-weight-update')) {
    const weight = weightAfter(curveOf(item), { tao: big(item, 'tao_delta'), alpha: big(item, 'alpha_delta') });
    expect(Math.abs(Number(weight) / 1e18 - Number(expected))).toBeLessThanOrEqual(1e-12);
  }
});

test('moving prices', () => {
  for (const [item, expected] of cases('moving-price')) {
    const ledger = ledgerWithPool({
      movingPpm: Number(item['alpha']) * 1_000_000,
      movingHalvingBlocks: Number(item['halving_blocks']),
    });
    const price = big(item, 'price');
    setPool(ledger, {
      tao: price * 10n ** 9n,
      alpha: 10n ** 9n,
      movingPrice: I96F32.fromDecimal(Number(item['start'])),
      firstEmissionBlock: Number(item['first_emission_block']),
    });
    ledger.network = { ...ledger.network, block: Number(item['block']) };
    for (let update = 0; update < Number(item['updates']); update += 1) followPools(ledger);
    const moving = Number(poolIn(ledger).record.movingPrice) / 2 ** 32;
    expect(Math.abs(moving - Number(expected))).toBeLessThanOrEqual(Number(item['tolerance']));
  }
});

test('blocks split by moving prices', () => {
  for (const [item, expected] of cases('price-shares')) {
    if (item['rule'] !== undefined || item['enabled'] !== undefined || item['emission'] === undefined) continue;
    const prices = item['prices'] as readonly number[];
    const ledger = ledgerWithPool({}, { emissionPolicy: { name: 'MovingPrice', version: 1 } });
    for (const [at, price] of prices.entries()) {
      if (at > 0) done(put(ledger, `market-${at}`));
      setPool(ledger, { movingPrice: I96F32.fromDecimal(price) }, at + 1);
    }
    const split = emissionSplit(ledger);
    expect(split.basis).toBe('MovingPrice');
    for (const [at, rao] of splitEmission(big(item, 'emission'), split).entries()) {
      // The ledger gives odd rao out, the chain does not.
      expect(Math.abs(Number(rao) - Number((expected as number[])[at]))).toBeLessThanOrEqual(1);
    }
  }
});

test('shares by flow', () => {
  for (const [item, expected] of cases('flow-power-shares')) {
    const flows = (item['values'] as readonly number[]).map(U64F64.fromDecimal);
    const shares = sharesByFlow(flows, Number(item['p']) * 1_000_000);
    for (const [at, share] of shares.entries()) {
      const tolerance = Number(item['tolerance'] ?? 0);
      expect(Math.abs(Number(share) / 2 ** 64 - Number((expected as number[])[at]))).toBeLessThanOrEqual(tolerance);
    }
  }
});
