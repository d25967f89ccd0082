import { type EmissionOutlook, EmissionPath } from './emission-path.ts';
import { type RootOutlook, type RootPool, RootPools } from './root-pool.ts';

const U16 = 65_535n;
const ONE_Q64 = 1n << 64n;

/** What is known of a validator's stake and of what it earned by it. Money in smallest units. */
export interface ValidatorOutlook {
  /** Stake of its owner. */
  readonly own: bigint;
  /** Stake of others that counts. */
  readonly delegated: bigint;
  /** Stake of others that counts from the next seal on. */
  readonly waiting: bigint;
  /** What the owner keeps of the dividends of others, of 65535. */
  readonly takeU16: number;
  /** Share of dividends by share of stake in the epochs of late, in 2^-64; 0: earned none. */
  readonly yieldQ64: bigint;
  /** Absent where nothing stands on root behind it. */
  readonly root?: RootOutlook;
}

/** A subnet as far as dividends go. */
export interface DividendOutlook extends EmissionOutlook {
  readonly validators: readonly ValidatorOutlook[];
  /** Blocks between two epochs. */
  readonly tempo: number;
  /** Blocks until the next epoch is sealed, from 1. */
  readonly blocksToSeal: number;
  /** What has accrued for it. */
  readonly pot: bigint;
  /** Pot of an epoch that is sealed and will be paid by the stake of before; 0: there is none. */
  readonly sealedPot: bigint;
  /** What the owner of the subnet gets of a pot, of 65535. */
  readonly ownerCutU16: number;
  /** Of what epochs of late had for miners and validators: how much they paid as dividends, and how much to anybody. */
  readonly paid: { readonly dividends: bigint; readonly all: bigint; readonly pots: bigint };
  /** What stake on root counts for, in parts per million; absent: nothing. */
  readonly rootWeightPpm?: number;
  /** Of neurons that earn no dividends: what lies on them, and what root behind them counts for. */
  readonly others?: { readonly stake: bigint; readonly root: bigint };
}

/** Whose reward is asked for. */
export interface StakeQuestion {
  /** Index of the validator. */
  readonly validator: number;
  /** The validator's owner, somebody who delegates to it, or somebody who stakes on its hotkey on root. */
  readonly as: 'owner' | 'delegator' | 'root';
  /** Of the delegator's stake: what counts already, and what counts from the next seal on. An owner has all of `own`. */
  readonly stake: bigint;
  readonly waiting: bigint;
  /** Put on the validator now. */
  readonly add: bigint;
  readonly blocks: number;
  /** Whether the owner puts what it was paid on its stake after every epoch; delegations grow by themselves. */
  readonly restake: boolean;
}

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

/** Updates of all validators at most; where there would be more, an epoch is reckoned as several at once. */
const UPDATES_MAX = 20_000;

interface Standing {
  readonly outlook: ValidatorOutlook;
  readonly root: RootPool | undefined;
  own: bigint;
  delegated: bigint;
}

/** A subnet and whose reward in it is asked for. */
export interface SubnetQuestion {
  readonly outlook: DividendOutlook;
  readonly question: StakeQuestion;
}

/**
 * What stake earns, epoch by epoch by the ledger's own rule: the pot of its blocks, the owner's cut, dividends, root's part of them, the
 * take, and growth of delegations by what they were paid. A validator's part of the dividends goes with its stake, at the yield of late,
 * and is divided by that of all, whose stake grows as well. Whoever comes or goes, or rates otherwise, is not foreseen.
 */
export function projectStake(outlook: DividendOutlook, question: StakeQuestion): StakeReward {
  const [reward] = projectTogether([{ outlook, question }]);
  if (reward === undefined) throw new RangeError('nothing is asked');
  return reward;
}

/**
 * The same of several subnets at once, whose validators share what stands on root behind their hotkeys: what one subnet pays to root counts
 * in the others from then on. A reward each; the stake at the end of one on root is the same in all of them.
 */
export function projectTogether(asked: readonly SubnetQuestion[]): readonly StakeReward[] {
  const roots = new RootPools();
  const runs = asked.map((each) => {
    const state = begin(each, roots);
    const run = epochsOf(state, each);
    return { ...each, state, run, next: run.next() };
  });
  for (;;) {
    let first: (typeof runs)[number] | undefined;
    for (const run of runs) {
      if (run.next.done !== true && (first === undefined || run.next.value < (first.next.value ?? 0))) first = run;
    }
    if (first === undefined) break;
    first.next = first.run.next();
  }
  return runs.map(({ state, question, outlook }) => ({
    epochs: state.epochs,
    reward: state.reward,
    take: state.take,
    stake: stakeAtEnd(state, question, epochsIn(outlook, question.blocks)),
  }));
}

function begin({ outlook, question }: SubnetQuestion, roots: RootPools): State {
  const standings = outlook.validators.map((validator) => ({
    outlook: validator,
    root: validator.root === undefined ? undefined : roots.of(validator.root),
    own: validator.own,
    delegated: validator.delegated,
  }));
  const target = standings[question.validator];
  if (target === undefined) throw new RangeError(`there is no validator ${question.validator}`);
  if (question.as === 'root') target.root?.claim(question);
  return { standings, target, mine: question.stake, reward: 0n, take: 0n, epochs: 0 };
}

