/** Weights of one interval on their way: prepared and stored first, then committed, then revealed. */
export type Submission = {
  readonly interval: number;
  readonly revealInterval: number;
  /** Signed COMMIT envelope, as it is sent each time. */
  readonly commit: Uint8Array;
  /** Payload of the REVEAL envelope: weights, salt and the report of what was seen. */
  readonly reveal: Uint8Array;
  readonly state: 'prepared' | 'committed' | 'revealed';
};

export type SubmissionStep =
  | { readonly kind: 'forget'; readonly submission: Submission }
  | { readonly kind: 'reveal'; readonly submission: Submission }
  | { readonly kind: 'commit'; readonly submission: Submission }
  | { readonly kind: 'prepare' };

/** Part of the tempo after which weights are committed: late enough to know something, early enough to repeat the call. */
const COMMIT_AT = 0.8;

/**
 * What is to be done in an interval, in this order: forget what can no longer be revealed, reveal what is due, commit
 * what is prepared, prepare what is not. Two commits of one interval are impossible: while one is stored, none is made.
 */
export function submissionSteps(
  submissions: readonly Submission[],
  now: {
    readonly interval: number;
    readonly block: number;
    /** Block of the last epoch, or in which the subnet began. */
    readonly intervalStart: number;
    readonly tempo: number;
    readonly hasPermit: boolean;
  },
): readonly SubmissionStep[] {
  const steps: SubmissionStep[] = [];
  for (const submission of submissions) {
    if (submission.revealInterval < now.interval) steps.push({ kind: 'forget', submission });
  }
  for (const submission of submissions) {
    // One that looks uncommitted may be committed all the same: its answer was lost with this process.
    const isDue = submission.revealInterval === now.interval && submission.state !== 'revealed';
    if (isDue) steps.push({ kind: 'reveal', submission });
  }
  const current = submissions.find(({ interval }) => interval === now.interval);
  if (current?.state === 'prepared') steps.push({ kind: 'commit', submission: current });
  const isTime = now.block >= now.intervalStart + Math.floor(now.tempo * COMMIT_AT);
  if (current === undefined && now.hasPermit && isTime) steps.push({ kind: 'prepare' });
  return steps;
}
