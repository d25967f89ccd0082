import { invertWeights, scoresToWeights } from '#domain/score-to-weight.ts';
import type { UidWeight } from '#domain/score-to-weight.ts';
import type { MinerStanding } from '#domain/judge.ts';
import { afterRevealing, afterSending, submissionSteps } from '#domain/submission.ts';
import type { Submission, SubmissionStep } from '#domain/submission.ts';
import type { Journal, Market, Scoring } from './ports.ts';

/** A drill makes a validator dishonest, so that a sample or a test can show what that costs it. */
export type Drill = 'invert-scores' | undefined;

export type SubmitPorts = {
  readonly scoring: Scoring;
  /** Stores submissions with all else that must survive; returns once they are on the disk. */
  readonly save: (submissions: readonly Submission[]) => Promise<void>;
  readonly standings: (market: Market) => readonly MinerStanding[];
  readonly replayDay: (market: Market) => string;
  readonly drill: Drill;
  readonly journal: Journal;
};

export type SubmitWeights = {
  readonly submissions: () => readonly Submission[];
  /** The market with the miners that are this validator's to judge: all, while it knows of no draw for the interval. */
  readonly ownMarket: (market: Market) => Market;
  /** Does what the interval asks for. Throws what scoring's outage throws; the next block tries again. */
  readonly onBlock: (market: Market, signal: AbortSignal) => Promise<void>;
};

/**
 * Sends weights once an interval as the policy asks, and reveals them when it is time, where that is for the validator to do.
 * Each step is stored before it is sent.
 */
export function makeSubmitWeights(ports: SubmitPorts, from: readonly Submission[]): SubmitWeights {
  let submissions = from;
  const draws = newestDraw();
  const replace = async (before: Submission, after: Submission | undefined): Promise<void> => {
    submissions = submissions.flatMap((one) => (one === before ? (after ?? []) : one));
    await ports.save(submissions);
  };

  const act = async (step: SubmissionStep, market: Market, context: { interval: number; signal: AbortSignal }) => {
    switch (step.kind) {
      case 'forget':
        if (step.submission.kind === 'Salted' && step.submission.state !== 'revealed') {
          ports.journal.submitted('reveal', 'missed');
        }
        return replace(step.submission, undefined);
      case 'reveal':
        return reveal(step.submission, market, context.signal);
      case 'commit':
        return commit(step.submission, context.signal);
      case 'prepare': {
        const standings = ports.standings(draws.ownMarket(market));
        const weights = weightsOf(standings, ports.drill);
        if (weights.length === 0) return;
        const { interval } = context;
        const replayDay = ports.replayDay(market);
        const prepared = ports.scoring.prepare({ interval, weights, standings, replayDay, market });
        submissions = [...submissions, prepared];
        await ports.save(submissions);
        return commit(prepared, context.signal);
      }
    }
  };

  const commit = async (submission: Submission, signal: AbortSignal): Promise<void> => {
    const result = await ports.scoring.commit(submission, signal);
    const isOpen = submission.kind === 'Open';
    ports.journal.submitted(isOpen ? 'set' : 'commit', result.kind === 'taken' ? 'taken' : result.reason);
    if (result.kind === 'refused') ports.journal.warn('scoring refused the weights', { ...result });
    // One row in the open is enough to know when the next may follow.
    if (isOpen) submissions = submissions.filter((one) => one === submission || one.kind !== 'Open');
    return replace(submission, afterSending(submission, result));
  };

  const reveal = async (submission: Submission, market: Market, signal: AbortSignal): Promise<void> => {
    const result = await ports.scoring.reveal(submission, market, signal);
    ports.journal.submitted('reveal', result.kind === 'taken' ? 'taken' : result.reason);
    if (result.kind === 'refused') ports.journal.warn('scoring refused the reveal', { ...result });
    return replace(submission, afterRevealing(submission, result));
  };

  return {
    submissions: () => submissions,
    ownMarket: draws.ownMarket,
    async onBlock(market, signal) {
      const { block, intervalStart, hasPermit } = market;
      const { tempo, commitReveal, mechanismId } = market.terms;
      const { interval, notToJudge } = await ports.scoring.interval(mechanismId, signal);
      draws.learn(intervalStart, notToJudge);
      const now = { interval, block, intervalStart, tempo, hasPermit, commitReveal };
      for (const step of submissionSteps(submissions, now)) {
        await act(step, market, { interval, signal });
      }
    },
  };
}

/** What scoring said last of who judges whom; it holds until the interval ends. */
function newestDraw() {
  let drawn: { readonly intervalStart: number; readonly notToJudge: ReadonlySet<string> } | undefined;
  return {
    learn: (intervalStart: number, notToJudge: ReadonlySet<string>): void => {
      drawn = { intervalStart, notToJudge };
    },
    ownMarket: (market: Market): Market => {
      if (drawn?.intervalStart !== market.intervalStart || drawn.notToJudge.size === 0) return market;
      const { notToJudge } = drawn;
      return { ...market, miners: market.miners.filter(({ id }) => !notToJudge.has(id)) };
    },
  };
}

function weightsOf(standings: readonly MinerStanding[], drill: Drill): readonly UidWeight[] {
  const honest = scoresToWeights(standings);
  return drill === 'invert-scores' && honest.length > 0 ? invertWeights(honest, standings) : honest;
}
