import { divide, type Fixed, fromInteger, HALF, maximum, multiply, ONE, sum, U16_MAX, ZERO } from './fixed.ts';
import type { Row } from './sparse.ts';

/** Scores to wire weights, as the network's client does: divided by the largest, times 65535, halves to even, zeros dropped. */
export function weightsToU16(scores: readonly (readonly [uid: number, score: number])[]): Row<number> {
  if (scores.some(([, score]) => !Number.isFinite(score) || score < 0)) {
    throw new RangeError('a score is negative or not a number');
  }
  const largest = Math.max(0, ...scores.map(([, score]) => score));
  if (largest === 0) return [];
  return scores
    .map(([uid, score]) => [uid, roundHalfToEven((score / largest) * U16_MAX)] as const)
    .filter(([, value]) => value > 0)
    .toSorted(([left], [right]) => left - right);
}

/** Wire weights back to shares of their sum; all zero when the row is. Indexed by uid. */
export function sharesFromU16(row: Row<number>, neurons: number): number[] {
  const total = row.reduce((left, [, value]) => left + value, 0);
  const shares = Array.from({ length: neurons }, () => 0);
  if (total > 0) for (const [uid, value] of row) shares[uid] = value / total;
  return shares;
}

/**
 * What the chain stores of submitted weights: scaled so that the largest is 65535, halves away from zero.
 * Zeros stay zeros; a vector of zeros stays as it is. None may be negative.
 */
export function maxUpscale(vector: readonly Fixed[]): number[] {
  const largest = vector.reduce(maximum, ZERO);
  if (largest === ZERO) return vector.map(() => 0);
  const top = fromInteger(U16_MAX);
  // Two branches because v * 65535 would saturate for large v, while 65535 / max loses bits for a small max.
  const scaled =
    largest > fromInteger(32_768)
      ? vector.map((value) => multiply(value, divide(top, largest)))
      : vector.map((value) => divide(multiply(value, top), largest));
  return scaled.map((value) => Math.min(U16_MAX, Number((value + HALF) / ONE)));
}

/** Whether the largest share of a row is at most limit/65535. An empty row passes, a row of zeros does not unless the limit is full. */
export function withinMaxWeight(vector: readonly Fixed[], limitU16: number): boolean {
  if (limitU16 === U16_MAX || vector.length === 0) return true;
  const total = sum(vector);
  if (total === ZERO) return false;
  const largest = vector.reduce(maximum, ZERO);
  return divide(largest, total) <= divide(fromInteger(limitU16), fromInteger(U16_MAX));
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
