import { accountKey, BURNED, MINT } from '../book/account.ts';
import { type ChainHash, type Entry, type JournalHead } from '../book/journal.ts';

/** What of an entry counts for what a range comes to. */
export type SummedEntry = Pick<Entry, 'sequence' | 'block' | 'kind' | 'payloadText' | 'postings' | 'hash'>;

/** Sums of one asset over entries, in its smallest unit; as the audit counts them. */
export interface AssetSums {
  readonly genesis: bigint;
  readonly rewards: bigint;
  readonly burned: bigint;
  readonly deltas: bigint;
}

const NO_SUMS: AssetSums = { genesis: 0n, rewards: 0n, burned: 0n, deltas: 0n };

/** What an account has after the entries. */
export interface SummedBalance {
  readonly asset: string;
  readonly account: string;
  readonly posted: bigint;
}

/**
 * Follows the entries of a range from where those before it ended, and says what it all comes to: what has to be known once they
 * are not read any more.
 */
export class RangeSummary {
  readonly #chainHash: ChainHash;
  readonly #balances = new Map<string, SummedBalance>();
  readonly #sums = new Map<string, AssetSums>();
  #head: JournalHead;

  constructor(
    chainHash: ChainHash,
    before: {
      readonly head: JournalHead;
      readonly balances: Iterable<SummedBalance>;
      readonly sums: Iterable<readonly [asset: string, sums: AssetSums]>;
    },
  ) {
    this.#chainHash = chainHash;
    this.#head = before.head;
    for (const balance of before.balances) this.#balances.set(accountKey(balance.asset, balance.account), balance);
    for (const [asset, sums] of before.sums) this.#sums.set(asset, sums);
  }

  get head(): JournalHead {
    return this.#head;
  }

  get balances(): readonly SummedBalance[] {
    return [...this.#balances.values()];
  }

  get sums(): ReadonlyMap<string, AssetSums> {
    return this.#sums;
  }

  /** Takes the next entry; says what does not hold of it, and then has not taken it. */
  take(entry: SummedEntry): string | undefined {
    const { sequence, hash, kind, postings } = entry;
    if (sequence !== this.#head.sequence + 1) return `entry ${sequence} follows entry ${this.#head.sequence}`;
    if (this.#chainHash(this.#head.hash, entry) !== hash) {
      return `entry ${sequence} does not have the hash of its content after the entry before`;
    }
    this.#head = { sequence, hash };
    for (const { account, asset, delta } of postings) {
      const key = accountKey(asset, account);
      const posted = (this.#balances.get(key)?.posted ?? 0n) + delta;
      this.#balances.set(key, { asset, account, posted });
      this.#sums.set(asset, summed(this.#sums.get(asset) ?? NO_SUMS, { kind, account, delta }));
    }
    return undefined;
  }
}

function summed(
  sums: AssetSums,
  { kind, account, delta }: { readonly kind: string; readonly account: string; readonly delta: bigint },
): AssetSums {
  const minted = account === MINT ? -delta : 0n;
  return {
    genesis: sums.genesis + (kind === 'Genesis' ? minted : 0n),
    rewards: sums.rewards + (kind === 'Block' ? minted : 0n),
    burned: sums.burned + (account === BURNED ? delta : 0n),
    deltas: sums.deltas + delta,
  };
}
