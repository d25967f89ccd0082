import { expect, test } from 'vitest';
import type { CommitRevealType, PaidEpoch, PaidNeuron } from '../market.ts';
import { judgeEarning, judgeScoring } from './earning.ts';

const report = {
  judged: 240,
  answers: 240,
  invalid: 0,
  invalidReason: '',
  validatorsReporting: 3,
  validatorsReportingCopy: 0,
  copyOfUid: 0,
  similarityPpm: 0,
};

const miner = (more: Partial<PaidNeuron> = {}): PaidNeuron => ({
  uid: 8,
  permit: false,
  incentiveU16: 0,
  dividendsU16: 0,
  validatorTrustU16: 0,
  earnedRao: 0n,
  stakeRao: 0n,
  weights: 'None',
  lastUpdateBlock: 0,
  clippedColumns: 0,
  report,
  why: '',
  whyReason: '',
  ...more,
});

const epoch: PaidEpoch = {
  index: 5,
  block: 111,
  nextBlock: 131,
  inputsSha256: '',
  emissionRao: 0n,
  validatorsWithPermit: 3,
  functions: [],
  validatorsRevealed: 3,
  neurons: new Map(),
};

const facts = (graceBlock: number, commitReveal: CommitRevealType = 'Salted') => ({
  paid: epoch,
  commitReveal,
  graceBlock,
});

const invalid = { ...report, invalid: 170, invalidReason: 'quantiles[4] is NaN' };
const copied = { ...report, validatorsReportingCopy: 2, copyOfUid: 4, similarityPpm: 999_400 };

test.for([
  { name: 'before the first epoch', paid: undefined, own: undefined, status: 'Unknown', reason: 'NotJudgedYet' },
  { name: 'not in the sealed epoch', paid: epoch, own: undefined, status: 'Unknown', reason: 'NotJudgedYet' },
  { name: 'paid', paid: epoch, own: miner({ incentiveU16: 27_000 }), status: 'True', reason: 'Earning' },
  {
    name: 'paid although some answers were refused',
    paid: epoch,
    own: miner({ incentiveU16: 9, report: invalid }),
    status: 'True',
    reason: 'Earning',
  },
  { name: 'NaN', paid: epoch, own: miner({ report: invalid }), status: 'False', reason: 'AnswersInvalid' },
  { name: 'a copy', paid: epoch, own: miner({ report: copied }), status: 'False', reason: 'CopyDetected' },
  {
    name: 'registered, and nobody has asked yet',
    paid: epoch,
    own: miner({ report: { ...report, judged: 0, answers: 0 } }),
    status: 'Unknown',
    reason: 'NotJudgedYet',
  },
  { name: 'worse than others', paid: epoch, own: miner(), status: 'False', reason: 'OutscoredByOthers' },
])('a miner that is $name', ({ paid, own, status, reason }) => {
  expect(judgeEarning('broken', paid, own)).toMatchObject({ type: 'Earning', status, reason });
});

test('refused answers are told with share, witnesses, fault and what to do', () => {
  expect(judgeEarning('broken', epoch, miner({ report: invalid })).message).toBe(
    '71 % of the last 240 answers were refused by 3 of 3 validators: quantiles[4] is NaN.' +
      " Fix the model's output, then watch `subnetes explain miner broken`.",
  );
});

test('answers that came too late are no fault of the model', () => {
  const late = { ...invalid, invalidReason: 'late: no answer before the next day began' };
  expect(judgeEarning('slow', epoch, miner({ report: late })).message).toBe(
    '71 % of the last 240 answers were refused by 3 of 3 validators: late: no answer before the next day began.' +
      ' Give it more CPU or replicas, then watch `subnetes explain miner slow`.',
  );
});

test('a copy is told whose it is and how alike', () => {
  expect(judgeEarning('copycat', epoch, miner({ report: copied })).message).toContain(
    'answers repeat those of uid 4 of the day before (similarity 0.9994)',
  );
});

test.for([
  { name: 'without a permit', own: miner(), status: 'False', reason: 'NoPermit' },
  { name: 'that revealed', own: miner({ permit: true, weights: 'Revealed' }), status: 'True', reason: 'Scoring' },
  {
    name: 'that was clipped',
    own: miner({ permit: true, weights: 'Revealed', clippedColumns: 5 }),
    status: 'True',
    reason: 'WeightsClipped',
  },
  {
    name: 'that missed its reveal',
    own: miner({ permit: true, weights: 'Missed' }),
    status: 'False',
    reason: 'NoWeights',
  },
  { name: 'that is silent', own: miner({ permit: true }), status: 'False', reason: 'NoWeights' },
  {
    name: 'that waits for its reveal',
    own: miner({ permit: true, weights: 'Committed' }),
    status: 'Unknown',
    reason: 'NotJudgedYet',
  },
] as const)('a validator $name', ({ own, status, reason }) => {
  expect(judgeScoring(facts(0), own)).toMatchObject({ type: 'Scoring', status, reason });
});

test('a validator that has just got its permit is given time for its first weights', () => {
  const silent = miner({ permit: true });
  expect(judgeScoring(facts(112), silent)).toMatchObject({ status: 'Unknown', reason: 'NotJudgedYet' });
  expect(judgeScoring(facts(111), silent)).toMatchObject({ status: 'False', reason: 'NoWeights' });
});

test.for([
  ['Salted', 'Committed', /their reveal is due/],
  ['Salted', 'Revealed', /revealed in time/],
  ['Timelock', 'Committed', /a round of the beacon opens them/],
  ['Timelock', 'Revealed', /time-locked and were opened/],
  ['Off', 'Set', /set in the open/],
] as const)(
  'with commitReveal %s and weights %s the condition says how they count',
  ([commitReveal, weights, words]) => {
    expect(judgeScoring(facts(0, commitReveal), miner({ permit: true, weights })).message).toMatch(words);
  },
);

test.for([
  ['no-score', 'abstains: it scored none of 6 miners', /answered without a judgement/],
  ['identical-scores', 'abstains: same score for all', /what it judges by may have failed/],
  ['stale-scores', '', /weights were not counted \(stale-scores\)/],
  ['a reason of a newer scoring', 'abstains', /log of its pod/],
] as const)('a validator whose weights the firewall did not count is told why: %s', ([abstention, why, words]) => {
  const own = miner({ permit: true, weights: 'Revealed', abstention, why, whyReason: 'Abstains' });
  const judged = judgeScoring(facts(0), own);
  expect(judged).toMatchObject({ type: 'Scoring', status: 'False', reason: 'Abstains' });
  expect(judged.message).toMatch(words);
  expect(judged.message).toContain(why);
});

test('what a policy took of dividends or incentive has reasons of its own', () => {
  const deviant = miner({ permit: true, weights: 'Revealed', whyReason: 'DividendsReduced', why: 'deviates' });
  expect(judgeScoring(facts(0), deviant)).toMatchObject({ status: 'True', reason: 'DividendsReduced' });
  const low = miner({ whyReason: 'BelowQualityFloor', why: 'below the quality floor' });
  expect(judgeEarning('low', epoch, low)).toMatchObject({ status: 'False', reason: 'BelowQualityFloor' });
});

test('weights that were missed say why', () => {
  const missed = miner({ permit: true, weights: 'Missed', weightsReason: 'TIMELOCK_DECRYPT_FAILED' });
  expect(judgeScoring(facts(0), missed).message).toContain('TIMELOCK_DECRYPT_FAILED');
});
