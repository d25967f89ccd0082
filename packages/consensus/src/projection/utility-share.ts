import type { SubnetShare } from './emission-path.ts';

/** Burned fees that blocks have yet to follow, of one subnet and of all others together, in smallest units. */
export interface UtilityOutlook {
  readonly own: bigint;
  readonly others: bigint;
  /** Started subnets, this one included. */
  readonly subnets: bigint;
  /** Time constant of the moving average. */
  readonly smoothingBlocks: bigint;
  /** Blocks before the first that goes by use. */
  readonly equalBlocks: number;
}

/** Whether fees go on being burned as they are now, or none are any more and what waits is used up. */
export interface UtilityScenario {
  readonly ownGoesOn: boolean;
  readonly othersGoOn: boolean;
}

/**
 * A subnet's share where use decides: of each block what its own use brings, and an equal part of what use leaves over; in proportion
 * where the reward does not suffice. A smallest unit a block off, since it is not known who gets the odd ones.
 */
export function utilityShare(
  { own, others, subnets, smoothingBlocks, equalBlocks }: UtilityOutlook,
  { ownGoesOn, othersGoOn }: UtilityScenario,
): SubnetShare {
  let [mine, theirs, equal] = [own, others, equalBlocks];
  const partOf = (reward: bigint): bigint => {
    const [use, otherUse] = [mine / smoothingBlocks, theirs / smoothingBlocks];
    if (use === 0n && otherUse === 0n) return reward / subnets;
    if (use + otherUse > reward) return (reward * use) / (use + otherUse);
    return use + (reward - use - otherUse) / subnets;
  };
  return (reward, blocks) => {
    let sum = 0n;
    for (let left = blocks; left > 0; left -= 1) {
      const decay = [ownGoesOn ? 0n : mine / smoothingBlocks, othersGoOn ? 0n : theirs / smoothingBlocks] as const;
      // While nothing changes blocks are taken in one step.
      const isStill = decay[0] === 0n && decay[1] === 0n;
      const count = isStill ? (equal > 0 ? Math.min(left, equal) : left) : 1;
      sum += (equal > 0 ? reward / subnets : partOf(reward)) * BigInt(count);
      equal = Math.max(0, equal - count);
      left -= count - 1;
      mine -= decay[0]; // what waits is used up before blocks go by it, too
      theirs -= decay[1];
    }
    return sum;
  };
}
