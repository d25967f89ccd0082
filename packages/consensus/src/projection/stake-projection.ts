import { RootPools } from './root-pool.ts';
import { type DividendOutlook, epochsIn, type StakeQuestion } from './stake-outlook.ts';
import { type Asker, SubnetRun } from './subnet-run.ts';

const ONE_Q64 = 1n << 64n;

export interface StakeReward {
  /** Epochs that are paid until then. */
  readonly epochs: number;
  /** What the stake earned, without what the owner takes of others. */
  readonly reward: bigint;
  /** What the owner took of the dividends of others. */
  readonly take: bigint;
  /** The stake at the end; with `restake` what was earned is in it. */
  readonly stake: bigint;
}

/** Updates of all validators at most, and again in all subnets together that only stand beside. */
const UPDATES_MAX = 20_000;

/** A subnet, and the index of the validator in it whose reward is asked for: none where it only stands beside the others. */
export interface SubnetAsked {
  readonly outlook: DividendOutlook;
  readonly validator: number | undefined;
}

/**
 * What stake earns, epoch by epoch by the ledger's own rule: the pot of its blocks, the owner's cut, dividends, parents' and root's part of
 * them, the take, and growth of delegations by what they were paid. A validator's part of the dividends goes with its stake, at the yield of
 * late, and is divided by that of all, whose stake grows as well. Whoever comes or goes, or rates otherwise, is not foreseen.
 */
export function projectStake(outlook: DividendOutlook, { validator, ...question }: StakeQuestion): StakeReward {
  return projectTogether([{ outlook, validator }], question);
}

/**
 * The same of several subnets at once, whose validators share what stands on root behind their hotkeys: what one subnet pays to root counts
 * in the others from then on. Stake on root earns in each subnet that has a validator; other stake is on one of them alone.
 */
export function projectTogether(
  subnets: readonly SubnetAsked[],
  question: Omit<StakeQuestion, 'validator'>,
): StakeReward {
  const roots = new RootPools();
  const asker: Asker = { question, mine: question.stake, reward: 0n, take: 0n };
  const updatesBeside = shareOfUpdates(subnets, question.blocks);
  const runs = subnets.map((each) => {
    const updatesMax = each.validator === undefined ? updatesBeside(each) : UPDATES_MAX;
    return new SubnetRun(each, { asker, roots, updatesMax });
  });
  const target = runs.find((run) => run.target !== undefined)?.target;
  if (target === undefined) throw new RangeError('nothing is asked');
  if (question.as === 'root') target.root?.claim(question);
  for (let block = nextBlock(runs); block !== undefined; block = nextBlock(runs)) {
    // As the ledger: what is sealed in one block is paid after that, by what was before.
    const payments = runs.filter((run) => run.nextBlock === block).map((run) => run.seal());
    for (const pay of payments) pay();
  }
  const epochs = runs.reduce((sum, run) => sum + (run.target === undefined ? 0 : run.epochs), 0);
  return { epochs, reward: asker.reward, take: asker.take, stake: stakeAtEnd(runs, asker) };
}

function stakeAtEnd(runs: readonly SubnetRun[], { question: { as, waiting, add }, mine }: Asker): bigint {
  const run = runs.find(({ target }) => target !== undefined);
  if (run?.target === undefined || as === 'root') return run?.target?.root?.mine ?? 0n;
  return (as === 'owner' ? run.target.own : mine) + (run.hasCounted ? 0n : waiting + add);
}

function nextBlock(runs: readonly SubnetRun[]): number | undefined {
  let first: number | undefined;
  for (const { nextBlock: block } of runs) if (block !== undefined && block < (first ?? Infinity)) first = block;
  return first;
}

/** Subnets that stand beside have so many updates together, each by how many it would take. */
function shareOfUpdates(subnets: readonly SubnetAsked[], blocks: number): (subnet: SubnetAsked) => number {
  const wantedOf = ({ outlook }: SubnetAsked): number => epochsIn(outlook, blocks) * outlook.validators.length;
  const beside = subnets.filter(({ validator }) => validator === undefined);
  const wanted = beside.reduce((sum, each) => sum + wantedOf(each), 0);
  return (subnet) => Math.max(1, wantedOf(subnet) * Math.min(1, UPDATES_MAX / Math.max(1, wanted)));
}

/** A validator's share of dividends by its share of stake over some epochs, in 2^-64: what each smallest unit of stake brings. */
export function yieldQ64(
  epochs: readonly {
    readonly dividend: bigint;
    readonly dividends: bigint;
    readonly stake: bigint;
    readonly stakes: bigint;
  }[],
): bigint {
  let [earned, staked] = [0n, 0n];
  for (const { dividend, dividends, stake, stakes } of epochs) {
    if (dividends === 0n || stakes === 0n) continue;
    earned += (dividend * ONE_Q64) / dividends;
    staked += (stake * ONE_Q64) / stakes;
  }
  return staked === 0n ? 0n : (earned * ONE_Q64) / staked;
}
