import { type DividendHolder, inWholeUnits, splitDividends } from '@subnetes/consensus/dividend-split';

/** Two pots of one epoch's dividends, in rao. */
export interface DividendPots {
  readonly subnet: bigint;
  readonly root: bigint;
}

/** What each gets of both pots, in rao, and what flooring leaves of them. */
export interface DividendParts {
  readonly subnet: readonly bigint[];
  readonly root: readonly bigint[];
  readonly unattributed: bigint;
}

/**
 * Cuts each dividend by the stake on root behind the hotkey, by its weight (U96F32), against the subnet's own, and shares the two
 * pots by those parts. Each amount is floored.
 */
export function partsByStake(holders: readonly DividendHolder[], pots: DividendPots, weight: bigint): DividendParts {
  const split = splitDividends(holders, { alpha: pots.subnet, root: pots.root, taoWeight: weight });
  const [subnet, root] = [inWholeUnits(pots.subnet, split.alpha), inWholeUnits(pots.root, split.root)];
  return { subnet: subnet.amounts, root: root.amounts, unattributed: subnet.unattributed + root.unattributed };
}

/**
 * How what dividends come to is parted: as the halves were when they were sealed. All of it is the one's where the other has no
 * part in any dividend: nothing waits for who is not there.
 */
export function potsOf(
  dividends: bigint,
  {
    holders,
    half,
    root,
  }: { readonly holders: readonly DividendHolder[]; readonly half: bigint; readonly root: bigint },
): DividendPots {
  if (half === 0n || holders.every(({ rootStake }) => rootStake === 0n)) return { subnet: dividends, root: 0n };
  if (holders.every(({ rootStake, alphaStake }) => rootStake > 0n && alphaStake === 0n)) {
    return { subnet: 0n, root: dividends };
  }
  const part = (dividends * root) / half;
  return { subnet: dividends - part, root: part };
}
