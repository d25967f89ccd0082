import { amountText } from '@subnetes/money/amount';
import type { Neuron } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { findNeuron, neuronName } from '../neuron-finder.ts';
import { raoOf } from '../number-text.ts';
import { type Ordering, sendOrder } from '../send-order.ts';
import type { NeuronQuestion } from '../stake-on.ts';
import { factLines } from '../table.ts';
import { readWallet } from '../wallet-store.ts';
import { addressOf } from './subnet-admission.ts';
import { readTokenNames } from '../token-names.ts';

/** All of a stake, as the wire counts it. */
const WHOLE = (1n << 64n) - 1n;
const PERCENT_PARTS = 1_000_000n;
const U16 = 65_535;

export interface ChildrenOptions extends Ordering {
  readonly neuron: NeuronQuestion;
  /** HOTKEY=PERCENT texts; none: it keeps all of its stake. */
  readonly children: readonly string[];
  readonly none: boolean;
}

/** `subnetes stake children`: gives parts of a hotkey's stake to others in one subnet. */
export async function setChildren(context: CommandContext, options: ChildrenOptions): Promise<void> {
  if (options.none === options.children.length > 0) throw usageFailure('name each --child HOTKEY=PERCENT, or --none');
  const neuron = await ownNeuron(context, options);
  const children = options.children.map(childOf);
  const { netuid, hotkey } = neuron;
  const given = children.map(({ hotkey: child, percent }) => `${child} ${percent} %`).join(', ');
  await sendOrder(context, options, {
    order: {
      case: 'setChildren',
      value: {
        $typeName: 'subnetes.ledger.v1.SetChildrenOrder',
        netuid,
        hotkey,
        children: children.map(({ hotkey: child, proportion }) => ({
          $typeName: 'subnetes.ledger.v1.Child',
          hotkey: child,
          proportion,
        })),
      },
    },
    lines: [
      `children of ${neuronName(neuron)} in subnet ${netuid}: ${given === '' ? 'none' : given}`,
      'In force after the first seal that comes 7200 blocks from now; until then things stay as they are.',
    ],
    question: 'Change them',
    told: {
      netuid,
      hotkey,
      children: children.map(({ hotkey: child, proportion }) => ({ hotkey: child, proportion })),
    },
  });
}

/** `subnetes stake child-take`: what a child keeps of what its parents' stake earns. */
export async function setChildTake(
  context: CommandContext,
  options: Ordering & { readonly neuron: NeuronQuestion; readonly percent: string },
): Promise<void> {
  const percent = /^\d{1,2}(\.\d{1,3})?$/.test(options.percent) ? Number(options.percent) : Number.NaN;
  if (!(percent >= 0 && percent <= 18)) throw usageFailure(`--percent must be 0 to 18, not ${options.percent}`);
  const neuron = await ownNeuron(context, options);
  const { netuid, hotkey } = neuron;
  const takeU16 = Math.floor((percent * U16) / 100);
  await sendOrder(context, options, {
    order: {
      case: 'setChildTake',
      value: { $typeName: 'subnetes.ledger.v1.SetChildTakeOrder', netuid, hotkey, takeU16 },
    },
    lines: [
      `child take of ${neuronName(neuron)} in subnet ${netuid}: ${options.percent} %, from the next epochs on; it may rise again only after 216000 blocks`,
    ],
    question: 'Change it',
    told: { netuid, hotkey, takeU16 },
  });
}

/** `subnetes stake lineage`: who gives a hotkey stake, to whom it gives, and what it counts by. */
export async function showLineage(context: CommandContext, question: NeuronQuestion): Promise<void> {
  const { neuron } = await findNeuron(context.market, { ...question, kind: 'Neuron' });
  const { netuid, hotkey } = neuron;
  const lineage = await (await context.market.mandates()).getLineage({ netuid, hotkey });
  const { own: asset } = await readTokenNames(context);
  const text = (rao: string): string => amountText({ asset, units: raoOf(rao) });
  const links = (list: readonly { readonly hotkey: string; readonly proportion: bigint }[]) =>
    list.map((each) => ({ hotkey: each.hotkey, proportion: each.proportion }));
  const { childTakeU16, heldRao, stakeRao, pendingFromBlock } = lineage;
  const said = (list: readonly { readonly hotkey: string; readonly proportion: bigint }[]): string =>
    list.length === 0 ? 'none' : list.map((each) => `${each.hotkey} ${percentOf(each.proportion)} %`).join(', ');
  print(context, {
    value: {
      netuid,
      hotkey,
      children: links(lineage.children),
      parents: links(lineage.parents),
      pending: pendingFromBlock === 0n ? null : { children: links(lineage.pending), fromBlock: pendingFromBlock },
      childTakeU16,
      heldRao: raoOf(heldRao),
      stakeRao: raoOf(stakeRao),
    },
    lines: factLines([
      ['lies on it', text(heldRao)],
      ['counts', text(stakeRao)],
      ['children', said(lineage.children)],
      ['parents', said(lineage.parents)],
      ['child take', `${((100 * childTakeU16) / U16).toFixed(2)} %`],
      ...(pendingFromBlock === 0n
        ? []
        : [[`waits for block ${pendingFromBlock}`, said(lineage.pending)] as [string, string]]),
    ]),
  });
}

async function ownNeuron(
  context: CommandContext,
  options: Ordering & { readonly neuron: NeuronQuestion },
): Promise<Neuron> {
  const { neuron } = await findNeuron(context.market, { ...options.neuron, kind: 'Neuron' });
  if (neuron.coldkey === readWallet(context.walletDir, options.wallet).address) return neuron;
  throw usageFailure(`${neuronName(neuron)} belongs to ${neuron.coldkey}`, 'name the owner’s wallet');
}

function childOf(text: string) {
  const [hotkey = '', percent = ''] = text.split('=');
  if (!/^\d{1,3}(\.\d{1,4})?$/.test(percent)) throw usageFailure(`--child: "${text}" is not HOTKEY=PERCENT`);
  const [whole = '0', fraction = ''] = percent.split('.');
  const parts = BigInt(whole) * 10_000n + BigInt(fraction.padEnd(4, '0'));
  if (parts === 0n || parts > PERCENT_PARTS) throw usageFailure(`--child: ${percent} % is not above 0 and at most 100`);
  return { hotkey: addressOf('--child', hotkey), percent, proportion: (WHOLE * parts) / PERCENT_PARTS };
}

function percentOf(proportion: bigint): string {
  return (Number((proportion * PERCENT_PARTS + WHOLE / 2n) / WHOLE) / 10_000).toString();
}