/** Pays the epochs of a subnet, one after each time that it is asked for the next; answers the block of each, from now, before. */
function* epochsOf(state: State, { outlook, question }: SubnetQuestion): Generator<number, void> {
  const path = new EmissionPath(outlook, question.blocks);
  let carried = outlook.pot;
  if (outlook.sealedPot > 0n) {
    yield 0;
    carried += payEpochs(state, question, { outlook, pot: outlook.sealedPot, count: 1 });
    state.epochs += 1;
  }
  if (question.as === 'owner') state.target.own += question.add;
  const all = epochsIn(outlook, question.blocks);
  const stride = Math.max(1, Math.ceil((all * state.standings.length) / UPDATES_MAX));
  for (let done = 0; done < all;) {
    yield outlook.blocksToSeal + done * outlook.tempo;
    // The first epoch is another stretch of blocks than those that follow, and what waited counts with it.
    const count = done === 0 ? 1 : Math.min(stride, all - done);
    carried += path.next(done === 0 ? outlook.blocksToSeal : count * outlook.tempo);
    if (done === 0) countWaiting(state, question);
    carried = payEpochs(state, question, { outlook, pot: carried, count });
    done += count;
    state.epochs += count;
  }
}

function stakeAtEnd({ target, mine }: State, { as, waiting, add }: StakeQuestion, epochs: number): bigint {
  if (as === 'owner') return target.own;
  if (as === 'root') return target.root?.mine ?? 0n;
  return mine + (epochs === 0 ? waiting + add : 0n);
}

/** Epochs that are sealed within some blocks from now. */
export function epochsIn(
  { blocksToSeal, tempo }: Pick<DividendOutlook, 'blocksToSeal' | 'tempo'>,
  blocks: number,
): number {
  return blocks < blocksToSeal ? 0 : 1 + Math.floor((blocks - blocksToSeal) / tempo);
}

interface State {
  readonly standings: readonly Standing[];
  readonly target: Standing;
  mine: bigint;
  reward: bigint;
  take: bigint;
  epochs: number;
}

function countWaiting(state: State, { as, waiting, add }: StakeQuestion): void {
  for (const standing of state.standings) {
    standing.delegated += standing.outlook.waiting;
    standing.root?.count();
  }
  if (as !== 'delegator') return;
  state.target.delegated += add;
  state.mine += waiting + add;
}

/** Pays the pot of so many epochs as one; answers what of it stays for the next one. */
function payEpochs(
  state: State,
  question: StakeQuestion,
  { outlook, pot, count }: { readonly outlook: DividendOutlook; readonly pot: bigint; readonly count: number },
): bigint {
  const rest = pot - (pot * BigInt(outlook.ownerCutU16)) / U16;
  const { paid } = outlook;
  if (paid.pots === 0n) return rest;
  const dividends = (rest * paid.dividends) / paid.pots;
  // Of each epoch's own rest, which goes into the next one's pot.
  const left = (rest - (rest * paid.all) / paid.pots) / BigInt(count);
  for (const { standing, subnet, root } of dividedBy(state.standings, outlook, dividends)) {
    if (subnet > 0n) payOne(state, question, { standing, dividend: subnet });
    if (root > 0n) payRoot(state, question, { standing, rao: root });
  }
  return left;
}

/** What each validator gets for stake in the subnet and for stake on root, by the rule of the ledger's two pots. */
function dividedBy(
  standings: readonly Standing[],
  { rootWeightPpm = 0, others = { stake: 0n, root: 0n }, paid }: DividendOutlook,
  dividends: bigint,
): readonly { readonly standing: Standing; readonly subnet: bigint; readonly root: bigint }[] {
  const all = standings.map((standing) => {
    const [lies, onRoot] = [standing.own + standing.delegated, standing.root?.counts(BigInt(rootWeightPpm)) ?? 0n];
    const { yieldQ64 } = standing.outlook;
    return { standing, lies, onRoot, subnet: yieldQ64 * lies, root: yieldQ64 * onRoot };
  });
  const sumOf = (amountOf: (each: (typeof all)[number]) => bigint): bigint =>
    all.reduce((total, each) => total + amountOf(each), 0n);
  const [subnets, roots] = [sumOf(({ subnet }) => subnet), sumOf(({ root }) => root)];
  if (subnets + roots === 0n) return [];
  const counted = sumOf(({ onRoot }) => onRoot) + others.root;
  // Where nobody is rated validators have both halves, and root its part of one.
  const half = paid.all === paid.dividends ? dividends / 2n : dividends;
  const pot = (half * counted) / (counted + sumOf(({ lies }) => lies) + others.stake);
  const rootPot = roots === 0n ? 0n : subnets === 0n ? dividends : pot;
  return all.map(({ standing, subnet, root }) => ({
    standing,
    subnet: subnets === 0n ? 0n : ((dividends - rootPot) * subnet) / subnets,
    root: roots === 0n ? 0n : (rootPot * root) / roots,
  }));
}

function payRoot(
  state: State,
  { as, restake }: StakeQuestion,
  { standing, rao }: { readonly standing: Standing; readonly rao: bigint },
): void {
  if (standing.root === undefined) return;
  const { own, take, mine } = standing.root.pay(rao, standing.outlook.takeU16);
  if (standing !== state.target) return;
  if (as === 'root') state.reward += mine;
  if (as !== 'owner') return;
  state.reward += own;
  state.take += take;
  if (restake) standing.own += own + take;
}

function payOne(
  state: State,
  { as, restake }: StakeQuestion,
  { standing, dividend }: { readonly standing: Standing; readonly dividend: bigint },
): void {
  const { own, delegated } = standing;
  const stake = own + delegated;
  if (stake === 0n) return;
  const gross = (dividend * delegated) / stake;
  const part = gross - (gross * BigInt(standing.outlook.takeU16)) / U16;
  standing.delegated += part;
  if (standing !== state.target) return;
  if (as === 'root') return;
  if (as === 'delegator') {
    const earned = delegated === 0n ? 0n : (part * state.mine) / delegated;
    state.mine += earned;
    state.reward += earned;
    return;
  }
  state.reward += dividend - gross;
  state.take += gross - part;
  if (restake) standing.own += dividend - part;
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
