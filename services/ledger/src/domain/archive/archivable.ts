/** A range of the journal; the end is not in it. */
export interface JournalRange {
  readonly number: number;
  readonly firstSequence: number;
  readonly endSequence: number;
}

/** The oldest range that is kept, and what else has to be known before it may go. */
export interface OldestRange extends JournalRange {
  /** Last entry of the journal. */
  readonly headSequence: number;
  /** Entries under the newest signed checkpoint. */
  readonly signedSize: number;
  /** Events of the range that the bus has not been told. */
  readonly untold: number;
  /** Epochs that were sealed in it and are not paid. */
  readonly unpaid: number;
  /** Incidents of an audit from outside that are open. */
  readonly incidents: number;
}

/** Why a range has to stay for now; undefined when it may go. */
export function reasonToKeep(range: OldestRange): string | undefined {
  const { endSequence, headSequence, signedSize, untold, unpaid, incidents } = range;
  const last = endSequence - 1;
  if (headSequence < endSequence) return `entries are still written into it: the journal ends at ${headSequence}`;
  if (signedSize < last) return `the newest signed checkpoint ends at entry ${signedSize}, before its last one ${last}`;
  if (untold > 0) return `the bus has not been told ${untold} of its events`;
  if (unpaid > 0) return `${unpaid} epochs that were sealed in it are not paid`;
  if (incidents > 0) return `${incidents} findings of an audit are open: clear them first`;
  return undefined;
}
