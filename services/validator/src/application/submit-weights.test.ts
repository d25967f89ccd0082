import { expect, test } from 'vitest';
import type { Interval, Market, Miner, Scoring, WeightsToSubmit } from './ports.ts';
import { makeSubmitWeights } from './submit-weights.ts';

const miner = (id: string, uid: number): Miner => ({
  id,
  uid,
  hotkey: id,
  registeredAt: 1,
  urls: [],
  spkiSha256: new Uint8Array(),
});
const market = (block: number, intervalStart: number): Market => ({
  block,
  netuid: 1,
  miners: [miner('a', 0), miner('b', 1), miner('c', 2)],
  registered: new Set(['a', 'b', 'c']),
  hasPermit: true,
  firstBlock: 1,
  intervalStart,
  terms: {
    mechanismId: 0,
    modelName: 'm',
    task: { horizonsDays: [1], quantileCount: 3 },
    dataset: 'd',
    startDay: '2010-01-04',
    daysPerBlock: 1,
    perEpoch: 1,
    timeoutMs: 1,
    emaPpm: 1,
    similarityPpm: 1,
    tempo: 10,
    blockTimeMs: 1000,
    commitReveal: { type: 'Salted', revealPeriodEpochs: 1 },
    weightsVersionKey: 0n,
  },
});

/** A validator that has judged everybody, and a scoring that answers as it is told. */
function submitting() {
  let told: Interval = { interval: 1, notToJudge: new Set() };
  const prepared: WeightsToSubmit[] = [];
  const scoring: Scoring = {
    interval: () => Promise.resolve(told),
    prepare: (submission) => {
      prepared.push(submission);
      const { interval } = submission;
      const bytes = new Uint8Array();
      return { kind: 'Salted', state: 'prepared', interval, revealInterval: interval + 1, block: 0, commit: bytes, reveal: bytes }; // prettier-ignore
    },
    commit: () => Promise.resolve({ kind: 'taken', block: 1 }),
    reveal: () => Promise.resolve({ kind: 'taken', block: 1 }),
  };
  const ignore = () => {};
  const submit = makeSubmitWeights(
    {
      scoring,
      save: () => Promise.resolve(),
      standings: ({ miners }) =>
        miners.map(({ id, uid }) => ({ ...NOTHING_KNOWN, id, uid, loss: 0.01 * (uid + 1), judged: 20 })),
      replayDay: () => '2010-01-04',
      drill: undefined,
      journal: {
        challenged: ignore,
        answered: ignore,
        auditFailed: ignore,
        judged: ignore,
        submitted: ignore,
        wrapped: ignore,
        warn: ignore,
      },
    },
    [],
  );
  return {
    submit,
    prepared,
    tell: (interval: number, notToJudge: readonly string[]) => {
      told = { interval, notToJudge: new Set(notToJudge) };
    },
    block: (now: Market) => submit.onBlock(now, new AbortController().signal),
    idsOf: (now: Market) => submit.ownMarket(now).miners.map(({ id }) => id),
  };
}

const NOTHING_KNOWN = {
  asked: 20,
  valid: 20,
  unanswered: 0,
  failedAudits: [],
  isComparable: true,
  isCopy: false,
  invalidReason: undefined,
  copy: undefined,
};
const late = market(9, 1);

test('without a draw a validator judges everybody and weighs everybody', async () => {
  const { block, prepared, idsOf } = submitting();
  expect(idsOf(late)).toEqual(['a', 'b', 'c']);
  await block(late);
  expect(prepared.map(({ weights }) => weights.map(({ uid }) => uid))).toEqual([[0, 1, 2]]);
});

test('a draw leaves it its own miners, to ask and to weigh', async () => {
  const { block, prepared, idsOf, tell } = submitting();
  tell(1, ['b', 'x']);
  await block(late);
  expect(idsOf(late)).toEqual(['a', 'c']);
  expect(prepared.map(({ weights, standings }) => [weights.length, standings.map(({ id }) => id)])).toEqual([
    [2, ['a', 'c']],
  ]);
});

test('a draw ends with its interval: until the next one is told everybody is judged again', async () => {
  const { block, idsOf, tell } = submitting();
  tell(1, ['b']);
  await block(market(3, 1));
  expect(idsOf(market(4, 1))).toEqual(['a', 'c']);
  const next = market(11, 11);
  expect(idsOf(next)).toEqual(['a', 'b', 'c']);
  tell(2, ['a', 'c']);
  await block(next);
  expect(idsOf(next)).toEqual(['b']);
});
