import {
  constantShare,
  type EmissionOutlook,
  type Interval,
  projectEmission,
} from '@subnetes/consensus/projection/emission-path';
import { type Payback, projectPayback } from '@subnetes/consensus/projection/registration-projection';
import { epochsIn, type Lineage, type ValidatorOutlook } from '@subnetes/consensus/projection/stake-outlook';
import { projectStake, type StakeReward } from '@subnetes/consensus/projection/stake-projection';

/** What projections of a subnet go by, as JSON: rao and shares of 2^-64 are decimal strings. */
export interface OutlookView {
  /** Paid epochs that it is taken from; with none of them nothing is known of dividends and incentives. */
  readonly epochsSeen: number;
  readonly blockTimeMs: number;
  readonly cap: string;
  readonly issued: string;
  readonly firstReward: string;
  readonly halves: boolean;
  /** Of the next block, and the subnet's part of it. */
  readonly reward: string;
  readonly part: string;
  readonly tempo: number;
  readonly blocksToSeal: number;
  readonly pot: string;
  readonly sealedPot: string;
  readonly ownerCutU16: number;
  readonly paidPots: string;
  readonly paidDividends: string;
  readonly paidIncentives: string;
  readonly validators: readonly ValidatorView[];
  /** What stake on root counts for, in parts per million; 0: none is taken. */
  readonly rootWeightPpm: number;
  /** Neurons that earned no dividends: what lies on them, what root behind them counts for, and what of a pot they have staked. */
  readonly others: { readonly stake: string; readonly root: string; readonly stakes: string };
  readonly miners: number;
  readonly incentives: Interval<string>;
  readonly registrationCost: string;
  readonly unpaidEpochs: number;
}

export interface ValidatorView {
  readonly uid: number;
  readonly own: string;
  readonly delegated: string;
  readonly waiting: string;
  readonly takeU16: number;
  /** On root behind it, and what other subnets pay there of each rao that is minted. */
  readonly root: {
    readonly own: string;
    readonly delegated: string;
    readonly waiting: string;
    readonly income: string;
  };
  /** Where parents or children have a part in its stake; proportions in 2^-32. */
  readonly lineage?: {
    readonly keeps: string;
    readonly parents: readonly { readonly uid: number; readonly gives: string; readonly takeU16: number }[];
  };
  /** Where its owner has earnings staked: what it earns of a pot as incentives. */
  readonly stakes?: string;
  readonly yields: Interval<string>;
}

/** What the ledger itself says that a delegation earns. Rao as decimal text. */
export type StakeAnswer = Interval<{ readonly reward: string; readonly epochs: number }>;

/**
 * Whether this subnet is a world of its own: what stands on root grows by other subnets too, and a page that knows one of them
 * is percents off in a year in which stakes multiply. Then the ledger is asked, which reckons all of them.
 */
export function isAlone({ rootWeightPpm, validators, others }: OutlookView): boolean {
  if (rootWeightPpm === 0) return true;
  const onRoot = validators.flatMap(({ root }) => [root.own, root.delegated, root.waiting, root.income]);
  return [...onRoot, others.root].every((amount) => BigInt(amount) === 0n);
}

const KINDS = ['low', 'mean', 'high'] as const;

/** Rao that the subnet gets of the next blocks if everything stays as it is. */
export function emissionOver(view: OutlookView, blocks: number): bigint {
  return projectEmission(emissionOf(view), blocks)[0]?.emission ?? 0n;
}

const PPM = 1_000_000n;

/** Rao on root behind a validator, and about what they count for in the subnet; undefined where there are none. */
export function rootBehind(
  { validators, rootWeightPpm }: OutlookView,
  uid: number,
): { readonly stake: bigint; readonly counts: bigint } | undefined {
  const root = validators.find((each) => each.uid === uid)?.root;
  const stake = root === undefined ? 0n : BigInt(root.own) + BigInt(root.delegated);
  return stake === 0n ? undefined : { stake, counts: (stake * BigInt(rootWeightPpm)) / PPM };
}

