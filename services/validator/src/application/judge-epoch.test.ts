import { describe, expect, test } from 'vitest';
import type { Answer } from '#domain/answer.ts';
import { emptyJudgement } from '#domain/judge.ts';
import { makeJudge } from './judge-epoch.ts';
import type { AskMiner, Journal, Market, Miner } from './ports.ts';

const DAYS = 40;
const START = 10;
const history = {
  dates: Array.from({ length: DAYS }, (_, day) => `2010-01-${String(day).padStart(2, '0')}`),
  closes: Array.from({ length: DAYS }, (_, day) => 100 * Math.exp(0.01 * Math.sin(day))),
};
const miner: Miner = {
  id: 'one',
  uid: 1,
  hotkey: 'h',
  registeredAt: 1,
  urls: ['https://x'],
  spkiSha256: new Uint8Array(),
};
const terms = {
  mechanismId: 0,
  modelName: 'forecast',
  task: { horizonsDays: [1, 5], quantileCount: 3 },
  dataset: 'days',
  startDay: `2010-01-${START}`,
  daysPerBlock: 1,
  perEpoch: 20,
  timeoutMs: 1000,
  emaPpm: 5000,
  similarityPpm: 999_000,
  tempo: 20,
  blockTimeMs: 1000,
  commitReveal: { type: 'Salted', revealPeriodEpochs: 1 } as const,
  weightsVersionKey: 0n,
};
const marketAt = (block: number, more: Partial<typeof terms> = {}): Market => ({
  block,
  netuid: 1,
  miners: [miner],
  registered: new Set(['one']),
  hasPermit: true,
  firstBlock: 100,
  intervalStart: 100,
  terms: { ...terms, ...more },
});
const forecast: Answer = { kind: 'forecast', forecast: [[-0.01, 0, 0.01], [-0.02, 0, 0.02]] }; // prettier-ignore

function open(ask: AskMiner = async () => forecast, audits = false) {
  const laps: number[] = [];
  const outcomes: string[] = [];
  const asked: (readonly number[])[] = [];
  const journal: Journal = {
    challenged: () => {},
    answered: (outcome) => void outcomes.push(outcome),
    auditFailed: () => {},
    judged: () => {},
    submitted: () => {},
    wrapped: (lap) => void laps.push(lap),
    warn: () => {},
  };
  const ports = {
    history,
    dataset: 'days',
    sampleSize: 8,
    sample: (miners: readonly Miner[], size: number) => miners.slice(0, size),
    monotonicMs: () => 0,
    audited: (miners: readonly Miner[]) => (audits ? miners : []),
    keepAudit: async () => 'kept',
    journal,
    ask: async (question: Parameters<AskMiner>[0]) => {
      asked.push(question.closes);
      return ask(question);
    },
  };
  return { judge: makeJudge(ports, emptyJudgement(0)), laps, outcomes, asked };
}

async function walk(judge: ReturnType<typeof open>['judge'], blocks: number): Promise<void> {
  for (let block = 100; block < 100 + blocks; block++) {
    await judge.settle(marketAt(block));
    judge.challenge(marketAt(block));
  }
}

describe('a judge', () => {
  test('shows the history up to the day and never beyond', async () => {
    const { judge, asked } = open();
    await walk(judge, 3);
    expect(asked.map((closes) => closes.length)).toEqual([START + 1, START + 2, START + 3]);
    expect(asked[0]).toEqual(history.closes.slice(0, START + 1));
  });

  test('at the end of the data it begins again, says so, and resets the averages', async () => {
    const { judge, laps } = open();
    await walk(judge, DAYS - START);
    expect([laps, judge.standings(marketAt(100))[0]?.judged]).toEqual([[], DAYS - START - 1]);
    const wrapped = marketAt(100 + DAYS - START);
    await judge.settle(wrapped);
    expect([laps, judge.judgement()]).toEqual([[1], emptyJudgement(1)]);
    expect(judge.replayDay(wrapped)).toBe(`2010-01-${START}`);
  });

  test('counts as late who has not answered when the next block comes', async () => {
    const { judge, outcomes } = open(
      ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve({ kind: 'invalid', reason: 'late' }), { once: true });
        }),
    );
    await walk(judge, 2);
    await judge.stop();
    expect(outcomes).toEqual(['late', 'late']);
    expect(judge.judgement().days[0]?.answers.get('one')).toEqual({ kind: 'invalid', reason: 'late' });
  });

  test('asks who is audited twice, and counts who answers in two ways', async () => {
    let asked = 0;
    const twoWays: AskMiner = async () => {
      asked += 1;
      return { kind: 'forecast', forecast: [[asked, asked, asked], [asked, asked, asked]] }; // prettier-ignore
    };
    const { judge } = open(twoWays, true);
    await walk(judge, 4);
    await judge.settle(marketAt(104));
    expect(asked).toBe(8);
    expect(judge.standings(marketAt(104))[0]?.failedAudits).toEqual(['kept', 'kept', 'kept', 'kept']);
    const honest = open(async () => forecast, true);
    await walk(honest.judge, 4);
    expect(honest.judge.standings(marketAt(104))[0]?.failedAudits).toEqual([]);
  });

  test('asks nothing twice about a day that was judged before a restart', async () => {
    const { judge, asked } = open();
    await walk(judge, 2);
    await judge.settle(marketAt(102));
    judge.challenge(marketAt(101));
    expect(asked.length).toBe(2);
  });

  test('a policy that it cannot judge by stops it with the reason', async () => {
    const { judge } = open();
    await expect(judge.settle(marketAt(100, { dataset: 'else' }))).rejects.toThrow(/asks for data set else/);
    await expect(judge.settle(marketAt(100, { startDay: '2030-01-01' }))).rejects.toThrow(/ends before the start day/);
  });
});
