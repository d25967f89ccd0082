import { spokenTime } from '@subnetes/consensus/projection/spoken-time';
import { amountText } from '@subnetes/money/amount';
import type {
  EmissionPoint,
  Payback,
  Projection,
  ProjectStakeResponse,
  StakeReward,
} from '@subnetes/proto/gen/subnetes/ledger/v1/calculators_pb';
import { type CommandContext, print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { findNeuron, findSubnet, neuronName, ROOT_NETUID } from '../neuron-finder.ts';
import { raoOf } from '../number-text.ts';
import { hotkeyOf, type NeuronQuestion } from '../stake-on.ts';
import { factLines, tableLines } from '../table.ts';
import { raoOfOption } from '../token-amount.ts';
import { readWallet } from '../wallet-store.ts';
import { readTokenNames } from '../token-names.ts';

/** How far ahead: in days or in blocks. */
export interface Ahead {
  readonly days: string | undefined;
  readonly blocks: number | undefined;
}

const DAY_MS = 86_400_000;
const DAYS_DEFAULT = 30;

/** `subnetes calc stake`: what stake on a neuron earns. */
export async function calcStake(
  context: CommandContext,
  options: Ahead & {
    readonly neuron: NeuronQuestion;
    readonly wallet: string | undefined;
    readonly owner: string | undefined;
    readonly amount: string | undefined;
    readonly restake: boolean;
  },
): Promise<void> {
  const target = await targetOf(context, options.neuron);
  const coldkey =
    options.owner ?? (options.wallet === undefined ? '' : readWallet(context.walletDir, options.wallet).address);
  if (coldkey === '' && options.amount === undefined) {
    throw usageFailure('which stake?', 'name an --amount, or whose stake it is with --wallet NAME or --owner ADDRESS');
  }
  const add = options.amount === undefined ? 0n : raoOfOption('--amount', options.amount);
  const calculators = await context.market.calculators();
  const answer = await calculators.projectStake({
    netuid: target.netuid,
    hotkey: target.hotkey,
    coldkey,
    addRao: add.toString(),
    blocks: await blocksOf(context, options),
    restake: options.restake,
  });
  await printStake(context, target, answer);
}

/** Where the stake is: on a neuron, or on its hotkey on root. */
interface Target {
  readonly netuid: number;
  readonly hotkey: string;
  readonly name: string;
}

async function targetOf({ market }: CommandContext, question: NeuronQuestion): Promise<Target> {
  if (question.isOnRoot === true) {
    const { hotkey, name } = await hotkeyOf(market, question);
    return { netuid: ROOT_NETUID, hotkey, name: `${name} on root` };
  }
  const { neuron } = await findNeuron(market, { ...question, kind: 'Neuron' });
  return { netuid: neuron.netuid, hotkey: neuron.hotkey, name: neuronName(neuron) };
}

async function printStake(
  context: CommandContext,
  { name, hotkey }: Target,
  answer: ProjectStakeResponse,
): Promise<void> {
  const { owns } = answer;
  const told = projectionOf(answer.projection);
  const text = await textOf(context, told);
  const stakeRao = raoOf(answer.stakeRao);
  const [low, mean, high] = [rewardOf(answer.low), rewardOf(answer.mean), rewardOf(answer.high)];
  print(context, {
    value: { ...told, neuron: name, hotkey, owns, stakeRao, low, mean, high },
    lines: [
      ...factLines([
        ['Stake', `${text(stakeRao)} on ${name}, ${owns ? 'its own' : 'delegated'}`],
        ['Ahead', aheadText(told, mean.epochs)],
        ['By', epochsText(told)],
      ]),
      ...tableLines(
        [
          { head: '' },
          { head: 'EARNS', align: 'right' },
          ...(owns ? [{ head: 'TAKE OF OTHERS', align: 'right' } as const] : []),
          { head: 'STAKE THEN', align: 'right' },
          { head: 'A YEAR', align: 'right' },
        ],
        Object.entries({ low, mean, high }).map(([kind, reward]) => [
          kind,
          text(reward.rewardRao),
          ...(owns ? [text(reward.takeRao)] : []),
          text(reward.stakeRao),
          yearText(reward.rewardRao, stakeRao, told),
        ]),
      ),
    ],
  });
}

/** `subnetes calc registration`: what a registration costs and when it has earned that. */
export async function calcRegistration(
  context: CommandContext,
  options: Ahead & { readonly subnet: string },
): Promise<void> {
  const { netuid, handle } = await findSubnet(context.market, options.subnet);
  const calculators = await context.market.calculators();
  const answer = await calculators.projectRegistration({ netuid, blocks: await blocksOf(context, options) });
  const told = projectionOf(answer.projection);
  const text = await textOf(context, told);
  const costRao = raoOf(answer.costRao);
  const costAtSealRao = raoOf(answer.costAtSealRao);
  const [low, mean, high] = [paybackOf(answer.low), paybackOf(answer.mean), paybackOf(answer.high)];
  const rows = [
    ['lower quartile', low],
    ['mean', mean],
    ['upper quartile', high],
  ] as const;
  print(context, {
    value: { ...told, subnet: handle, netuid, costRao, costAtSealRao, miners: answer.miners, low, mean, high },
    lines: [
      ...factLines([
        ['Costs', `${text(costRao)} now, ${text(costAtSealRao)} as the epoch ends if nobody registers`],
        ['Miners', `${answer.miners} earned something in the last ${told.epochsSeen} epochs`],
        ['By', epochsText(told)],
      ]),
      ...tableLines(
        [{ head: 'LIKE THE' }, { head: 'FIRST EPOCH', align: 'right' }, { head: 'PAID BACK AFTER', align: 'right' }],
        rows.map(([name, { firstEpochRao, blocks }]) => [
          name,
          text(firstEpochRao),
          blocks === undefined ? `not within ${told.blocks} blocks` : timeText(blocks, told),
        ]),
      ),
    ],
  });
}

/** `subnetes calc emission`: what a subnet gets of the blocks to come. */
export async function calcEmission(
  context: CommandContext,
  options: Ahead & { readonly subnet: string; readonly points: number },
): Promise<void> {
  const { netuid, handle } = await findSubnet(context.market, options.subnet);
  const calculators = await context.market.calculators();
  const blocks = await blocksOf(context, options);
  const answer = await calculators.projectEmission({ netuid, blocks, points: options.points });
  const told = projectionOf(answer.projection);
  const text = await textOf(context, told);
  const points = answer.points.map(pointOf);
  print(context, {
    value: { ...told, subnet: handle, netuid, points },
    lines: [
      ...factLines([
        ['Subnet', handle],
        ['By', splitText(told)],
      ]),
      ...tableLines(
        [
          { head: 'UNTIL', align: 'right' },
          { head: 'LOW', align: 'right' },
          { head: 'MEAN', align: 'right' },
          { head: 'HIGH', align: 'right' },
        ],
        points.map(({ blocks: at, lowRao, meanRao, highRao }) => [
          timeText(at, told),
          text(lowRao),
          text(meanRao),
          text(highRao),
        ]),
      ),
    ],
  });
}

async function blocksOf({ market }: CommandContext, { days, blocks }: Ahead): Promise<number> {
  if (blocks !== undefined) return blocks;
  const { blockTimeMs } = await (await market.ledger()).getNetwork({});
  const ahead = days === undefined ? DAYS_DEFAULT : Number(days);
  if (!(ahead > 0 && ahead <= 3650)) throw usageFailure(`--days has to be a number above zero, not ${days}`);
  return Math.max(1, Math.round((ahead * DAY_MS) / blockTimeMs));
}

type Told = ReturnType<typeof projectionOf>;

function projectionOf(projection: Projection | undefined) {
  const { block = 0n, blocks = 0, asset = '', basis = '', method = '' } = projection ?? {};
  const { epochsSeen = 0, blockTimeMs = 0 } = projection ?? {};
  return { block, blocks, asset, basis, method, epochsSeen, blockTimeMs };
}

async function textOf(context: CommandContext, told: Told): Promise<(units: bigint) => string> {
  const asset = (await readTokenNames(context)).of(told.asset);
  return (units) => amountText({ asset, units });
}

function rewardOf(reward: StakeReward | undefined) {
  return {
    rewardRao: raoOf(reward?.rewardRao),
    takeRao: raoOf(reward?.takeRao),
    stakeRao: raoOf(reward?.stakeRao),
    epochs: reward?.epochs ?? 0,
  };
}

function paybackOf(payback: Payback | undefined) {
  const { firstEpochRao, earnedRao, blocks } = payback ?? {};
  return { firstEpochRao: raoOf(firstEpochRao), earnedRao: raoOf(earnedRao), blocks };
}

function pointOf({ blocks, lowRao, meanRao, highRao }: EmissionPoint) {
  return { blocks, lowRao: raoOf(lowRao), meanRao: raoOf(meanRao), highRao: raoOf(highRao) };
}

function aheadText(told: Told, epochs: number): string {
  return `${timeText(told.blocks, told)}, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`;
}

function timeText(blocks: number, { blockTimeMs }: Told): string {
  return `${blocks} blocks (${spokenTime(blocks * blockTimeMs)})`;
}

/** Simple interest: what the stretch earned, as often as it goes into a year. */
function yearText(reward: bigint, stake: bigint, { blocks, blockTimeMs }: Told): string {
  if (stake === 0n) return '–';
  const years = (blocks * blockTimeMs) / (365 * DAY_MS);
  return `${((100 * Number((reward * 1_000_000_000n) / stake)) / 1e9 / years).toFixed(2)} %`;
}

/** By what blocks are split, and what low and high mean, in words. */
function splitText({ basis, method }: Told): string {
  const open =
    method === 'UseEnds'
      ? 'low: its use ends and that of others goes on; high: the other way round'
      : method === 'RecentRootEpochs'
        ? 'low and high: the lowest and highest share of the last root epochs'
        : 'the split stays while the same subnets are started';
  return `${basis}; ${open}`;
}

/** The same, and which epochs tell what is paid. */
function epochsText(told: Told): string {
  return told.epochsSeen === 0
    ? `${splitText(told)}; no epoch was paid yet, so nothing is known of what it pays`
    : `${splitText(told)}; what the last ${told.epochsSeen} epochs paid`;
}
