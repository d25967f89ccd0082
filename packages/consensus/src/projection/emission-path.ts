import type { IssuanceRules } from '../issuance.ts';
import { type RewardRun, rewardRuns } from './reward-runs.ts';

/**
 * What one subnet gets of some blocks in a row that have the same reward, in smallest units. Called for all blocks in their order,
 * so that a share that changes with time can keep count of it.
 */
export type SubnetShare = (reward: bigint, blocks: number) => bigint;

/** A subnet that always has the same part of a reward. */
export function constantShare(partOf: (reward: bigint) => bigint): SubnetShare {
  return (reward, blocks) => partOf(reward) * BigInt(blocks);
}

/** What decides what a subnet gets of the blocks to come. Money in smallest units. */
export interface EmissionOutlook {
  readonly rules: IssuanceRules;
  /** Of all, up to now. */
  readonly issued: bigint;
  /** A share of its own for each projection, since it may keep count. */
  readonly share: () => SubnetShare;
}

/** Walks over the blocks to come, in any strides. */
export class EmissionPath {
  readonly #share: SubnetShare;
  readonly #runs: RewardRun[];
  #minted = 0n;

  /** `blocks`: how far it will be walked at most; what lies beyond brings nothing. */
  constructor({ rules, issued, share }: EmissionOutlook, blocks: number) {
    this.#share = share();
    this.#runs = [...rewardRuns(rules, issued, blocks)].toReversed();
  }

  /** What all subnets together got so far. */
  get minted(): bigint {
    return this.#minted;
  }

  /** What the next block mints; 0 at the end. */
  get reward(): bigint {
    return this.#runs.at(-1)?.reward ?? 0n;
  }

  /** What the next blocks bring the subnet. */
  next(blocks: number): bigint {
    let sum = 0n;
    for (let left = blocks; left > 0;) {
      const run = this.#runs.pop();
      if (run === undefined) break;
      const count = Math.min(left, run.blocks);
      sum += this.#share(run.reward, count);
      this.#minted += run.reward * BigInt(count);
      left -= count;
      if (run.blocks > count) this.#runs.push({ ...run, blocks: run.blocks - count });
    }
    return sum;
  }
}

/** A figure of which the future may make less or more. */
export interface Interval<Value> {
  readonly low: Value;
  /** If everything stays as it is. */
  readonly mean: Value;
  readonly high: Value;
}

/** An interval, each member by itself. */
export function mapInterval<From, To>({ low, mean, high }: Interval<From>, change: (value: From) => To): Interval<To> {
  return { low: change(low), mean: change(mean), high: change(high) };
}

/** A subnet's emission from now up to a block. */
export interface EmissionPoint {
  /** Blocks from now. */
  readonly blocks: number;
  readonly emission: bigint;
}

/** What a subnet gets of the next blocks, at `points` evenly spaced points; the last one is all of it. */
export function projectEmission(outlook: EmissionOutlook, blocks: number, points = 1): readonly EmissionPoint[] {
  const path = new EmissionPath(outlook, blocks);
  let emission = 0n;
  let at = 0;
  return Array.from({ length: points }, (_, index) => {
    const to = Math.floor((blocks * (index + 1)) / points);
    emission += path.next(to - at);
    at = to;
    return { blocks: to, emission };
  });
}
