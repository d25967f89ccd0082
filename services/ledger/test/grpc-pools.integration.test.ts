import { CurveType, SwapSide } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import type { WalletOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveHttpLog } from '#adapters/http-log.ts';
import { lazyHttpApi } from '#adapters/lazy-http-api.ts';
import { desk, mandateOf, orderOn, owner, putSubnetOf } from './market.ts';
import { genesisOf, type ServedLedger, serveLedger } from './served-ledger.ts';

const given = genesisOf({ subnetTokens: { type: 'Balancer', initialLiquidity: '100' } });
const network = given.networkId;
const TAO = 1_000_000_000n;

let served: ServedLedger;
let sequence: bigint;
beforeEach(async () => {
  sequence = 0n;
  served = await serveLedger(given);
  await served.operator.putSubnet(putSubnetOf('sp500', mandateOf(owner, { networkId: network })));
});
afterEach(() => served[Symbol.asyncDispose]());

function submit(order: WalletOrder['order']) {
  sequence += 1n;
  return served.neuron.submitOrder({ order: orderOn(network)(desk, sequence, order) });
}

const buying = (change: object = {}): WalletOrder['order'] => ({
  case: 'swapBuy',
  value: {
    $typeName: 'subnetes.ledger.v1.SwapBuyOrder',
    netuid: 1,
    amountRao: String(10n * TAO),
    minOut: '1',
    limitPriceRao: '',
    allowPartial: false,
    ...change,
  },
});
const selling = (change: object = {}): WalletOrder['order'] => ({
  case: 'swapSell',
  value: {
    $typeName: 'subnetes.ledger.v1.SwapSellOrder',
    netuid: 1,
    amount: '',
    minOutRao: '1',
    limitPriceRao: '',
    allowPartial: false,
    ...change,
  },
});

test('a quote, the swap that does exactly that, what the wallet has then, and back', async () => {
  expect(await served.pools.getPool({ netuid: 1 })).toMatchObject({
    handle: 'sp500',
    token: 'ALPHA1',
    type: CurveType.BALANCER,
    feeU16: 33,
    feeBurned: true,
    priceRao: '1000000000',
    taoReserve: { asset: 'TAO', amount: String(100n * TAO) },
  });
  const asked = { netuid: 1, side: SwapSide.BUY, amount: String(10n * TAO) };
  const quote = await served.pools.quoteSwap(asked);
  expect(quote).toMatchObject({ paid: { amount: String(10n * TAO) }, fee: { amount: '5035477' }, partial: false });
  await submit(buying({ minOut: quote.out?.amount }));
  const { holdings } = await served.pools.listHoldings({ account: desk.address });
  expect(holdings).toMatchObject([{ netuid: 1, units: quote.out }]);
  expect((await served.pools.listPools({})).pools).toMatchObject([
    { netuid: 1, priceRao: quote.priceAfterRao, volumeRao: String(10n * TAO) },
  ]);
  await submit({
    case: 'transferAlpha',
    value: { $typeName: 'subnetes.ledger.v1.TransferAlphaOrder', netuid: 1, to: owner.address, amount: '1000' },
  });
  await submit(selling());
  expect((await served.pools.listHoldings({ account: desk.address })).holdings).toEqual([]);
  expect((await served.pools.listHoldings({ account: owner.address })).holdings).toMatchObject([
    { units: { asset: 'ALPHA1', amount: '1000' } },
  ]);
  expect(await served.neuron.audit({ verifyChain: true })).toMatchObject({
    differenceRao: '0',
    chainVerified: true,
    findings: [],
  });
});

test.for<[string, WalletOrder['order'], string]>([
  ['without a bound', buying({ minOut: '' }), 'SLIPPAGE_UNBOUNDED'],
  ['for too much', buying({ minOut: String(20n * TAO) }), 'SLIPPAGE_TOO_HIGH'],
  ['past its limit price', buying({ limitPriceRao: '1000000001' }), 'SLIPPAGE_TOO_HIGH'],
  ['of nothing', buying({ amountRao: '0' }), 'INVALID_ARGUMENT'],
  ['of less than nothing', buying({ amountRao: '-5' }), 'INVALID_ARGUMENT'],
  ['of a fraction', buying({ amountRao: '1.5' }), 'INVALID_ARGUMENT'],
  ['with a bound of nothing', buying({ minOut: '0' }), 'INVALID_ARGUMENT'],
  ['of a trifle', buying({ amountRao: '1999999' }), 'SWAP_TOO_SMALL'],
  ['of more than there is', buying({ amountRao: '99999999999999999999999999' }), 'SWAP_TOO_LARGE'],
  ['of more than the wallet has', buying({ amountRao: String(30_000n * TAO) }), 'INSUFFICIENT_FUNDS'],
  ['elsewhere', buying({ netuid: 9 }), 'POOL_UNKNOWN'],
  ['of a token that the wallet has none of', selling(), 'INSUFFICIENT_FUNDS'],
])('a swap %s is refused by a code of its own', async ([, order, reason]) => {
  await expect(submit(order)).rejects.toMatchObject({ reason });
  expect((await served.pools.getPool({ netuid: 1 })).volumeRao).toBe('0');
});

test('the same over HTTP', async () => {
  const onFailure = (error: unknown): never => {
    throw error;
  };
  const api = lazyHttpApi({ handlers: served.handlers, version: '1.2.3', onFailure });
  await using http = await serveHttpLog({ port: 0, host: '127.0.0.1', tree: served.tree, onFailure, api });
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${http.port}${path}`);
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  expect(await ask('/v1/pools')).toMatchObject({ status: 200, json: { pools: [{ netuid: 1, token: 'ALPHA1' }] } });
  expect((await ask('/v1/pools/1')).json).toMatchObject({ priceRao: '1000000000', type: 'CURVE_TYPE_BALANCER' });
  expect((await ask('/v1/pools/1/quote?side=buy&amount=10000000000')).json).toMatchObject({
    fee: { asset: 'TAO', amount: '5035477' },
    partial: false,
  });
  expect(await ask('/v1/pools/1/quote?side=buy&amount=10000000000&minOut=20000000000')).toMatchObject({
    status: 422,
    json: { code: 'SLIPPAGE_TOO_HIGH' },
  });
  expect(await ask('/v1/pools/1/quote?amount=1')).toMatchObject({ status: 400 });
  expect(await ask('/v1/pools/7')).toMatchObject({ status: 404, json: { code: 'POOL_UNKNOWN' } });
  expect((await ask(`/v1/accounts/${desk.address}/tokens`)).json).toMatchObject({ holdings: [] });
});
