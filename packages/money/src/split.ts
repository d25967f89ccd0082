/** More parts than this in one split is a bug: a subnet has at most 4096 neurons, a stake at most that many owners. */
export const SPLIT_PARTS_MAX = 65_536;

/**
 * Splits `total` in proportion to `weights` so that the parts sum to `total` exactly (largest remainder, Hamilton's method).
 *
 * Every part is floor(total * weight / sum) or one unit more. The units left over go to the largest remainders; of equal
 * remainders the part that stands first wins, so callers fix the order of parts to fix the result.
 * A part of weight zero always gets zero. Weights are integers of any scale and are never normalised first.
 *
 * Throws RangeError on a negative total or weight, on too many parts, and when all weights are zero while `total` is not:
 * where money goes in that case is a decision, and the caller has to make it.
 */
export function splitByLargestRemainder(total: bigint, weights: readonly bigint[]): bigint[] {
  if (total < 0n) throw new RangeError(`cannot split a negative total: ${total}`);
  if (weights.length > SPLIT_PARTS_MAX) throw new RangeError(`cannot split into ${weights.length} parts`);
  const sum = weights.reduce((left, weight) => {
    if (weight < 0n) throw new RangeError(`cannot split by a negative weight: ${weight}`);
    return left + weight;
  }, 0n);
  if (sum === 0n) {
    if (total !== 0n) throw new RangeError('cannot split by weights that sum to zero');
    return weights.map(() => 0n);
  }

  const parts = weights.map((weight) => (total * weight) / sum);
  const leftOver = total - parts.reduce((left, part) => left + part, 0n);
  // The left-over is the sum of the remainders divided by `sum`, so at least that many parts have a remainder above zero.
  const order = weights
    .map((weight, index) => ({ index, remainder: (total * weight) % sum }))
    .toSorted((left, right) => compare(right.remainder, left.remainder) || left.index - right.index);
  for (const { index } of order.slice(0, Number(leftOver))) parts[index] = (parts[index] ?? 0n) + 1n;
  return parts;
}

function compare(left: bigint, right: bigint): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
