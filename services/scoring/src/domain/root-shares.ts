import type { EpochOutput } from '@subnetes/consensus/epoch-types';
import { splitByLargestRemainder } from '@subnetes/money/split';
import type { ScorableInputs } from './epoch-inputs.ts';

/** All of a block, in parts per million: finer than a u16 weight, coarse enough to swallow what 32.32 arithmetic truncates. */
export const SHARES_PPM = 1_000_000;

/** What the root network gives one market of every block. */
export interface SubnetShare {
  readonly netuid: number;
  readonly sharePpm: number;
}

/**
 * Shares of the sealed markets: their consensus, normalised. The consensus of a market is the highest weight that members with
 * at least kappa of the active stake gave it or exceeded, so that who holds less moves no market: neither up, by giving its own
 * everything, nor, by giving the others nothing, down. The rank, which pays miners, would not do here: it sums clipped weights,
 * so a minority that gives others nothing takes from all of them, and the normalisation hands that to its own.
 * None where the members agree on nothing.
 */
export function rootShares(inputs: ScorableInputs, output: EpochOutput): readonly SubnetShare[] {
  const subnets = inputs.due.subnets ?? [];
  const first = output.consensus.length - subnets.length;
  const consensus = subnets.map((_, at) => output.consensus[first + at] ?? 0n);
  if (consensus.every((value) => value === 0n)) return [];
  const parts = splitByLargestRemainder(BigInt(SHARES_PPM), consensus);
  return subnets.map(({ netuid }, at) => ({ netuid, sharePpm: Number(parts[at] ?? 0n) }));
}
