import type { EpochInput, EpochOutput } from '@subnetes/consensus/epoch-types';
import { clamp, type Fixed, HALF, minimum, multiply, ONE, subtract, ZERO } from '@subnetes/consensus/fixed';
import { columnMedians } from '@subnetes/consensus/median';
import { normaliseRows, type Row } from '@subnetes/consensus/sparse';
import { totalVariation } from './distance.ts';
import { overPpm, PPM, timesPpm } from './ppm.ts';
import type { Ranges } from './ranges.ts';
import { rowToU16 } from './row-scale.ts';

/** How far one validator's score of a miner may lie from what half of the stake says. */
export interface BoundedScoresRules {
  /** Millionths, from one whole: scores are held within [median / factor, median * factor]. */
  readonly factorPpm: number;
}

export const BOUNDED_SCORES_RANGES: Ranges<BoundedScoresRules> = {
  factorPpm: { min: PPM, max: 1000 * PPM },
};

/** What became of the weights. */
export interface BoundedScores {
  readonly input: EpochInput;
  /** Part of each validator's weight that had to be moved (total variation), by uid. */
  readonly moved: readonly Fixed[];
}

/**
 * Holds every score to the stake-weighted median m of that miner: m/f <= w <= m*f, before the epoch normalises rows.
 *
 * Rows are compared as shares of their own sum (what the epoch makes of them), so that nobody gains by writing larger
 * numbers. A validator that left a miner out scored it zero, and is held to m/f like any other; one without any score stays
 * without, since silence is no opinion. Where half of the stake gives a miner nothing, nobody's score of it counts.
 * A row with nothing to hold stays as it is, to the bit.
 *
 * A held row looks more like the others' than what its validator said, and would earn like theirs; so being held pays
 * nobody (`forfeit`).
 *
 * Reason: the epoch clips from above only, and only at kappa; a score far below the others drags a miner's rank by the
 * scorer's whole stake. Source: winsorising to a multiple of the median, as in Huber, Robust Statistics (1981), chapter 1.
 */
export function boundScores(input: EpochInput, output: EpochOutput, rules: BoundedScoresRules): BoundedScores {
  const columns = input.neurons.length;
  const medians = columnMedians(output.weights, output.activeStake, { columns, kappa: HALF });
  const held = input.neurons.map((_, uid): Row | undefined => {
    const counted = output.weights[uid] ?? [];
    if (output.activeStake[uid] === ZERO || counted.every(([, share]) => share === ZERO)) return undefined;
    return heldRow(counted, medians, { rules, skip: uid === input.ownerUid ? undefined : uid });
  });
  const moved = held.map((row, uid) =>
    row === undefined ? ZERO : distanceOfRows(output.weights[uid] ?? [], row, columns),
  );
  if (held.every((row) => row === undefined)) return { input, moved };
  const neurons = input.neurons.map((neuron, uid) => {
    const row = held[uid];
    return row === undefined ? neuron : { ...neuron, weights: rowToU16(row) };
  });
  return { input: { ...input, neurons }, moved };
}

/**
 * Dividends of the epoch with held rows: whoever was held loses the part that its moved weight would have earned, and gets
 * no more than it would have got unheld. What is lost goes to nobody. The very list if nobody was held.
 */
export function forfeit(
  dividends: readonly Fixed[],
  unheld: readonly Fixed[],
  moved: readonly Fixed[],
): readonly Fixed[] {
  if (moved.every((part) => part === ZERO)) return dividends;
  return dividends.map((share, uid) => {
    const part = minimum(ONE, moved[uid] ?? ZERO);
    return part === ZERO ? share : minimum(unheld[uid] ?? ZERO, multiply(share, subtract(ONE, part)));
  });
}

function distanceOfRows(row: Row, held: Row, columns: number): Fixed {
  const [normalised = []] = normaliseRows([held]);
  const target = Array.from({ length: columns }, () => ZERO);
  for (const [uid, share] of normalised) target[uid] = share;
  return totalVariation(row, target);
}

/** The row after holding, undefined when nothing was outside. `skip` is the validator itself, whom the epoch masks. */
function heldRow(
  counted: Row,
  medians: readonly Fixed[],
  { rules, skip }: { readonly rules: BoundedScoresRules; readonly skip: number | undefined },
): Row | undefined {
  const given = new Map(counted);
  let isHeld = false;
  const row = medians.flatMap((median, uid) => {
    const share = given.get(uid) ?? ZERO;
    if (uid === skip) return [];
    const held = clamp(share, overPpm(median, rules.factorPpm), timesPpm(median, rules.factorPpm));
    if (held !== share) isHeld = true;
    return given.has(uid) || held > ZERO ? [[uid, held] as const] : [];
  });
  return isHeld ? row : undefined;
}
