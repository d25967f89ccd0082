import { amountText, tokenTextFromRao } from '@subnetes/money/amount';
import type { Money } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { CurveType, type Pool, type SwapQuote, SwapSide } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { findSubnet } from '../neuron-finder.ts';
import { raoOf, tokenColumn } from '../number-text.ts';
import { factLines, tableLines } from '../table.ts';
import { raoOfOption } from '../token-amount.ts';
import { readWallet } from '../wallet-store.ts';
import { readTokenNames, type TokenNames } from '../token-names.ts';

const COLUMNS = [
  { head: 'NETUID', align: 'right' },
  { head: 'SUBNET' },
  { head: 'TOKEN' },
  { head: 'PRICE', align: 'right' },
  { head: 'MOVING', align: 'right' },
  { head: 'RESERVE', align: 'right' },
  { head: 'TOKEN RESERVE', align: 'right' },
] as const;

/** `subnetes pool list`. */
export async function listPools(context: CommandContext): Promise<void> {
  const { pools } = await (await context.market.pools()).listPools({});
  const rows = pools.map((pool) => [
    String(pool.netuid),
    pool.handle,
    pool.token,
    tokenTextFromRao(raoOf(pool.priceRao)),
    tokenTextFromRao(raoOf(pool.movingPriceRao)),
    tokenColumn(raoOf(pool.taoReserve?.amount)),
    tokenColumn(raoOf(pool.alphaReserve?.amount)),
  ]);
  const none = 'No pools: subnets of this network have no tokens, or there is no subnet yet.';
  print(context, {
    value: { pools: pools.map(poolValue) },
    lines: pools.length === 0 ? [none] : tableLines(COLUMNS, rows),
  });
}

/** `subnetes pool show`. */
export async function showPool(context: CommandContext, subnet: string): Promise<void> {
  const { netuid } = await findSubnet(context.market, subnet);
  const pool = await (await context.market.pools()).getPool({ netuid });
  const names = await readTokenNames(context);
  const asset = names.own;
  const percent = `${((100 * pool.feeU16) / 65_535).toFixed(4)} %`;
  print(context, {
    value: poolValue(pool),
    lines: factLines([
      ['subnet', `${pool.handle} (${netuid})`],
      ['token', pool.token],
      ['curve', curveText(pool)],
      ['price', amountText({ asset, units: raoOf(pool.priceRao) })],
      ['moving price', amountText({ asset, units: raoOf(pool.movingPriceRao) })],
      ['reserves', `${moneyText(pool.taoReserve, names)}, ${moneyText(pool.alphaReserve, names)}`],
      ['fee', `${percent}, ${pool.feeBurned ? 'burned' : 'stays in the pool'}`],
      ['issued', moneyText(pool.alphaIssued, names)],
      ['bought by blocks', moneyText(pool.alphaProtocol, names)],
      ['burned', moneyText(pool.alphaBurned, names)],
      ['traded ever', amountText({ asset, units: raoOf(pool.volumeRao) })],
    ]),
  });
}

/** `subnetes pool tokens`. */
export async function listTokens(
  context: CommandContext,
  options: { readonly wallet: string | undefined; readonly owner: string | undefined },
): Promise<void> {
  const account =
    options.owner ?? (options.wallet === undefined ? undefined : readWallet(context.walletDir, options.wallet).address);
  if (account === undefined) {
    throw usageFailure('whose tokens?', 'name a wallet with --wallet NAME or an owner with --owner ADDRESS');
  }
  const { holdings } = await (await context.market.pools()).listHoldings({ account });
  const names = await readTokenNames(context);
  const rows = holdings.map(({ netuid, units, worth }) => [
    String(netuid),
    moneyText(units, names),
    moneyText(worth, names),
  ]);
  const columns = [
    { head: 'NETUID', align: 'right' },
    { head: 'TOKENS', align: 'right' },
    { head: 'AT THE PRICE NOW', align: 'right' },
  ] as const;
  print(context, {
    value: {
      account,
      tokens: holdings.map(({ netuid, units, worth }) => ({
        netuid,
        token: units?.asset,
        units: raoOf(units?.amount),
        worthRao: raoOf(worth?.amount),
      })),
    },
    lines: holdings.length === 0 ? [`${account} has no tokens of subnets.`] : tableLines(columns, rows),
  });
}

