/** Where in an account's postings a page ended: the entry, and the leg within it. */
export interface PostingPlace {
  readonly sequence: number;
  readonly position: number;
}

/** One leg on an account, with what it needs to be understood. */
export interface AccountPosting extends PostingPlace {
  readonly block: number;
  /** Of the entry. */
  readonly kind: string;
  readonly delta: bigint;
  readonly balanceAfter: bigint;
  /** Unix milliseconds by the store's clock, for people; absent where it has none. */
  readonly recordedAtMs?: number;
}

/** Some accounts right after an entry. */
export interface PastQuery {
  readonly asset: string;
  readonly accounts: readonly string[];
  readonly sequence: number;
}

export interface PostingQuery {
  readonly asset: string;
  readonly account: string;
  /** Entries, both ends included. */
  readonly fromSequence: number;
  readonly toSequence: number;
  readonly newestFirst: boolean;
  /** Only what comes after this place in the order asked for. */
  readonly after: PostingPlace | undefined;
  readonly limit: number;
}

/**
 * What the journal says of single accounts: committed postings, each found by an index on account and sequence. Every method
 * throws StoreUnavailable when the store cannot be reached, and Archived when it would need entries that are not kept any more.
 */
export interface AccountHistory {
  /** The last entry that is archived, 0 while none is: what is told is complete from the next one on. */
  archivedSequence(): Promise<number>;
  /** Balances right after an entry, by account; an account without a posting until then is left out. */
  balancesAt(query: PastQuery): Promise<ReadonlyMap<string, bigint>>;
  /**
   * What accounts had held right after an entry; one that never had anything held is left out. Undefined where that was not
   * recorded yet.
   */
  heldAt(query: PastQuery): Promise<ReadonlyMap<string, bigint> | undefined>;
  /** Names of accounts that ever had a balance or terms, in the store's order, after one of them. */
  accountNames(query: {
    readonly asset: string;
    readonly prefix: string;
    readonly after: string | undefined;
    readonly limit: number;
  }): Promise<readonly string[]>;
  readPostings(query: PostingQuery): Promise<readonly AccountPosting[]>;
  /** The first kept entry of a block or of a later one; undefined when there is none yet. */
  firstSequenceOf(block: number): Promise<number | undefined>;
}
