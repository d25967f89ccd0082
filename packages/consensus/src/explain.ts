import type { EpochOutput } from './epoch-types.ts';
import { compare, type Fixed, ONE, subtract, ZERO } from './fixed.ts';
import type { Matrix } from './sparse.ts';

/** One validator's weight for one miner and what became of it. Shares in fixed point. */
export interface CountedWeight {
  readonly validatorUid: number;
  readonly minerUid: number;
  /** The validator's share of active stake. */
  readonly stakeShare: Fixed;
  /** Its weight after masks, its row summing to one. */
  readonly gave: Fixed;
  /** Of it what counted: held to the consensus. */
  readonly counted: Fixed;
  /** gave - counted. */
  readonly clipped: Fixed;
}

/** What every validator whose stake counted gave a miner; a validator without an entry gave zero. */
export function weightsOn(minerUid: number, output: EpochOutput): CountedWeight[] {
  return output.activeStake.flatMap((stake, validatorUid) =>
    stake > ZERO ? [countedWeight({ validatorUid, minerUid, output })] : [],
  );
}

/** What a validator gave every miner that it rated. */
export function weightsOf(validatorUid: number, output: EpochOutput): CountedWeight[] {
  return (output.weights[validatorUid] ?? []).map(([minerUid]) => countedWeight({ validatorUid, minerUid, output }));
}

function countedWeight(pair: {
  readonly validatorUid: number;
  readonly minerUid: number;
  readonly output: EpochOutput;
}): CountedWeight {
  const { validatorUid, minerUid, output } = pair;
  const gave = entryOf(output.weights, validatorUid, minerUid);
  const counted = entryOf(output.clipped, validatorUid, minerUid);
  return {
    validatorUid,
    minerUid,
    stakeShare: output.activeStake[validatorUid] ?? ZERO,
    gave,
    counted,
    clipped: subtract(gave, counted),
  };
}

function entryOf(matrix: Matrix, row: number, column: number): Fixed {
  return matrix[row]?.find(([uid]) => uid === column)?.[1] ?? ZERO;
}

/** The next neuron above by incentive, the nearest; undefined for the first. Equal incentives are not above. */
export function nextBetter(uid: number, incentive: readonly Fixed[]): { uid: number; distance: Fixed } | undefined {
  const own = incentive[uid] ?? ZERO;
  return incentive
    .map((value, other) => ({ uid: other, distance: value - own }))
    .filter(({ distance }) => distance > ZERO)
    .toSorted((left, right) => compare(left.distance, right.distance))
    .at(0);
}

/** Text with nine digits after the point, truncated: 0.412030001. */
export function fixedText(value: Fixed): string {
  const sign = value < ZERO ? '-' : '';
  const magnitude = value < ZERO ? -value : value;
  const billionths = ((magnitude % ONE) * 1_000_000_000n) / ONE;
  return `${sign}${magnitude / ONE}.${billionths.toString().padStart(9, '0')}`;
}
