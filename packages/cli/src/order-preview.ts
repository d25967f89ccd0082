import { create } from '@bufbuild/protobuf';
import { amountText } from '@subnetes/money/amount';
import { type WalletOrder, WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { OrderPreview } from '@subnetes/proto/gen/subnetes/ledger/v1/preview_pb';
import { type CommandContext, print } from './command-context.ts';
import { raoOf } from './number-text.ts';
import { factLines } from './table.ts';
import { readTokenNames } from './token-names.ts';
import { readWallet } from './wallet-store.ts';

/** An order that is shown and not sent. */
export interface DryRun {
  /** Name of the wallet that would sign it. */
  readonly wallet: string;
  readonly order: WalletOrder['order'];
  /** What the command itself says of it. */
  readonly lines: readonly string[];
  /** The same for --json. */
  readonly told: object;
}

/**
 * Prints what an order would do, as the ledger tells by carrying it out and taking it back. Throws the ledger's refusal, with its code,
 * where it would be refused: a dry run that passes is an order that can be sent.
 */
export async function printDryRun(context: CommandContext, { wallet, order, lines, told }: DryRun): Promise<void> {
  const { address } = readWallet(context.walletDir, wallet);
  const preview = await context.market.preview();
  const effect = await preview.previewOrder({ signer: address, order: create(WalletOrderSchema, { order }) });
  await printEffect(context, effect, { payer: { address, name: `wallet ${wallet}` }, lines, told });
}

/** Prints what the ledger would book, after what the command itself says. */
export async function printEffect(
  context: CommandContext,
  effect: OrderPreview,
  {
    payer,
    lines,
    told,
  }: Pick<DryRun, 'lines' | 'told'> & { readonly payer: { readonly address: string; readonly name: string } },
): Promise<void> {
  const names = await readTokenNames(context);
  const text = (asset: string, units: string): string => amountText({ asset: names.of(asset), units: raoOf(units) });
  const booked = effect.changes.map(({ account, asset, before, after }): [string, string] => [
    account === payer.address ? payer.name : account,
    `${text(asset, before)} → ${text(asset, after)}`,
  ]);
  const head = booked.length === 0 ? 'No balance would change' : 'The ledger would book';
  print(context, {
    value: { dryRun: true, ...told, effect: effectValue(effect) },
    lines: [
      ...lines,
      `${head} at block ${effect.block}${booked.length === 0 ? '.' : ':'}`,
      ...factLines(booked).map((line) => `  ${line}`),
      'Nothing was changed.',
    ],
  });
}

function effectValue({ block, changes, entries }: OrderPreview) {
  return {
    block,
    changes: changes.map(({ $typeName: _type, ...change }) => change),
    entries: entries.map(({ kind, payloadJson }) => ({ kind, payload: JSON.parse(payloadJson) as unknown })),
  };
}
