import { type Divided, divideEpoch, type Standing } from './divide-epoch.ts';
import { EmissionPath } from './emission-path.ts';
import type { RootPools } from './root-pool.ts';
import { type DividendOutlook, epochsIn, type StakeQuestion } from './stake-outlook.ts';

const U16 = 65_535n;

/** Who asks, and what they have and got so far. Smallest units. */
export interface Asker {
  readonly question: Omit<StakeQuestion, 'validator'>;
  /** What of a validator's delegations is theirs. */
  mine: bigint;
  reward: bigint;
  take: bigint;
}

/** The epochs of one subnet to come, one after the other: sealed, and then paid. */
export class SubnetRun {
  /** The validator whose reward is asked for; undefined where only what the subnet pays to root matters. */
  readonly target: Standing | undefined;
  /** That were sealed so far. */
  epochs = 0;
  readonly #outlook: DividendOutlook;
  readonly #standings: readonly Standing[];
  readonly #path: EmissionPath;
  readonly #asker: Asker;
  readonly #all: number;
  readonly #stride: number;
  #done = 0;
  #sealedPot: bigint;
  #pot: bigint;
  #othersStake: bigint;

  /** `updatesMax`: of validators; where there would be more, an epoch is reckoned as several at once. */
  constructor(
    { outlook, validator }: { readonly outlook: DividendOutlook; readonly validator: number | undefined },
    { asker, roots, updatesMax }: { readonly asker: Asker; readonly roots: RootPools; readonly updatesMax: number },
  ) {
    const { blocks } = asker.question;
    this.#outlook = outlook;
    this.#asker = asker;
    this.#standings = outlook.validators.map((each) => ({
      outlook: each,
      root: each.root === undefined ? undefined : roots.of(each.root),
      own: each.own,
      delegated: each.delegated,
    }));
    this.target = validator === undefined ? undefined : this.#standings[validator];
    if (validator !== undefined && this.target === undefined)
      throw new RangeError(`there is no validator ${validator}`);
    this.#path = new EmissionPath(outlook, blocks);
    this.#all = epochsIn(outlook, blocks);
    this.#stride = Math.max(1, Math.ceil((this.#all * this.#standings.length) / updatesMax));
    [this.#pot, this.#sealedPot] = [outlook.pot, outlook.sealedPot];
    this.#othersStake = outlook.others?.stake ?? 0n;
  }

  /** Whether what waited, and what was added, counts by now. */
  get hasCounted(): boolean {
    return this.#done > 0;
  }

  /** Blocks from now to the next seal, of several epochs to that in their middle; undefined where there is none any more. */
  get nextBlock(): number | undefined {
    if (this.#sealedPot > 0n) return 0;
    if (this.#done >= this.#all) return undefined;
    const { blocksToSeal, tempo } = this.#outlook;
    return blocksToSeal + (this.#done + Math.floor((this.#count - 1) / 2)) * tempo;
  }

  /** The first epoch is another stretch of blocks than those that follow, and what waited counts with it. */
  get #count(): number {
    return this.#done === 0 ? 1 : Math.min(this.#stride, this.#all - this.#done);
  }

  /** Seals the next epoch; answers what pays it, by the stakes of its seal. */
  seal(): () => void {
    const { tempo, blocksToSeal } = this.#outlook;
    if (this.#sealedPot > 0n) {
      const pot = this.#sealedPot;
      this.#sealedPot = 0n;
      return this.#sealPot(pot, 1);
    }
    const count = this.#count;
    const before = this.#path.minted;
    const pot = this.#pot + this.#path.next(this.#done === 0 ? blocksToSeal : count * tempo);
    for (const { root } of this.#standings) root?.receive(this.#path.minted - before);
    if (this.#done === 0) this.#countWaiting();
    this.#done += count;
    this.#pot = 0n;
    return this.#sealPot(pot, count);
  }

  #countWaiting(): void {
    for (const standing of this.#standings) {
      standing.delegated += standing.outlook.waiting;
      standing.root?.count();
    }
    if (this.target === undefined) return;
    const { as, waiting, add } = this.#asker.question;
    if (as === 'owner') this.target.own += add;
    if (as !== 'delegator') return;
    this.target.delegated += add;
    this.#asker.mine += waiting + add;
  }

  /** Of the pot of so many epochs as one; what of it is not paid goes into the next one's. */
  #sealPot(pot: bigint, count: number): () => void {
    this.epochs += count;
    const { ownerCutU16, paid, others } = this.#outlook;
    const rest = pot - (pot * BigInt(ownerCutU16)) / U16;
    if (paid.pots === 0n) {
      this.#pot += rest;
      return () => undefined;
    }
    const dividends = (rest * paid.dividends) / paid.pots;
    // Of each epoch's own rest.
    this.#pot += (rest - (rest * paid.all) / paid.pots) / BigInt(count);
    const divided = divideEpoch(this.#standings, this.#outlook, { dividends, othersStake: this.#othersStake });
    return () => {
      for (const each of divided) this.#pay(each);
      for (const standing of this.#standings) standing.own += ofPot(rest, standing.outlook.stakes?.incentivesQ64);
      this.#othersStake += ofPot(rest, others?.stakesQ64);
    };
  }

  #pay({ standing, subnet, root, sealed }: Divided): void {
    const asker = standing === this.target ? this.#asker : undefined;
    const isOwner = asker?.question.as === 'owner';
    let kept = this.#payDelegators(asker, { standing, subnet, sealed });
    if (root > 0n && standing.root !== undefined && sealed.root !== undefined) {
      const paid = standing.root.pay(root, { sealed: sealed.root, takeU16: standing.outlook.takeU16 });
      kept += paid.own + paid.take;
      if (asker?.question.as === 'root') asker.reward += paid.mine;
      if (isOwner) [asker.reward, asker.take] = [asker.reward + paid.own, asker.take + paid.take];
    }
    const isStaked = standing.outlook.stakes !== undefined || (isOwner && asker.question.restake);
    if (isStaked) standing.own += kept;
  }

  /** Pays what stake in the subnet earned; answers what the owner keeps of it. */
  #payDelegators(
    asker: Asker | undefined,
    { standing, subnet, sealed: { own, delegated } }: Omit<Divided, 'root'>,
  ): bigint {
    const gross = delegated === 0n ? 0n : (subnet * delegated) / (own + delegated);
    const take = (gross * BigInt(standing.outlook.takeU16)) / U16;
    const part = gross - take;
    if (asker?.question.as === 'delegator' && delegated > 0n) {
      const earned = (part * asker.mine) / standing.delegated;
      asker.mine += earned;
      asker.reward += earned;
    }
    if (asker?.question.as === 'owner') {
      asker.reward += subnet - gross;
      asker.take += take;
    }
    standing.delegated += part;
    return subnet - part;
  }
}

function ofPot(rest: bigint, partQ64 = 0n): bigint {
  return (rest * partQ64) >> 64n;
}