/** `subnetes pool quote`. */
export async function quotePool(
  context: CommandContext,
  asked: { readonly side: string; readonly subnet: string; readonly amount: string },
): Promise<void> {
  if (asked.side !== 'buy' && asked.side !== 'sell') throw usageFailure(`the side is buy or sell, not ${asked.side}`);
  const { netuid } = await findSubnet(context.market, asked.subnet);
  const amount = raoOfOption('--amount', asked.amount);
  const side = asked.side === 'buy' ? SwapSide.BUY : SwapSide.SELL;
  const quote = await (await context.market.pools()).quoteSwap({ netuid, side, amount: amount.toString() });
  const lines = factLines(quoteFacts(quote, await readTokenNames(context)));
  print(context, { value: { netuid, side: asked.side, ...quoteValue(quote) }, lines });
}

/** A quote for programs. */
export function quoteValue(quote: SwapQuote) {
  return {
    paid: { token: quote.paid?.asset, units: raoOf(quote.paid?.amount) },
    fee: { token: quote.fee?.asset, units: raoOf(quote.fee?.amount) },
    out: { token: quote.out?.asset, units: raoOf(quote.out?.amount) },
    partial: quote.partial,
    priceBeforeRao: raoOf(quote.priceBeforeRao),
    priceAfterRao: raoOf(quote.priceAfterRao),
    impactPpm: quote.impactPpm,
    slippagePpm: quote.slippagePpm,
    block: quote.block,
  };
}

/** A quote for people. */
export function quoteFacts(quote: SwapQuote, names: TokenNames): [string, string][] {
  const [before, after] = [quote.priceBeforeRao, quote.priceAfterRao].map((rao) => tokenTextFromRao(raoOf(rao)));
  return [
    ['gives', `${moneyText(quote.paid, names)}${quote.partial ? ', the rest is kept' : ''}`],
    ['of it fee', moneyText(quote.fee, names)],
    ['gets', moneyText(quote.out, names)],
    ['price', `${before} → ${after} (${percentText(quote.impactPpm)})`],
    ['less than at the price before', percentText(quote.slippagePpm)],
  ];
}

function moneyText(money: Money | undefined, names: TokenNames): string {
  return amountText({ asset: names.of(money?.asset ?? ''), units: raoOf(money?.amount) });
}

function percentText(ppm: number): string {
  return `${(ppm / 10_000).toFixed(4)} %`;
}

function curveText({ type, quoteWeight }: Pool): string {
  if (type === CurveType.PRODUCT) return 'constant product';
  return `weighted, ${((100 * Number(raoOf(quoteWeight))) / 1e18).toFixed(2)} % on the network’s token`;
}

function poolValue(pool: Pool) {
  return {
    netuid: pool.netuid,
    handle: pool.handle,
    token: pool.token,
    curve: pool.type === CurveType.PRODUCT ? 'Product' : 'Balancer',
    feeU16: pool.feeU16,
    feeBurned: pool.feeBurned,
    taoReserveRao: raoOf(pool.taoReserve?.amount),
    tokenReserve: raoOf(pool.alphaReserve?.amount),
    quoteWeight: raoOf(pool.quoteWeight),
    priceRao: raoOf(pool.priceRao),
    movingPriceRao: raoOf(pool.movingPriceRao),
    tokenIssued: raoOf(pool.alphaIssued?.amount),
    tokenBoughtByBlocks: raoOf(pool.alphaProtocol?.amount),
    tokenBurned: raoOf(pool.alphaBurned?.amount),
    volumeRao: raoOf(pool.volumeRao),
    block: pool.block,
  };
}
