/** What one subnet gets of every block. */
export interface SubnetShare {
  readonly netuid: number;
  readonly sharePpm: number;
}

/** What the root network agreed on last; no shares: on nothing. */
export interface RootShares {
  /** Epoch of the root network. */
  readonly index: number;
  /** Every market that was weighed, ascending; together all or nothing. */
  readonly shares: readonly SubnetShare[];
}

/** The network fee of one market's use, burned and not yet followed by emission. */
export interface MarketUse {
  readonly netuid: number;
  /** Rao. */
  readonly waiting: bigint;
}
