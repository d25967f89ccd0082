import { amountText } from '@subnetes/money/amount';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { neuronName } from '../neuron-finder.ts';
import { raoOf } from '../number-text.ts';
import { type Ordering, sendOrder } from '../send-order.ts';
import { type NeuronQuestion, stakeOn } from '../stake-on.ts';
import { tableLines } from '../table.ts';
import { raoOfOption } from '../token-amount.ts';
import { readWallet } from '../wallet-store.ts';
import { readTokenNames } from '../token-names.ts';

/** `subnetes stake unbonding`: what of a wallet is on its way, and whose earnings are staked. */
export async function listUnbonding(
  context: CommandContext,
  options: { readonly wallet: string | undefined; readonly owner: string | undefined },
): Promise<void> {
  const owner =
    options.owner ?? (options.wallet === undefined ? undefined : readWallet(context.walletDir, options.wallet).address);
  if (owner === undefined) {
    throw usageFailure('whose stake?', 'name a wallet with --wallet NAME or an owner with --owner ADDRESS');
  }
  const { own: asset } = await readTokenNames(context);
  const { unbonding, moved, auto, block } = await (await context.market.slashing()).listUnbonding({ coldkey: owner });
  const text = (rao: string | undefined): string => amountText({ asset, units: raoOf(rao) });
  const rows = unbonding.map((row) => ({
    id: row.unbondingId,
    netuid: row.netuid,
    hotkey: row.hotkey,
    kind: row.own ? 'own' : 'delegated',
    amountRao: raoOf(row.amount?.amount),
    startedAtBlock: row.startedAtBlock,
    releaseBlock: row.releaseBlock,
  }));
  const cells = unbonding.map((row) => [
    String(row.unbondingId),
    String(row.netuid),
    row.hotkey,
    row.own ? 'own' : 'delegated',
    text(row.amount?.amount),
    String(row.releaseBlock),
  ]);
  const moves = moved.map(
    (row) =>
      `${text(row.amount?.amount)} moved from ${row.hotkey} (${row.netuid}) to ${row.toHotkey} (${row.toNetuid}) answer for both until block ${row.endBlock}`,
  );
  const earning = auto.map(({ netuid, hotkey }) => `what ${hotkey} (${netuid}) earns goes onto its stake`);
  print(context, {
    value: {
      owner,
      block,
      unbonding: rows,
      moved: moved.map(({ $typeName: _type, amount, ...row }) => ({ ...row, amountRao: raoOf(amount?.amount) })),
      auto: auto.map(({ netuid, hotkey }) => ({ netuid, hotkey })),
    },
    lines: [
      ...(cells.length === 0 ? [`nothing of ${owner} is unbonding at block ${block}`] : tableLines(COLUMNS, cells)),
      ...moves,
      ...earning,
    ],
  });
}

const COLUMNS = [
  { head: 'ID', align: 'right' },
  { head: 'NETUID', align: 'right' },
  { head: 'HOTKEY' },
  { head: 'KIND' },
  { head: 'AMOUNT', align: 'right' },
  { head: 'FREE AT BLOCK', align: 'right' },
] as const;

/** `subnetes stake rebond`: what is unbonding goes back onto its neuron. */
export async function rebond(
  context: CommandContext,
  options: Ordering & { readonly id: number; readonly amount: string | undefined },
): Promise<void> {
  const { address } = readWallet(context.walletDir, options.wallet);
  const { unbonding } = await (await context.market.slashing()).listUnbonding({ coldkey: address });
  const row = unbonding.find(({ unbondingId }) => unbondingId === BigInt(options.id));
  if (row === undefined) throw usageFailure(`nothing of ${options.wallet} is unbonding under ${options.id}`);
  const all = raoOf(row.amount?.amount);
  const amount = options.amount === undefined ? all : raoOfOption('--amount', options.amount);
  const names = await readTokenNames(context);
  const text = amountText({ asset: names.of(row.amount?.asset), units: amount });
  const line = `${text} go back onto ${row.hotkey} in subnet ${row.netuid}`;
  await sendOrder(context, options, {
    lines: [line],
    question: 'Put it on again',
    told: { id: row.unbondingId, amountRao: amount },
    order: {
      case: 'rebond',
      value: {
        $typeName: 'subnetes.ledger.v1.RebondOrder',
        unbondingId: row.unbondingId,
        amountRao: options.amount === undefined ? '' : amount.toString(),
      },
    },
  });
}

/** `subnetes stake auto`: where a neuron's earnings go. */
export async function setAutoStake(
  context: CommandContext,
  options: Ordering & { readonly neuron: NeuronQuestion; readonly off: boolean },
): Promise<void> {
  const { neuron, isOwn } = await stakeOn(context, options.wallet, options.neuron);
  if (!isOwn) throw usageFailure(`${neuronName(neuron)} belongs to ${neuron.coldkey}`, 'name the owner’s wallet');
  const { netuid, hotkey } = neuron;
  const line = `what ${neuronName(neuron)} earns goes ${options.off ? 'to the wallet' : 'onto its stake'} from the next payment on`;
  const told = { netuid, hotkey, auto: !options.off };
  await sendOrder(context, options, {
    lines: [line],
    question: 'Change it',
    told,
    order: {
      case: 'setAutoStake',
      value: { $typeName: 'subnetes.ledger.v1.SetAutoStakeOrder', netuid, hotkey, enabled: !options.off },
    },
  });
}
