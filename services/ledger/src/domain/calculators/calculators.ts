import { blockReward } from '@subnetes/consensus/issuance';
import {
  type EmissionPoint,
  type Interval,
  mapInterval,
  projectEmission,
} from '@subnetes/consensus/projection/emission-path';
import {
  incentiveInterval,
  type Payback,
  projectPayback,
} from '@subnetes/consensus/projection/registration-projection';
import type { DividendOutlook, StakeQuestion } from '@subnetes/consensus/projection/stake-outlook';
import { projectTogether, type StakeReward } from '@subnetes/consensus/projection/stake-projection';
import { stakeOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { burnPriceAt } from '../economy/burn-price.ts';
import { delegationOf } from '../economy/delegation.ts';
import type { EmissionBasis } from '../economy/emission-split.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Neuron } from '../economy/neuron.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import type { Subnet } from '../economy/subnet.ts';
import {
  type EpochOutlook,
  epochOutlook,
  paidOf,
  rootOutlook,
  type Standing,
  standingsOf,
} from './dividend-outlook.ts';
import { outlookOf, type OutlookMethod } from './emission-outlook.ts';
import { usualEpochsOf } from './paid-epochs.ts';
import { incomesBeside, meanOutlook, subnetAsked, subnetsBeside } from './subnets-beside.ts';

/** A year of blocks of 12 seconds: beyond, no assumption holds. */
export const PROJECTED_BLOCKS_MAX = 2_628_000;

/** Points of an emission at most. */
export const PROJECTED_POINTS_MAX = 64;

/** What holds for every projection. */
export interface Projected {
  /** From which it looks ahead, and how far. */
  readonly block: number;
  readonly blocks: number;
  readonly basis: EmissionBasis;
  readonly method: OutlookMethod;
  /** Paid epochs that it goes by; with none of them nothing is known of dividends and incentives. */
  readonly epochsSeen: number;
}

export type EmissionProjection = Projected & { readonly points: readonly (EmissionPoint & Interval<bigint>)[] };

/** What a subnet gets of the blocks to come. */
export function projectSubnet(
  ledger: Ledger,
  { netuid, blocks, points }: { readonly netuid: number; readonly blocks: number; readonly points: number },
): Decision<EmissionProjection> {
  const found = marketOf(ledger, netuid, blocks);
  if (!found.ok) return found;
  if (points < 1 || points > Math.min(blocks, PROJECTED_POINTS_MAX)) {
    return refuse('INVALID_ARGUMENT', `points must be 1 to ${Math.min(blocks, PROJECTED_POINTS_MAX)}, not ${points}`);
  }
  const outlook = outlookOf(ledger, netuid);
  const { low, mean, high } = mapInterval(outlook.emission, (emission) => projectEmission(emission, blocks, points));
  return accept({
    ...projected(ledger, found.value, blocks),
    points: mean.map((point, at) => ({
      ...point,
      low: low[at]?.emission ?? 0n,
      mean: point.emission,
      high: high[at]?.emission ?? 0n,
    })),
  });
}

export interface StakeAsked {
  readonly netuid: number;
  readonly hotkey: string;
  /** Whose stake; undefined: somebody's who has none there. */
  readonly wallet: string | undefined;
  /** Rao that it puts there now. */
  readonly add: bigint;
  readonly blocks: number;
  /** Whether the owner stakes what it is paid. */
  readonly restake: boolean;
}

export type StakeProjection = Projected & {
  readonly as: StakeQuestion['as'];
  /** Rao that earns from the beginning, with what is added. */
  readonly stakeBefore: bigint;
  readonly outcome: Interval<StakeReward>;
};

/** What a wallet's stake on a neuron earns. */
export function projectStakeOn(ledger: Ledger, asked: StakeAsked): Decision<StakeProjection> {
  const { netuid, hotkey, wallet, add, blocks, restake } = asked;
  const found = marketOf(ledger, netuid, blocks);
  if (!found.ok) return found;
  const neuron = ledger.neuronByHotkey(netuid, hotkey);
  if (neuron === undefined) return refuse('NOT_REGISTERED', `${hotkey} is not registered in subnet ${netuid}`);
  const has = holdingOf(ledger, neuron, wallet);
  const stakeBefore = has.stake + has.waiting + add;
  if (stakeBefore === 0n) return refuse('INVALID_ARGUMENT', 'there is no stake to project: name an amount to add');
  const subnet = subnetAsked(ledger, found.value, neuron);
  const beside = subnetsBeside(ledger, [{ netuid, outlook: subnet.mean.outlook }]);
  const of = (kind: keyof Interval<unknown>): StakeReward =>
    projectTogether([subnet[kind], ...beside], { ...has, add, blocks, restake });
  return accept({
    ...projected(ledger, found.value, blocks),
    as: has.as,
    stakeBefore,
    outcome: { low: of('low'), mean: of('mean'), high: of('high') },
  });
}

export type RegistrationProjection = Projected & {
  /** Rao that a registration costs in the next block, and as the next epoch ends if nobody registers until then. */
  readonly cost: bigint;
  readonly costAtSeal: bigint;
  /** Miners that earned something in the epochs of late. */
  readonly miners: number;
  readonly outcome: Interval<Payback>;
};

/** What a registration costs, and when a newcomer has earned it that does like the lower quartile, the mean or the upper quartile. */
export function projectRegistration(
  ledger: Ledger,
  { netuid, blocks }: { readonly netuid: number; readonly blocks: number },
): Decision<RegistrationProjection> {
  const found = marketOf(ledger, netuid, blocks);
  if (!found.ok) return found;
  const subnet = found.value;
  if (netuid === ROOT_NETUID) return refuse('INVALID_ARGUMENT', 'members of the root network earn nothing');
  const epochs = usualEpochsOf(ledger, netuid);
  const outlook = outlookOf(ledger, netuid);
  const rest = { ...epochOutlook(ledger, subnet), paid: paidOf(epochs) };
  const cost = burnPriceAt(subnet, ledger.block);
  const skip = unpaidEpochs(subnet);
  const incentives = incentivesOf(epochs);
  const like = incentiveInterval(incentives) ?? NOTHING;
  const of = (kind: keyof Interval<unknown>): Payback =>
    projectPayback(
      { ...outlook.emission[kind], ...rest },
      { incentive: like[kind], incentives: rest.paid.incentives },
      { cost, skip, blocks },
    );
  return accept({
    ...projected(ledger, subnet, blocks),
    cost,
    costAtSeal: burnPriceAt(subnet, ledger.block + rest.blocksToSeal),
    miners: incentives.filter((amount) => amount > 0n).length,
    outcome: { low: of('low'), mean: of('mean'), high: of('high') },
  });
}

/** All that projections of a subnet go by. */
export type SubnetOutlook = Projected &
  EpochOutlook &
  Pick<DividendOutlook, 'rootWeightPpm' | 'others'> & {
    readonly issued: bigint;
    /** Rao of the next block, and the subnet's part of it. */
    readonly reward: bigint;
    readonly part: bigint;
    readonly paid: ReturnType<typeof paidOf>;
    readonly validators: readonly Standing[];
    readonly miners: number;
    readonly incentives: Interval<bigint>;
    readonly cost: bigint;
    readonly unpaidEpochs: number;
  };

/** What whoever reckons by themselves has to know. */
export function outlookOfSubnet(ledger: Ledger, netuid: number): Decision<SubnetOutlook> {
  const found = marketOf(ledger, netuid, 1);
  if (!found.ok) return found;
  const subnet = found.value;
  const epochs = usualEpochsOf(ledger, netuid);
  const [point] = projectEmission(outlookOf(ledger, netuid).emission.mean, 1);
  const incentives = incentivesOf(epochs);
  const validators = standingsOf(ledger, netuid, { epochs });
  const incomes = incomesBeside(ledger, { netuid, outlook: meanOutlook(ledger, subnet) });
  return accept({
    ...projected(ledger, subnet, 0),
    ...rootOutlook(ledger, netuid, { standings: validators, epochs }),
    ...epochOutlook(ledger, subnet),
    issued: ledger.issued,
    reward: blockReward(ledger.network.genesis, ledger.issued),
    part: point?.emission ?? 0n,
    paid: paidOf(epochs),
    validators: validators.map((each) => withIncome(each, incomes)),
    miners: incentives.filter((amount) => amount > 0n).length,
    incentives: incentiveInterval(incentives) ?? NOTHING,
    cost: burnPriceAt(subnet, ledger.block),
    unpaidEpochs: unpaidEpochs(subnet),
  });
}

function withIncome(validator: Standing, incomes: ReadonlyMap<string, bigint>): Standing {
  const { root } = validator.outlook;
  if (root === undefined) return validator;
  return { ...validator, outlook: { ...validator.outlook, root: { ...root, incomeQ64: incomes.get(root.key) ?? 0n } } };
}

const NOTHING: Interval<bigint> = { low: 0n, mean: 0n, high: 0n };

/** Epochs until weights that name a newcomer can count. */
function unpaidEpochs({ active }: Subnet): number {
  const { commitReveal, revealPeriodEpochs } = active.policy.hyperparameters;
  return commitReveal === 'Off' ? 0 : revealPeriodEpochs;
}

function marketOf(ledger: Ledger, netuid: number, blocks: number): Decision<Subnet> {
  const subnet = ledger.subnet(netuid);
  if (subnet === undefined) return refuse('SUBNET_UNKNOWN', `there is no subnet ${netuid}`);
  return Number.isInteger(blocks) && blocks >= 1 && blocks <= PROJECTED_BLOCKS_MAX
    ? accept(subnet)
    : refuse('INVALID_ARGUMENT', `blocks must be 1 to ${PROJECTED_BLOCKS_MAX}, not ${blocks}`);
}

function projected(ledger: Ledger, { netuid }: Subnet, blocks: number): Projected {
  const { basis, method } = outlookOf(ledger, netuid);
  return { block: ledger.block, blocks, basis, method, epochsSeen: usualEpochsOf(ledger, netuid).length };
}

function holdingOf(
  ledger: Ledger,
  neuron: Neuron,
  wallet: string | undefined,
): Pick<StakeQuestion, 'as' | 'stake' | 'waiting'> {
  const { netuid, hotkey, coldkey } = neuron;
  if (wallet === coldkey) {
    return { as: 'owner', stake: ledger.book.posted(ledger.asset, stakeOf(netuid, hotkey, coldkey)), waiting: 0n };
  }
  if (wallet === undefined) return { as: 'delegator', stake: 0n, waiting: 0n };
  const { worth, waiting } = delegationOf(ledger, wallet, neuron);
  return { as: 'delegator', stake: worth, waiting };
}

/** Rao by neuron over some epochs. */
function incentivesOf(epochs: readonly { readonly earned: ReturnType<typeof usualEpochsOf>[number]['earned'] }[]) {
  const sums = new Map<string, bigint>();
  for (const { uid, since, incentive } of epochs.flatMap(({ earned }) => earned)) {
    const key = `${uid}/${since}`;
    sums.set(key, (sums.get(key) ?? 0n) + incentive);
  }
  return [...sums.values()];
}
