import { expect, test } from 'vitest';
import { type JoinedReport, joinReports, type MinerReport, reportsByMiner, type WeighedReport } from './report.ts';
import { explainMiner, explainValidator } from './why.ts';
import { NO_EFFECT } from './why-policy.ts';
import type { Lever } from './levers.ts';
import type { NeuronOutput } from './score-epoch.ts';

const seen = (validatorUid: number, stake: bigint, change: Partial<MinerReport>): WeighedReport => ({
  validatorUid,
  stake,
  report: {
    replayDay: '',
    miners: [
      {
        uid: 1,
        registrationId: 'r1',
        loss: 0.005,
        judged: 20,
        answers: 40,
        invalid: 0,
        invalidReason: '',
        copy: false,
        copyOfUid: 0,
        similarityPpm: 0,
        ...change,
      },
    ],
  },
});

const joined = (reports: readonly WeighedReport[]): JoinedReport =>
  joinReports(reportsByMiner(reports).get('r1') ?? []);

test('a liar with little stake cannot move the loss, and numbers add up', () => {
  const report = joined([seen(3, 45n, {}), seen(4, 35n, { loss: 0.006 }), seen(5, 20n, { loss: 99 })]);
  expect(report).toMatchObject({ loss: 0.006, judged: 60, answers: 120, reporting: 3, copy: false });
});

test('it takes more than half of the reporting stake to call a miner a copy', () => {
  const copy = { copy: true, copyOfUid: 4, similarityPpm: 999_400 };
  expect(joined([seen(3, 50n, copy), seen(4, 50n, {})])).toMatchObject({ copy: false, reportingCopy: 1 });
  expect(joined([seen(3, 51n, copy), seen(4, 50n, {})])).toMatchObject({ copy: true, copyOfUid: 4 });
});

test('a report on an earlier occupant of the uid does not count', () => {
  expect(joined([seen(3, 45n, { registrationId: 'r0' })])).toMatchObject({ reporting: 0, loss: 0 });
});

const output: NeuronOutput = {
  uid: 1,
  registrationId: 'r1',
  active: true,
  permit: true,
  stake: 0,
  consensus: 0,
  rank: 0,
  trust: 0,
  validatorTrust: 60_000,
  incentive: 0,
  dividends: 0,
  incentiveRao: 0n,
  dividendRao: 0n,
};

test.for<[string, Partial<MinerReport>, number]>([
  ['CopyDetected', { copy: true, copyOfUid: 4 }, 0],
  ['AnswersInvalid', { invalid: 29, invalidReason: 'quantiles[4] is NaN' }, 0],
  ['Earning', {}, 900],
  ['OutscoredByOthers', {}, 0],
  ['NotJudgedYet', { judged: 0, answers: 0 }, 0],
])('a miner is told %s', ([reason, change, incentive]) => {
  const report = joined([seen(3, 45n, change)]);
  const why = explainMiner({
    output: { ...output, incentive },
    report,
    place: 1,
    rated: 1,
    epochIndex: 5,
    lever: undefined,
    policy: NO_EFFECT,
  });
  expect(why.reason).toBe(reason);
});

test('the sentence names the share of invalid answers and the reason', () => {
  const report = joined([seen(3, 45n, { answers: 240, invalid: 170, invalidReason: 'NaN in quantiles' })]);
  const why = explainMiner({ output, report, place: 1, rated: 1, epochIndex: 5, lever: undefined, policy: NO_EFFECT });
  expect(why.sentence).toBe('71 % of 240 answers invalid: NaN in quantiles');
});

test('a miner that earns is told so first, and then what is wrong with it', () => {
  const report = joined([seen(3, 45n, { invalid: 20, invalidReason: 'late' })]);
  const why = explainMiner({
    output: { ...output, incentive: 9 },
    report,
    place: 2,
    rated: 3,
    epochIndex: 5,
    lever: undefined,
    policy: NO_EFFECT,
  });
  expect(why).toEqual({
    reason: 'Earning',
    sentence: 'place 2 of 3 with loss 0.00500; 50 % of 40 answers invalid: late',
  });
});

test.for([
  ['NoPermit', { permit: false }, 'revealed', 3],
  ['NoWeights', {}, 'missed', 3],
  ['NoWeights', {}, 'committed', 0],
  ['WeightsClipped', { validatorTrust: 5000 }, 'revealed', 3],
  ['Earning', {}, 'revealed', 3],
  ['Earning', {}, 'set', 3],
] as const)('a validator is told %s', ([reason, change, state, rated]) => {
  const weights = { state, reason: '' };
  const told = {
    output: { ...output, ...change },
    weights,
    missedReveal: 'Keep' as const,
    rates: 'miners' as const,
    clipped: 1,
    rated,
    policy: NO_EFFECT,
  };
  expect(explainValidator(told).reason).toBe(reason);
});

test.for([
  ['NOT_REVEALED', 'Keep', /did not reveal them in time: its older ones count/],
  ['NOT_REVEALED', 'Zero', /its row is empty .* its stake votes zero/],
  ['TIMELOCK_ROUND_UNKNOWN', 'Keep', /the round .* was not to be had in time \(TIMELOCK_ROUND_UNKNOWN\)/],
  ['TIMELOCK_DECRYPT_FAILED', 'Zero', /did not open \(TIMELOCK_DECRYPT_FAILED\): its row is empty/],
] as const)('a validator that missed by %s under %s hears why and what counts now', ([reason, missedReveal, words]) => {
  const weights = { state: 'missed' as const, reason };
  expect(
    explainValidator({ output, weights, missedReveal, rates: 'subnets', clipped: 0, rated: 3, policy: NO_EFFECT })
      .sentence,
  ).toMatch(words);
});

const lever: Lever = {
  passUid: 3,
  validatorUids: [0, 1],
  stakeShare: 3_435_973_836n, // 0.8 of 2^32
  more: 51_539_608n, // 0.012 and a little
  incentive: 9n,
  place: 1,
};

test.for<[string, Partial<Lever>, string]>([
  ['in words', {}, '; validators with 0.80 of stake would have to give 0.0121 more each to pass uid 3'],
  [
    'rounded up',
    { more: 131_073n },
    '; validators with 0.80 of stake would have to give 0.0000306 more each to pass uid 3',
  ],
  ['not where nothing would do', { more: undefined }, ''],
])('a miner is told its lever, %s', ([, change, sentence]) => {
  const told = (change2: Partial<MinerReport>, incentive: number) => {
    const report = joined([seen(3, 45n, change2)]);
    const miner = { output: { ...output, incentive }, report, place: 2, rated: 3, epochIndex: 5, policy: NO_EFFECT };
    return explainMiner({ ...miner, lever: { ...lever, ...change } }).sentence;
  };
  expect(told({}, 9)).toBe(`place 2 of 3 with loss 0.00500${sentence}`);
  expect(told({}, 0)).toBe(
    `loss 0.00500: validators with most of the stake give their weight to others or to nobody${sentence}`,
  );
  expect(told({ invalid: 40 }, 9)).toBe('place 2 of 3 with loss 0.00500; 100 % of 40 answers invalid');
});
