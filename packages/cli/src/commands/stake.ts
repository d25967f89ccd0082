import { amountText } from '@subnetes/money/amount';
import type { Neuron } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { WalletOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { readPassphrase } from '../io.ts';
import { findNeuron, type Found, listNeurons, listSubnets, neuronName, ROOT_NETUID } from '../neuron-finder.ts';
import { raoOf } from '../number-text.ts';
import { factLines, tableLines } from '../table.ts';
import { raoOfOption } from '../token-amount.ts';
import { signOrder } from '../wallet-order.ts';
import { readWallet, unlockWallet } from '../wallet-store.ts';
import { notConfirmed } from './wallet.ts';

/** Which neuron: by resource name, hotkey, or uid with a netuid. */
export interface NeuronQuestion {
  readonly name: string;
  readonly netuid: number | undefined;
  readonly namespace: string | undefined;
}

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

/** `subnetes stake list`: what a wallet has on its neurons. */
export async function listStake(
  context: CommandContext,
  options: { wallet: string | undefined; owner: string | undefined },
): Promise<void> {
  const owner =
    options.owner ?? (options.wallet === undefined ? undefined : readWallet(context.walletDir, options.wallet).address);
  if (owner === undefined) {
    throw usageFailure('whose stake?', 'name a wallet with --wallet NAME or an owner with --owner ADDRESS');
  }
  const found = (await neuronsOfMarket(context)).filter(({ neuron }) => neuron.coldkey === owner);
  const rows = found.map(({ neuron, handle }) => ({
    subnet: handle,
    netuid: neuron.netuid,
    uid: neuron.uid,
    name: neuronName(neuron),
    hotkey: neuron.hotkey,
    stakeRao: raoOf(neuron.stake?.amount),
    asset: neuron.stake?.asset ?? 'TAO',
  }));
  const total = rows.reduce((sum, { stakeRao }) => sum + stakeRao, 0n);
  const asset = rows[0]?.asset ?? 'TAO';
  const cells = rows.map((row) => [
    row.subnet,
    row.name,
    String(row.uid),
    amountText({ asset: row.asset, units: row.stakeRao }),
  ]);
  print(context, {
    value: { owner, totalRao: total, neurons: rows },
    lines: [
      ...tableLines(
        [{ head: 'SUBNET' }, { head: 'NEURON' }, { head: 'UID', align: 'right' }, { head: 'STAKE', align: 'right' }],
        cells,
      ),
      `${owner} has ${amountText({ asset, units: total })} on ${rows.length} neurons`,
    ],
  });
}

/** `subnetes stake add`: out of the wallet onto a neuron of its own. */
export async function addStake(context: CommandContext, options: StakeOptions & { amount: string }): Promise<void> {
  const { neuron } = await ownNeuron(context, options.wallet, options.neuron);
  const amount = raoOfOption('--amount', options.amount);
  if (amount === 0n) throw usageFailure('--amount must be above zero');
  await carryOut(context, options, {
    question: `Put ${tokens(neuron, amount)} on ${neuronName(neuron)}`,
    amount,
    changes: [[neuron, amount]],
    walletChange: -amount,
    order: {
      case: 'addStake',
      value: {
        $typeName: 'subnetes.ledger.v1.AddStakeOrder',
        netuid: neuron.netuid,
        hotkey: neuron.hotkey,
        amountRao: amount.toString(),
      },
    },
  });
}

/** `subnetes stake remove`: back to the wallet. */
export async function removeStake(context: CommandContext, options: StakeOptions): Promise<void> {
  const { neuron } = await ownNeuron(context, options.wallet, options.neuron);
  const amount = takenOf(neuron, options.amount);
  await carryOut(context, options, {
    question: `Take ${tokens(neuron, amount)} off ${neuronName(neuron)}`,
    amount,
    changes: [[neuron, -amount]],
    walletChange: amount,
    order: {
      case: 'removeStake',
      value: {
        $typeName: 'subnetes.ledger.v1.RemoveStakeOrder',
        netuid: neuron.netuid,
        hotkey: neuron.hotkey,
        amountRao: amount.toString(),
      },
    },
  });
}

/** `subnetes stake move`: from one neuron of the wallet to another. */
export async function moveStake(
  context: CommandContext,
  options: StakeOptions & { to: NeuronQuestion },
): Promise<void> {
  const { neuron } = await ownNeuron(context, options.wallet, options.neuron);
  const { neuron: to } = await ownNeuron(context, options.wallet, options.to);
  const amount = takenOf(neuron, options.amount);
  await carryOut(context, options, {
    question: `Move ${tokens(neuron, amount)} from ${neuronName(neuron)} to ${neuronName(to)}`,
    amount,
    changes: [
      [neuron, -amount],
      [to, amount],
    ],
    walletChange: 0n,
    order: {
      case: 'moveStake',
      value: {
        $typeName: 'subnetes.ledger.v1.MoveStakeOrder',
        netuid: neuron.netuid,
        hotkey: neuron.hotkey,
        toNetuid: to.netuid,
        toHotkey: to.hotkey,
        amountRao: amount.toString(),
      },
    },
  });
}

/** What an order does, for whoever is asked. Money in rao. */
interface Effect {
  readonly question: string;
  readonly amount: bigint;
  readonly changes: readonly (readonly [neuron: Neuron, change: bigint])[];
  readonly walletChange: bigint;
  readonly order: WalletOrder['order'];
}

async function carryOut(context: CommandContext, options: Spending, effect: Effect): Promise<void> {
  const file = readWallet(context.walletDir, options.wallet);
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const { balances } = await ledger.getBalances({ accounts: [file.address] });
  const balance = raoOf(balances[0]?.posted?.amount);
  const text = (units: bigint): string => amountText({ asset: network.symbol, units });
  const stakes = effect.changes.map(([neuron, change]) => {
    const before = raoOf(neuron.stake?.amount);
    return { hotkey: neuron.hotkey, netuid: neuron.netuid, name: neuronName(neuron), before, after: before + change };
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
  const notes = effect.changes.flatMap(([neuron, change]) => raisedAgain(neuron, change));
  if (options.dryRun) {
    return print(context, { value: { dryRun: true, ...told }, lines: [...lines, ...notes, 'Nothing was changed.'] });
  }
  if (!options.yes && !(await context.io.confirm(`${[...lines, ...notes].join('\n')}\n${effect.question}?`))) {
    throw notConfirmed();
  }
  const passphrase = await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: false });
  const coldkey = await unlockWallet(file, passphrase);
  const done = await ledger.submitOrder({
    order: signOrder(effect.order, coldkey, { ...network, nowMs: context.now() }),
  });
  print(context, {
    value: { dryRun: false, ...told, sequence: done.sequence, block: done.block },
    lines: [
      ...lines,
      ...notes,
      `Done in block ${done.block}, journal entry ${done.sequence}. It counts from the next epoch on.`,
    ],
  });
}

/** Whoever takes stake off a neuron that a resource looks after has it back there soon. */
function raisedAgain({ managedBy }: Neuron, change: bigint): string[] {
  if (managedBy === undefined || change >= 0n) return [];
  const { kind, namespace, name } = managedBy;
  return [`${kind} ${namespace}/${name} looks after it: where its spec.stake is higher, stake is put on it again.`];
}

async function ownNeuron(context: CommandContext, wallet: string, question: NeuronQuestion): Promise<Found> {
  const { address } = readWallet(context.walletDir, wallet);
  const found = await findNeuron(context.market, { ...question, kind: 'Neuron' });
  if (found.neuron.coldkey === address) return found;
  throw usageFailure(
    `${question.name} belongs to ${found.neuron.coldkey}, and wallet ${wallet} is ${address}`,
    'stake on a neuron is its owner’s: name the owner’s wallet',
  );
}

/** Of a neuron's stake, so much; all of it where nothing is said. */
function takenOf(neuron: Neuron, amount: string | undefined): bigint {
  const stake = raoOf(neuron.stake?.amount);
  const taken = amount === undefined ? stake : raoOfOption('--amount', amount);
  if (taken > 0n && taken <= stake) return taken;
  throw usageFailure(
    `${neuronName(neuron)} has a stake of ${tokens(neuron, stake)}: ${tokens(neuron, taken)} cannot be taken off`,
  );
}

function tokens(neuron: Neuron, units: bigint): string {
  return amountText({ asset: neuron.stake?.asset ?? 'TAO', units });
}

async function neuronsOfMarket({ market }: CommandContext) {
  const ledger = await market.ledger();
  const { emissionPolicy } = await ledger.getNetwork({});
  const markets = (await listSubnets(market)).map(({ netuid, handle }) => ({ netuid, handle }));
  const root = emissionPolicy === 'RootWeights' ? [{ netuid: ROOT_NETUID, handle: 'root' }] : [];
  const found = [];
  for (const { netuid, handle } of [...root, ...markets]) {
    for (const neuron of await listNeurons(market, netuid)) found.push({ neuron, handle });
  }
  return found;
}