/** What a delegation of so many rao to a validator earns; undefined where it has earned no dividends of late. */
export function delegationOver(
  view: OutlookView,
  { uid, rao, blocks }: { readonly uid: number; readonly rao: bigint; readonly blocks: number },
): Interval<StakeReward> | undefined {
  const validator = view.validators.findIndex((each) => each.uid === uid);
  if (validator < 0 || blocks < 1) return undefined;
  const question = { validator, as: 'delegator' as const, stake: 0n, waiting: 0n, add: rao, blocks, restake: false };
  const [dividends, incentives] = [BigInt(view.paidDividends), BigInt(view.paidIncentives)];
  const [low, mean, high] = KINDS.map((kind) =>
    projectStake(
      {
        ...emissionOf(view),
        ...epochsOf(view),
        sealedPot: BigInt(view.sealedPot),
        paid: { dividends, all: dividends + incentives, pots: BigInt(view.paidPots) },
        validators: view.validators.map((each) => standingOf(each, each.uid === uid ? kind : 'mean')),
      },
      question,
    ),
  );
  return low === undefined || mean === undefined || high === undefined ? undefined : { low, mean, high };
}

/** When a registration has paid for itself, for who does like the lower quartile, the mean or the upper quartile. */
export function paybackOver(view: OutlookView, blocks: number): Interval<Payback> {
  const of = (kind: keyof Interval<unknown>): Payback =>
    projectPayback(
      {
        ...emissionOf(view),
        ...epochsOf(view),
        paid: { incentives: BigInt(view.paidIncentives), pots: BigInt(view.paidPots) },
      },
      { incentive: BigInt(view.incentives[kind]), incentives: BigInt(view.paidIncentives) },
      { cost: BigInt(view.registrationCost), skip: view.unpaidEpochs, blocks },
    );
  return { low: of('low'), mean: of('mean'), high: of('high') };
}

/** Epochs that end within so many blocks. */
export function epochsUntil(view: OutlookView, blocks: number): number {
  return epochsIn(view, blocks);
}

/** The part of a reward is taken to stay what it is of the next one. */
function emissionOf({ cap, issued, firstReward, halves, reward, part }: OutlookView): EmissionOutlook {
  const [now, own] = [BigInt(reward), BigInt(part)];
  return {
    rules: { cap: BigInt(cap), blockReward: BigInt(firstReward), halving: halves ? 'ByIssuance' : 'None' },
    issued: BigInt(issued),
    share: () => constantShare((of) => (now === 0n ? 0n : (of * own) / now)),
  };
}

function epochsOf({ tempo, blocksToSeal, pot, ownerCutU16, rootWeightPpm, others }: OutlookView) {
  const rest = { stake: BigInt(others.stake), root: BigInt(others.root), stakesQ64: BigInt(others.stakes) };
  return { tempo, blocksToSeal, pot: BigInt(pot), ownerCutU16, rootWeightPpm, others: rest };
}

function standingOf(
  { uid, own, delegated, waiting, takeU16, root, lineage, stakes, yields }: ValidatorView,
  kind: keyof Interval<unknown>,
): ValidatorOutlook {
  return {
    uid,
    own: BigInt(own),
    delegated: BigInt(delegated),
    waiting: BigInt(waiting),
    takeU16,
    root: {
      key: String(uid),
      own: BigInt(root.own),
      delegated: BigInt(root.delegated),
      waiting: BigInt(root.waiting),
      incomeQ64: BigInt(root.income),
    },
    ...(lineage === undefined ? {} : { lineage: lineageOf(lineage) }),
    ...(stakes === undefined ? {} : { stakes: { incentivesQ64: BigInt(stakes) } }),
    yieldQ64: BigInt(yields[kind]),
  };
}

function lineageOf({ keeps, parents }: NonNullable<ValidatorView['lineage']>): Lineage {
  return {
    keepsQ32: BigInt(keeps),
    parents: parents.map(({ uid, gives, takeU16 }) => ({ uid, givesQ32: BigInt(gives), takeU16 })),
  };
}
