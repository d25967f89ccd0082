/** What stands on root behind a validator, whatever subnet looks at it. Money in smallest units. */
export interface RootOutlook {
  /** Of whom: validators of one hotkey in several subnets share it. */
  readonly key: string;
  /** Of an owner that is a member of the root network; it does not grow. */
  readonly own: bigint;
  readonly delegated: bigint;
  /** Counts from the next seal on. */
  readonly waiting: bigint;
  /** What subnets that are not reckoned pay into it, of each unit that blocks mint for all subnets, in 2^-64; absent: nothing. */
  readonly incomeQ64?: bigint;
}

/** What of it counted when an epoch was sealed. */
export interface SealedRoot {
  readonly stake: bigint;
  readonly delegated: bigint;
}

const [PPM, U16] = [1_000_000n, 65_535n];

/** The pool of one hotkey on root as it grows. */
export class RootPool {
  readonly #own: bigint;
  readonly #incomeQ64: bigint;
  #delegated: bigint;
  #waiting: bigint;
  /** Of what is delegated, and of what waits, the part of who asks. */
  #mine = 0n;
  #mineWaits = 0n;

  constructor({ own, delegated, waiting, incomeQ64 = 0n }: RootOutlook) {
    this.#own = own;
    this.#incomeQ64 = incomeQ64;
    this.#delegated = delegated;
    this.#waiting = waiting;
  }

  /** Says what of it, and of what waits, is whose reward is asked for, and what they add to what waits. Once. */
  claim({ stake, waiting, add }: { readonly stake: bigint; readonly waiting: bigint; readonly add: bigint }): void {
    this.#mine = stake;
    this.#mineWaits = waiting + add;
    this.#waiting += add;
  }

  get mine(): bigint {
    return this.#mine + this.#mineWaits;
  }

  get sealed(): SealedRoot {
    return { stake: this.#own + this.#delegated, delegated: this.#delegated };
  }

  /** What it counts for in a subnet. */
  counts(weightPpm: bigint): bigint {
    return ((this.#own + this.#delegated) * weightPpm) / PPM;
  }

  /** At a seal. */
  count(): void {
    this.#delegated += this.#waiting;
    this.#mine += this.#mineWaits;
    [this.#waiting, this.#mineWaits] = [0n, 0n];
  }

  /** Takes in what other subnets paid while blocks minted so much for all of them. */
  receive(minted: bigint): void {
    const rao = (minted * this.#incomeQ64) >> 64n;
    if (rao === 0n || this.#delegated === 0n) return;
    this.#mine += (rao * this.#mine) / this.#delegated;
    this.#delegated += rao;
  }

  /** Takes a payment in; answers what its owner keeps of it, and what of the rest is the part of who asks. */
  pay(
    rao: bigint,
    { sealed, takeU16 }: { readonly sealed: SealedRoot; readonly takeU16: number },
  ): { readonly own: bigint; readonly take: bigint; readonly mine: bigint } {
    const gross = sealed.stake === 0n ? 0n : (rao * sealed.delegated) / sealed.stake;
    const take = (gross * BigInt(takeU16)) / U16;
    const part = gross - take;
    const mine = this.#delegated === 0n ? 0n : (part * this.#mine) / this.#delegated;
    this.#delegated += part;
    this.#mine += mine;
    return { own: rao - gross, take, mine };
  }
}

/** Pools by hotkey, made when one is first asked for. */
export class RootPools {
  readonly #pools = new Map<string, RootPool>();

  of(outlook: RootOutlook): RootPool {
    const pool = this.#pools.get(outlook.key) ?? new RootPool(outlook);
    this.#pools.set(outlook.key, pool);
    return pool;
  }
}
