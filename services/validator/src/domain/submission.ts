/** How the subnet's validators submit weights. A reveal is due that many intervals after its commit. */
export type CommitReveal =
  | { readonly type: 'Off'; readonly rateLimitBlocks: number }
  | { readonly type: 'Salted'; readonly revealPeriodEpochs: number }
  | { readonly type: 'Timelock'; readonly revealPeriodEpochs: number; readonly beacon: TimelockBeacon };

/** A drand beacon whose rounds open time-locked weights. */
export type TimelockBeacon = {
  /** Hexadecimal. */
  readonly chainHash: string;
  /** Hexadecimal, 96 bytes of G2. */
  readonly publicKey: string;
  /** Unix seconds of round 1. */
  readonly genesisTimeS: number;
  readonly periodS: number;
};

/** Weights of one interval on their way: prepared and stored first, then sent, then (where they were salted) revealed. */
export type Submission = {
  readonly kind: 'Salted' | 'Timelock' | 'Open';
  readonly interval: number;
  readonly revealInterval: number;
  /** Signed COMMIT or SET_WEIGHTS envelope, as it is sent each time. */
  readonly commit: Uint8Array;
  /** Payload of the REVEAL envelope: weights, salt and the report of what was seen. Empty where nothing is revealed by hand. */
  readonly reveal: Uint8Array;
  /** `revealed`: everybody may know them, and there is nothing left to do. */
  readonly state: 'prepared' | 'committed' | 'revealed';
  /** Block at which scoring took weights in the open, or before which it will not; 0 otherwise. */
  readonly block: number;
};

export type SubmissionStep =
  | { readonly kind: 'forget'; readonly submission: Submission }
  | { readonly kind: 'reveal'; readonly submission: Submission }
  | { readonly kind: 'commit'; readonly submission: Submission }
  | { readonly kind: 'prepare' };

/** Part of the tempo after which weights are sent: late enough to know something, early enough to repeat the call. */
const COMMIT_AT = 0.8;

/**
 * What is to be done in an interval, in this order: forget what can no longer be revealed, reveal what is due, send what is
 * prepared, prepare what is not. Two submissions of one interval are impossible: while one is stored, none is made.
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
    readonly commitReveal: CommitReveal;
  },
): readonly SubmissionStep[] {
  const steps: SubmissionStep[] = [];
  // The last weights in the open are remembered: the next may not come too soon after them.
  const lastOpen = submissions.findLast(({ kind, state }) => kind === 'Open' && state === 'revealed');
  for (const submission of submissions) {
    if (submission.revealInterval < now.interval && submission !== lastOpen) steps.push({ kind: 'forget', submission });
  }
  for (const submission of submissions) {
    // One that looks uncommitted may be committed all the same: its answer was lost with this process.
    const isDue = submission.revealInterval === now.interval && submission.state !== 'revealed';
    if (isDue && submission.kind === 'Salted') steps.push({ kind: 'reveal', submission });
  }
  const current = submissions.find(({ interval }) => interval === now.interval);
  if (current?.state === 'prepared' && now.block >= current.block) steps.push({ kind: 'commit', submission: current });
  const isTime = now.block >= now.intervalStart + Math.floor(now.tempo * COMMIT_AT);
  const mayFollow =
    now.commitReveal.type !== 'Off' ||
    lastOpen === undefined ||
    now.block >= lastOpen.block + now.commitReveal.rateLimitBlocks;
  if (current === undefined && now.hasPermit && isTime && mayFollow) steps.push({ kind: 'prepare' });
  return steps;
}

/** What scoring said to what was sent. */
export type Answered =
  | {
      readonly kind: 'taken';
      /** Newest block that scoring had seen. */
      readonly block: number;
    }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      readonly message: string;
      /** First block at which it would be taken; 0 where time changes nothing. */
      readonly retryAtBlock: number;
    };

/** Too many at once: the next block sends the same. */
const QUEUE_FULL = 'QUEUE_FULL';

/** Refusals after which nothing was stored there, and weights of this interval may be made anew. */
const MADE_ANEW: ReadonlySet<string> = new Set([
  'NO_PERMIT',
  'WRONG_INTERVAL',
  'WRONG_COMMIT_REVEAL_TYPE',
  'TIMELOCK_ROUND_PASSED',
  'TIMELOCK_WRONG_BEACON',
]);

/** What becomes of weights that were sent; undefined: they are given up, and the next block prepares anew. */
export function afterSending(submission: Submission, answered: Answered): Submission | undefined {
  if (answered.kind === 'taken') {
    return submission.kind === 'Open'
      ? { ...submission, state: 'revealed', block: answered.block }
      : { ...submission, state: 'committed' };
  }
  if (answered.reason === QUEUE_FULL) return submission;
  if (MADE_ANEW.has(answered.reason)) return undefined;
  if (answered.retryAtBlock > 0) return { ...submission, block: answered.retryAtBlock };
  return { ...submission, state: 'committed' }; // the same again would be refused again
}

/** What becomes of weights whose reveal was sent. */
export function afterRevealing(submission: Submission, answered: Answered): Submission {
  const isToRepeat = answered.kind === 'refused' && answered.reason === QUEUE_FULL;
  return isToRepeat ? submission : { ...submission, state: 'revealed' };
}

/** Part of the tempo into the interval of the reveal at which weights open: late enough if blocks are slow, early enough if not. */
const OPENS_AT = 0.25;

/** When time-locked weights of an interval should open, in Unix milliseconds: some way into the interval of their reveal. */
export function opensAtMs(now: {
  readonly nowMs: number;
  readonly block: number;
  readonly intervalStart: number;
  readonly tempo: number;
  readonly revealPeriodEpochs: number;
  readonly blockTimeMs: number;
}): number {
  const opensAtBlock = now.intervalStart + Math.ceil(now.tempo * (now.revealPeriodEpochs + OPENS_AT));
  return now.nowMs + Math.max(1, opensAtBlock - now.block) * now.blockTimeMs;
}
