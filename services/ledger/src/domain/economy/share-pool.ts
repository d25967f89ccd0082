/**
 * What a hotkey holds for those who delegated to it. Money in rao; the pool's total is the balance of its account. A share is
 * worth total / denominator, so that one payment into the pool pays all of them.
 * Source: opentensor/subtensor primitives/share-pool/src/lib.rs.
 */
export interface SharePool {
  /** All shares. */
  readonly denominator: bigint;
  /** Rao that waits for the next round. */
  readonly waiting: bigint;
  /** Rounds in which what waited became shares. */
  readonly round: number;
}

/** What one wallet has in a pool. */
export interface Position {
  readonly shares: bigint;
  /** Rao that becomes shares in round `waitsFor`; 0: nothing waits. */
  readonly waiting: bigint;
  readonly waitsFor: number;
}

/** Shares of a round that its depositors have not been given yet. */
export interface Round {
  /** Rao of those. */
  readonly waited: bigint;
  readonly shares: bigint;
}

export const EMPTY_POOL: SharePool = { denominator: 0n, waiting: 0n, round: 0 };
export const NO_POSITION: Position = { shares: 0n, waiting: 0n, waitsFor: 0 };

/** Shares of the first rao: so many that a deposit always gets some, however much a share has come to be worth. */
const FIRST_SHARES_PER_RAO = 1_000_000_000n;

/** Shares that a deposit buys; floored, so that whoever comes takes nothing from those who are there. */
export function sharesFor(deposit: bigint, { denominator }: SharePool, total: bigint): bigint {
  return denominator === 0n ? deposit * FIRST_SHARES_PER_RAO : (deposit * denominator) / total;
}

/** What shares are worth; all of them are worth all of it. */
export function worthOf(shares: bigint, { denominator }: SharePool, total: bigint): bigint {
  return denominator === 0n ? 0n : (shares * total) / denominator;
}

/** Shares that an amount costs; rounded up, for the same reason. */
export function sharesOff(amount: bigint, { denominator }: SharePool, total: bigint): bigint {
  return (amount * denominator + total - 1n) / total;
}

/**
 * Gives a position its shares of a round that is over. Each gets its part of what is left, so that the last one gets the rest and
 * no share is nobody's.
 */
export function claim(position: Position, round: Round): { readonly position: Position; readonly left: Round } {
  const shares = (position.waiting * round.shares) / round.waited;
  return {
    position: { shares: position.shares + shares, waiting: 0n, waitsFor: 0 },
    left: { waited: round.waited - position.waiting, shares: round.shares - shares },
  };
}
