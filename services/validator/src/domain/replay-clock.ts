/** What a subnet's policy and start say about the walk through the data set. */
export type ReplayTerms = {
  /** Block in which the subnet began. */
  readonly firstBlock: number;
  /** Position in the data set of the day that belongs to the first block. */
  readonly startDay: number;
  readonly daysPerBlock: number;
  /** Days in the data set. */
  readonly dayCount: number;
};

/** Where the walk stands: `lap` counts from 0 and rises each time the data set ended and the walk began again. */
export type ReplayPosition = { readonly day: number; readonly lap: number };

/**
 * The day that a block belongs to: startDay + (block - firstBlock) * daysPerBlock. All validators read the same block
 * from the ledger and so judge the same days. At the end of the data the walk begins again at the start day, not at
 * the first day: what lies before the start day is what miners may have been trained on.
 * Throws RangeError for a block before the first and for a start day outside the data.
 */
export function replayPosition(terms: ReplayTerms, block: number): ReplayPosition {
  const { firstBlock, startDay, daysPerBlock, dayCount } = terms;
  if (startDay < 0 || startDay >= dayCount)
    throw new RangeError(`start day ${startDay} is outside of ${dayCount} days`);
  if (daysPerBlock < 1) throw new RangeError(`${daysPerBlock} days a block is less than one`);
  if (block < firstBlock) throw new RangeError(`block ${block} lies before the subnet's first block ${firstBlock}`);
  const walked = (block - firstBlock) * daysPerBlock;
  const lapDays = dayCount - startDay;
  return { day: startDay + (walked % lapDays), lap: Math.floor(walked / lapDays) };
}

/** Position of the first day of the data set on or after a date, both as YYYY-MM-DD. Undefined where there is none. */
export function firstDayFrom(dates: readonly string[], date: string): number | undefined {
  const index = dates.findIndex((candidate) => candidate >= date);
  return index === -1 ? undefined : index;
}

/** Whether a challenge goes out in this block: evenly spread, at most `perEpoch` of them a tempo, at most one a block. */
export function isChallengeBlock(
  pace: { readonly firstBlock: number; readonly tempo: number; readonly perEpoch: number },
  block: number,
): boolean {
  return (block - pace.firstBlock) % challengeStride(pace) === 0;
}

/** Blocks from one challenge to the next. */
export function challengeStride(pace: { readonly tempo: number; readonly perEpoch: number }): number {
  return Math.max(1, Math.ceil(pace.tempo / Math.max(1, pace.perEpoch)));
}
