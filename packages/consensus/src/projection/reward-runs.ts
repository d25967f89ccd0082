import { blockReward, halvingsAt, type IssuanceRules } from '../issuance.ts';

/** Blocks in a row that mint the same. */
export interface RewardRun {
  readonly blocks: number;
  /** Smallest units a block. */
  readonly reward: bigint;
}

/**
 * What the next blocks mint, as runs of equal reward: the same numbers as one `blockReward` after the other while each block mints
 * all of its reward, in as many steps as there are halvings. All of it is minted unless no subnet has a share of the emission.
 */
export function rewardRuns(rules: IssuanceRules, issued: bigint, blocks: number): readonly RewardRun[] {
  const runs: RewardRun[] = [];
  let left = blocks;
  let now = issued;
  while (left > 0) {
    const reward = blockReward(rules, now);
    const count = reward === 0n ? left : Math.min(left, blocksOf(rules, now, reward));
    runs.push({ blocks: count, reward });
    now += reward * BigInt(count);
    left -= count;
  }
  return runs;
}

/** Blocks until the reward is another one; at least the next. */
function blocksOf({ cap, halving }: IssuanceRules, issued: bigint, reward: bigint): number {
  const full = (cap - issued) / reward;
  if (halving === 'None') return toNumber(full);
  const next = cap - (cap >> (halvingsAt(issued, cap) + 1n));
  const toHalving = (next - issued + reward - 1n) / reward;
  return toNumber(toHalving < full ? toHalving : full);
}

function toNumber(blocks: bigint): number {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(blocks < 1n ? 1n : blocks > most ? most : blocks);
}
