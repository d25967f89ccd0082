import type { Answer } from '#domain/answer.ts';
import { dailyVolatility } from '#domain/crps.ts';
import { emptyJudgement, scoreDue, standingsOf, withDay, withoutEnded } from '#domain/judge.ts';
import type { Judgement, JudgeRules, MinerStanding } from '#domain/judge.ts';
import { challengeStride, firstDayFrom, isChallengeBlock, replayPosition } from '#domain/replay-clock.ts';
import type { ReplayPosition } from '#domain/replay-clock.ts';
import { auditAnswer, type KeepAudit } from './audit-answer.ts';
import type { AskMiner, Journal, Market, Miner, PriceHistory } from './ports.ts';

/** A challenge shows at most this many closes. */
const CLOSES_MAX = 512;

export type JudgePorts = {
  readonly history: PriceHistory;
  /** Name that the policy gives to the history. */
  readonly dataset: string;
  readonly ask: AskMiner;
  readonly sampleSize: number;
  /** Chooses which miners are asked where there are more than the sample size. */
  readonly sample: (miners: readonly Miner[], size: number) => readonly Miner[];
  readonly monotonicMs: () => number;
  /** Which of those that are asked are asked twice. */
  readonly audited: (asked: readonly Miner[]) => readonly Miner[];
  readonly keepAudit: KeepAudit;
  readonly journal: Journal;
};

/** A challenge that is out: closing it counts whoever has not answered as late. */
type OpenChallenge = {
  readonly day: number;
  readonly lap: number;
  readonly volatility: number;
  readonly close: () => Promise<ReadonlyMap<string, Answer>>;
};

export type Judge = {
  readonly judgement: () => Judgement;
  /** Collects the challenge of the block before and scores what is due. */
  readonly settle: (market: Market) => Promise<void>;
  /** Sends the challenge of this block. Answers may come until the next call of `settle`. */
  readonly challenge: (market: Market) => void;
  readonly standings: (market: Market) => readonly MinerStanding[];
  /** Date of the day that belongs to the block. */
  readonly replayDay: (market: Market) => string;
  /** Ends the challenge that is out; its answers are dropped. */
  readonly stop: () => Promise<void>;
};

/** Judges miners block by block. A challenge lives until the next block, since its truth is shown in the next one. */
export function makeJudge(ports: JudgePorts, from: Judgement): Judge {
  let judgement = from;
  let open: OpenChallenge | undefined;
  const take = (): OpenChallenge | undefined => {
    const taken = open;
    open = undefined;
    return taken;
  };
  return {
    judgement: () => judgement,
    async settle(market) {
      const challenge = take();
      const answers = await challenge?.close();
      const rules = rulesOf(market);
      const { day, lap } = positionOf(ports, market);
      if (lap !== judgement.lap) {
        if (judgement.days.length > 0) ports.journal.wrapped(lap);
        judgement = emptyJudgement(lap);
      }
      if (challenge !== undefined && answers !== undefined && challenge.lap === lap) {
        judgement = withDay(judgement, { day: challenge.day, volatility: challenge.volatility, answers }, rules);
      }
      judgement = scoreDue(judgement, { closes: ports.history.closes, today: day }, rules);
      judgement = withoutEnded(judgement, market.registered);
    },
    challenge(market) {
      const position = positionOf(ports, market);
      const newest = judgement.days.at(-1);
      // After a restart this day may be judged already.
      const isAsked = newest !== undefined && newest.day >= position.day;
      const { tempo, perEpoch } = market.terms;
      if (isAsked || !isChallengeBlock({ firstBlock: market.firstBlock, tempo, perEpoch }, market.block)) return;
      open = openChallenge(ports, market, position);
    },
    standings: (market) => standingsOf(judgement, market.miners, rulesOf(market)),
    replayDay: (market) => ports.history.dates[positionOf(ports, market).day] ?? '',
    async stop() {
      await take()?.close();
    },
  };
}

function openChallenge(ports: JudgePorts, market: Market, { day, lap }: ReplayPosition): OpenChallenge {
  const { journal } = ports;
  const { task, modelName, timeoutMs } = market.terms;
  const closes = ports.history.closes.slice(Math.max(0, day + 1 - CLOSES_MAX), day + 1);
  const late = new AbortController();
  const asked = ports.sample(market.miners, ports.sampleSize);
  const audited = new Set(ports.audited(asked));
  journal.challenged(asked.length);
  const startedMs = ports.monotonicMs();
  const answers = Promise.all(
    asked.map(async (miner) => {
      const question = { miner, modelName, task, closes, block: market.block, timeoutMs, signal: late.signal };
      const first = await ports.ask(question);
      const { receipt: _receipt, ...answer } = first;
      const isLate = late.signal.aborted && answer.kind === 'invalid';
      const outcome = answer.kind === 'forecast' ? 'valid' : isLate ? 'late' : 'invalid';
      journal.answered(outcome, (ports.monotonicMs() - startedMs) / 1000);
      if (!audited.has(miner)) return [miner.id, answer] as const;
      const checked = await auditAnswer({ ask: ports.ask, keep: ports.keepAudit }, question, first);
      if (checked.kind === 'forecast' && checked.failedAudit !== undefined) journal.auditFailed(miner.uid);
      return [miner.id, checked] as const;
    }),
  );
  // Who waits for it comes with the next block; until then a failure must not count as unhandled.
  answers.catch(() => {});
  return {
    day,
    lap,
    volatility: dailyVolatility(closes),
    async close() {
      late.abort(new Error('the next day has begun'));
      return new Map(await answers);
    },
  };
}

function rulesOf({ terms }: Market): JudgeRules {
  const { task, emaPpm, similarityPpm, perEpoch, tempo, daysPerBlock } = terms;
  // Fewer challenges than asked for reach a tempo that is shorter: one a block is the most.
  const perTempo = Math.ceil(tempo / challengeStride({ tempo, perEpoch }));
  return {
    task,
    emaPpm,
    similarityPpm,
    perEpoch: perTempo,
    daysBetween: daysPerBlock * challengeStride({ tempo, perEpoch }),
  };
}

/** Throws Error where the policy names data that this validator does not have: a person has to change the policy. */
function positionOf(ports: JudgePorts, market: Market): ReplayPosition {
  const { terms, firstBlock, block } = market;
  if (terms.dataset !== ports.dataset)
    throw new Error(`the policy asks for data set ${terms.dataset}, here is ${ports.dataset}`);
  const startDay = firstDayFrom(ports.history.dates, terms.startDay);
  if (startDay === undefined) throw new Error(`the data set ends before the start day ${terms.startDay}`);
  const dayCount = ports.history.dates.length;
  return replayPosition({ firstBlock, startDay, daysPerBlock: terms.daysPerBlock, dayCount }, block);
}
