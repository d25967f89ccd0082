import { amountText } from '@subnetes/money/amount';
import type { WalletOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { readPassphrase } from '../io.ts';
import { neuronName } from '../neuron-finder.ts';
import { raoOf } from '../number-text.ts';
import { printDryRun } from '../order-preview.ts';
import { type NeuronQuestion, type StakeOn, stakeOn, takenOf, tokens } from '../stake-on.ts';
import { factLines } from '../table.ts';
import { raoOfOption } from '../token-amount.ts';
import { signOrder } from '../wallet-order.ts';
import { readWallet, unlockWallet } from '../wallet-store.ts';
import { notConfirmed } from './wallet.ts';
import { tokenNamesOf } from '../token-names.ts';

interface Spending {
  readonly wallet: string;
  readonly yes: boolean;
  /** Shows the exact effect and asks for nothing. */
  readonly dryRun: boolean;
}

export interface StakeOptions extends Spending {
  readonly neuron: NeuronQuestion;
  /** Whole tokens; undefined: all of it. */
  readonly amount: string | undefined;
}

/** `subnetes stake add`: out of the wallet onto a neuron, its own or another's. */
export async function addStake(context: CommandContext, options: StakeOptions & { amount: string }): Promise<void> {
  const target = await stakeOn(context, options.wallet, options.neuron);
  const amount = raoOfOption('--amount', options.amount);
  if (amount === 0n) throw usageFailure('--amount must be above zero');
  const { netuid, hotkey } = target.neuron;
  await carryOut(context, options, {
    question: `${target.isOwn ? 'Put' : 'Delegate'} ${tokens(target, amount)} ${target.isOwn ? 'on' : 'to'} ${target.name}`,
    amount,
    changes: [[target, amount]],
    walletChange: -amount,
    order: {
      case: 'addStake',
      value: { $typeName: 'subnetes.ledger.v1.AddStakeOrder', netuid, hotkey, amountRao: amount.toString() },
    },
  });
}

/** `subnetes stake remove`: back to the wallet. */
export async function removeStake(context: CommandContext, options: StakeOptions): Promise<void> {
  const target = await stakeOn(context, options.wallet, options.neuron);
  const amount = takenOf(target, options.amount);
  const { netuid, hotkey } = target.neuron;
  const { free, note } = await leavingOf(context, { wallet: options.wallet, target, amount });
  await carryOut(context, options, {
    ...(note === undefined ? {} : { note }),
    question: `Take ${tokens(target, amount)} off ${target.name}`,
    amount,
    changes: [[target, -amount]],
    walletChange: free,
    order: {
      case: 'removeStake',
      value: {
        $typeName: 'subnetes.ledger.v1.RemoveStakeOrder',
        netuid,
        hotkey,
        amountRao: orderedAmount(amount, options.amount),
      },
    },
  });
}

/** Of what is taken off, so much is in the wallet at once: the rest only when it has waited as long as the network asks. */
async function leavingOf(
  { market, walletDir }: CommandContext,
  { wallet, target, amount }: { readonly wallet: string; readonly target: StakeOn; readonly amount: bigint },
): Promise<{ readonly free: bigint; readonly note?: string }> {
  const slashing = await market.slashing();
  const { unbondingBlocks } = await slashing.getSlashingTerms({});
  if (unbondingBlocks === 0n) return { free: amount };
  const { address } = readWallet(walletDir, wallet);
  const { moved, block } = await slashing.listUnbonding({ coldkey: address });
  const { netuid, hotkey } = target.neuron;
  const isMoved = moved.some((each) => each.toNetuid === netuid && each.toHotkey === hotkey);
  const waiting = isMoved ? 0n : target.waiting;
  const free = waiting < amount ? waiting : amount;
  if (free === amount) return { free };
  const held = tokens(target, amount - free);
  return {
    free,
    note: `${held} are unbonding until block ${block + unbondingBlocks} or soon after; until then they can be put on again, and slashed.`,
  };
}

/** `subnetes stake move`: from one neuron to another. */
export async function moveStake(
  context: CommandContext,
  options: StakeOptions & { to: NeuronQuestion },
): Promise<void> {
  const from = await stakeOn(context, options.wallet, options.neuron);
  const to = await stakeOn(context, options.wallet, options.to);
  const amount = takenOf(from, options.amount);
  await carryOut(context, options, {
    question: `Move ${tokens(from, amount)} from ${from.name} to ${to.name}`,
    amount,
    changes: [
      [from, -amount],
      [to, amount],
    ],
    walletChange: 0n,
    order: {
      case: 'moveStake',
      value: {
        $typeName: 'subnetes.ledger.v1.MoveStakeOrder',
        netuid: from.neuron.netuid,
        hotkey: from.neuron.hotkey,
        toNetuid: to.neuron.netuid,
        toHotkey: to.neuron.hotkey,
        amountRao: orderedAmount(amount, options.amount),
      },
    },
  });
}

/** All of it is said as such: what it is worth may have grown until the order is carried out. */
function orderedAmount(amount: bigint, asked: string | undefined): string {
  return asked === undefined ? '' : amount.toString();
}

/** `subnetes stake take`: what the owner of a hotkey keeps of the dividends of those who delegate to it. */
export async function setTake(
  context: CommandContext,
  options: Omit<StakeOptions, 'amount'> & { percent: string },
): Promise<void> {
  const { neuron, isOwn } = await stakeOn(context, options.wallet, options.neuron);
  if (!isOwn) throw usageFailure(`${neuronName(neuron)} belongs to ${neuron.coldkey}`, 'name the owner’s wallet');
  const takeU16 = takeOfPercent(options.percent);
  const told = { hotkey: neuron.hotkey, beforeU16: neuron.takeU16, afterU16: takeU16 };
  const line = `take of ${neuronName(neuron)}  ${takeText(neuron.takeU16)} → ${takeText(takeU16)}, from the next epochs on; it may rise only 216000 blocks after its last change`;
  const order = {
    case: 'setTake',
    value: { $typeName: 'subnetes.ledger.v1.SetTakeOrder', hotkey: neuron.hotkey, takeU16 },
  } as const;
  if (options.dryRun) return printDryRun(context, { wallet: options.wallet, order, told, lines: [line] });
  if (!options.yes && !(await context.io.confirm(`${line}\nChange it?`))) throw notConfirmed();
  const done = await submit(context, options.wallet, order);
  print(context, {
    value: { dryRun: false, ...told, sequence: done.sequence, block: done.block },
    lines: [line, `Done in block ${done.block}, journal entry ${done.sequence}.`],
  });
}

const U16 = 65_535;

function takeText(u16: number): string {
  return `${((100 * u16) / U16).toFixed(2)} %`;
}

function takeOfPercent(text: string): number {
  const percent = /^\d{1,2}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (percent >= 0 && percent <= 18) return Math.floor((percent * U16) / 100);
  throw usageFailure(`--percent must be 0 to 18 with at most three decimals, not ${text}`);
}

/** What an order does, for whoever is asked. Money in rao. */
interface Effect {
  readonly question: string;
  readonly amount: bigint;
  readonly changes: readonly (readonly [target: StakeOn, change: bigint])[];
  readonly walletChange: bigint;
  /** What else is to be known. */
  readonly note?: string;
  readonly order: WalletOrder['order'];
}

async function carryOut(context: CommandContext, options: Spending, effect: Effect): Promise<void> {
  const file = readWallet(context.walletDir, options.wallet);
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const { balances } = await ledger.getBalances({ accounts: [file.address] });
  const balance = raoOf(balances[0]?.posted?.amount);
  const { own: asset } = tokenNamesOf(network);
  const text = (units: bigint): string => amountText({ asset, units });
  const stakes = effect.changes.map(([{ neuron, name, stake: before }, change]) => {
    const { hotkey, netuid } = neuron;
    return { hotkey, netuid, name, before, after: before + change };
  });
  const lines = factLines([
    ...stakes.map(({ name, before, after }): [string, string] => [
      `stake on ${name}`,
      `${text(before)} → ${text(after)}`,
    ]),
    [`balance of ${options.wallet}`, `${text(balance)} → ${text(balance + effect.walletChange)}`],
  ]);
  const told = {
    amountRao: effect.amount,
    stakes: stakes.map(({ before, after, ...neuron }) => ({ ...neuron, beforeRao: before, afterRao: after })),
    balanceBeforeRao: balance,
    balanceAfterRao: balance + effect.walletChange,
  };
  const notes = [
    ...effect.changes.flatMap(([target, change]) => notesOn(target, change)),
    ...(effect.note === undefined ? [] : [effect.note]),
  ];
  if (options.dryRun) {
    const { order } = effect;
    return printDryRun(context, { wallet: options.wallet, order, told, lines: [...lines, ...notes] });
  }
  if (!options.yes && !(await context.io.confirm(`${[...lines, ...notes].join('\n')}\n${effect.question}?`))) {
    throw notConfirmed();
  }
  const done = await submit(context, options.wallet, effect.order);
  print(context, {
    value: { dryRun: false, ...told, sequence: done.sequence, block: done.block },
    lines: [
      ...lines,
      ...notes,
      `Done in block ${done.block}, journal entry ${done.sequence}. It counts from the next epoch on.`,
    ],
  });
}

/** Signs an order with a wallet of this machine and sends it. */
export async function submit(context: CommandContext, wallet: string, order: WalletOrder['order']) {
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const passphrase = await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: false });
  const coldkey = await unlockWallet(readWallet(context.walletDir, wallet), passphrase);
  return ledger.submitOrder({ order: signOrder(order, coldkey, { ...network, nowMs: context.now() }) });
}

/** What a change brings that its figures do not tell. */
function notesOn({ neuron, name: place, isOwn }: StakeOn, change: bigint): string[] {
  if (!isOwn) {
    return change < 0n ? [] : [`${place} keeps ${takeText(neuron.takeU16)} of the dividends on it.`];
  }
  if (neuron.managedBy === undefined || change >= 0n) return [];
  const { kind, namespace, name } = neuron.managedBy;
  return [`${kind} ${namespace}/${name} looks after it: where its spec.stake is higher, stake is put on it again.`];
}
