import { amountText } from '@subnetes/money/amount';
import { publicKeyOf } from '@subnetes/keys/ss58';
import type { WalletOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { type SwapQuote, SwapSide } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { readPassphrase } from '../io.ts';
import { findSubnet } from '../neuron-finder.ts';
import { raoOf } from '../number-text.ts';
import { printDryRun } from '../order-preview.ts';
import { factLines } from '../table.ts';
import { raoOfOption } from '../token-amount.ts';
import { signOrder } from '../wallet-order.ts';
import { readWallet, unlockWallet } from '../wallet-store.ts';
import { quoteFacts, quoteValue } from './pool.ts';
import { notConfirmed } from './wallet.ts';
import { readTokenNames } from '../token-names.ts';

/** How bad a swap may get, as it was typed. */
export interface Bounds {
  readonly slippage: string | undefined;
  readonly minOut: string | undefined;
  readonly limitPrice: string | undefined;
  readonly partial: boolean;
}

interface Spending {
  readonly subnet: string;
  readonly wallet: string;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/** `subnetes pool buy`. */
export async function buyToken(
  context: CommandContext,
  options: Spending & { readonly amount: string; readonly bounds: Bounds },
): Promise<void> {
  const { netuid } = await findSubnet(context.market, options.subnet);
  const amount = raoOfOption('--amount', options.amount);
  const quoted = await quoteUnder(context, { netuid, side: SwapSide.BUY, amount, bounds: options.bounds });
  await swap(context, options, quoted, {
    case: 'swapBuy',
    value: {
      $typeName: 'subnetes.ledger.v1.SwapBuyOrder',
      netuid,
      amountRao: amount.toString(),
      minOut: quoted.minOut,
      limitPriceRao: quoted.limitPrice,
      allowPartial: options.bounds.partial,
    },
  });
}

/** `subnetes pool sell`. */
export async function sellToken(
  context: CommandContext,
  options: Spending & { readonly amount: string | undefined; readonly bounds: Bounds },
): Promise<void> {
  const { netuid } = await findSubnet(context.market, options.subnet);
  const held = await tokensOf(context, options.wallet, netuid);
  const amount = options.amount === undefined ? held : raoOfOption('--amount', options.amount);
  if (amount === 0n || amount > held) {
    const has = amountText({ asset: `ALPHA${netuid}`, units: held });
    throw usageFailure(`the wallet has ${has}: ${options.amount ?? 'nothing'} cannot be sold`);
  }
  const quoted = await quoteUnder(context, { netuid, side: SwapSide.SELL, amount, bounds: options.bounds });
  await swap(context, options, quoted, {
    case: 'swapSell',
    value: {
      $typeName: 'subnetes.ledger.v1.SwapSellOrder',
      netuid,
      amount: amount.toString(),
      minOutRao: quoted.minOut,
      limitPriceRao: quoted.limitPrice,
      allowPartial: options.bounds.partial,
    },
  });
}

/** `subnetes pool transfer`. */
export async function transferToken(
  context: CommandContext,
  options: Spending & { readonly to: string; readonly amount: string },
): Promise<void> {
  const { netuid } = await findSubnet(context.market, options.subnet);
  const amount = raoOfOption('--amount', options.amount);
  const { to } = options;
  if (publicKeyOf(to) === undefined) throw usageFailure(`--to ${to} is no SS58 address`);
  const held = await tokensOf(context, options.wallet, netuid);
  const asset = `ALPHA${netuid}`;
  const text = (units: bigint): string => amountText({ asset, units });
  const line = `${text(amount)} to ${to}; ${text(held)} → ${text(held - amount)} stay`;
  const told = { netuid, token: asset, to, units: amount, before: held, after: held - amount };
  const order = {
    case: 'transferAlpha',
    value: { $typeName: 'subnetes.ledger.v1.TransferAlphaOrder', netuid, to, amount: amount.toString() },
  } as const;
  if (options.dryRun) return printDryRun(context, { wallet: options.wallet, order, told, lines: [line] });
  if (!options.yes && !(await context.io.confirm(`Pass on ${line}?`))) throw notConfirmed();
  const done = await submit(context, options.wallet, order);
  print(context, {
    value: { dryRun: false, ...told, ...done },
    lines: [line, `Done in block ${done.block}, journal entry ${done.sequence}.`],
  });
}

interface Quoted {
  readonly quote: SwapQuote;
  /** Decimal text, empty where there is no such bound. */
  readonly minOut: string;
  readonly limitPrice: string;
}

/** Quotes by the typed bounds; the slippage is taken off what is quoted at this moment. */
async function quoteUnder(
  context: CommandContext,
  asked: { readonly netuid: number; readonly side: SwapSide; readonly amount: bigint; readonly bounds: Bounds },
): Promise<Quoted> {
  const { slippage, minOut, limitPrice, partial } = asked.bounds;
  if (slippage === undefined && minOut === undefined && limitPrice === undefined) {
    throw usageFailure(
      'how bad may the swap get? Prices move until it is carried out',
      'name --slippage 0.5 (percent less than quoted now), --min-out or --limit-price',
    );
  }
  if (slippage !== undefined && minOut !== undefined) throw usageFailure('name --slippage or --min-out, not both');
  const limit = limitPrice === undefined ? '' : raoOfOption('--limit-price', limitPrice).toString();
  const least = minOut === undefined ? '' : raoOfOption('--min-out', minOut).toString();
  const quote = await (
    await context.market.pools()
  ).quoteSwap({
    netuid: asked.netuid,
    side: asked.side,
    amount: asked.amount.toString(),
    minOut: least,
    limitPriceRao: limit,
    allowPartial: partial,
  });
  const out = raoOf(quote.out?.amount);
  return { quote, limitPrice: limit, minOut: slippage === undefined ? least : String(lessBy(out, slippage)) };
}

/** Percent with up to three decimals off an amount; one unit at least is left. */
function lessBy(units: bigint, percent: string): bigint {
  const thousandths = /^\d{1,2}(\.\d{1,3})?$/.test(percent) ? BigInt(Math.round(Number(percent) * 1000)) : -1n;
  if (thousandths < 0n || thousandths > 50_000n) {
    throw usageFailure(`--slippage must be 0 to 50 percent with at most three decimals, not ${percent}`);
  }
  const left = (units * (100_000n - thousandths)) / 100_000n;
  return left > 0n ? left : 1n;
}

async function swap(
  context: CommandContext,
  options: Spending,
  { quote, minOut, limitPrice }: Quoted,
  order: WalletOrder['order'],
): Promise<void> {
  const names = await readTokenNames(context);
  const out = names.of(quote.out?.asset ?? '');
  const facts: [string, string][] = [
    ...quoteFacts(quote, names),
    ...(minOut === '' ? [] : [['at least', amountText({ asset: out, units: raoOf(minOut) })] as [string, string]]),
    ...(limitPrice === ''
      ? []
      : [['limit price', amountText({ asset: '', units: raoOf(limitPrice) })] as [string, string]]),
  ];
  const lines = factLines(facts);
  const told = { ...quoteValue(quote), minOut: raoOf(minOut), limitPriceRao: raoOf(limitPrice) };
  if (options.dryRun) {
    return printDryRun(context, { wallet: options.wallet, order, told: { quoted: told }, lines });
  }
  if (!options.yes && !(await context.io.confirm(`${lines.join('\n')}\nSwap?`))) throw notConfirmed();
  const done = await submit(context, options.wallet, order);
  const entry = await swapped(context, done.sequence);
  print(context, {
    value: { dryRun: false, quoted: told, ...done, ...entry },
    lines: [
      ...lines,
      `Got ${amountText({ asset: out, units: entry.out })} in block ${done.block}, journal entry ${done.sequence}.`,
    ],
  });
}

/** What the journal says that a swap came to: between quote and order the price may have moved. */
async function swapped(context: CommandContext, sequence: bigint) {
  const ledger = await context.market.ledger();
  const { entries } = await ledger.listEntries({ afterSequence: sequence - 1n, limit: 1 });
  const told = JSON.parse(entries[0]?.payloadJson ?? '{}') as { paid?: string; fee?: string; out?: string };
  return { paid: raoOf(told.paid), fee: raoOf(told.fee), out: raoOf(told.out) };
}

async function tokensOf(context: CommandContext, wallet: string, netuid: number): Promise<bigint> {
  const { address } = readWallet(context.walletDir, wallet);
  const { holdings } = await (await context.market.pools()).listHoldings({ account: address });
  return raoOf(holdings.find((each) => each.netuid === netuid)?.units?.amount);
}

async function submit(context: CommandContext, wallet: string, order: WalletOrder['order']) {
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const passphrase = await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: false });
  const coldkey = await unlockWallet(readWallet(context.walletDir, wallet), passphrase);
  const { sequence, block } = await ledger.submitOrder({
    order: signOrder(order, coldkey, { ...network, nowMs: context.now() }),
  });
  return { sequence, block };
}
