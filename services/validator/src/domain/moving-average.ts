/** A moving average with its number of samples. */
export type Average = { readonly value: number; readonly count: number };

/**
 * Adds a sample. The newest one weighs `emaPpm`, or 1/count while there are so few that each would weigh more: the
 * average is then the plain mean, and no first day counts more than any other.
 */
export function withSample(average: Average | undefined, sample: number, emaPpm: number): Average {
  if (!Number.isFinite(sample)) throw new RangeError(`a sample of ${sample} cannot be averaged`);
  if (average === undefined) return { value: sample, count: 1 };
  const count = average.count + 1;
  const weight = Math.max(emaPpm / 1_000_000, 1 / count);
  return { value: average.value + weight * (sample - average.value), count };
}
