import { type Lever, leverSentence } from './levers.ts';
import type { JoinedReport } from './report.ts';
import type { ScoringPolicy } from './policy.ts';
import type { NeuronOutput } from './score-epoch.ts';
import type { WeightsStanding } from './standing.ts';
import { abstentionSentence, changesSentence, type PolicyEffect } from './why-policy.ts';

/** Why a neuron earns what it earns; the reason is stable, the sentence is for people. */
export interface Why {
  readonly reason: WhyReason;
  readonly sentence: string;
}

export type WhyReason =
  | 'Earning'
  | 'AnswersInvalid'
  | 'CopyDetected'
  | 'NotJudgedYet'
  | 'OutscoredByOthers'
  | 'BelowQualityFloor'
  | 'NoPermit'
  | 'NoWeights'
  | 'WeightsClipped'
  | 'Abstains'
  | 'DividendsReduced';

/** A miner of whose answers more than this share is invalid is told about that first. */
const INVALID_SHARE_MIN = 0.2;
/** Of 65535: below half, most of a validator's weight was clipped. */
const VALIDATOR_TRUST_LOW_U16 = 32_768;

/**
 * A miner that earns is told so, with what it could do better; one that earns nothing is told the first thing that keeps
 * it from earning.
 */
export function explainMiner(miner: {
  readonly output: NeuronOutput;
  readonly report: JoinedReport;
  readonly place: number;
  readonly rated: number;
  readonly epochIndex: number;
  /** What would lift it over the next better one; undefined for the best, and where that was not looked for. */
  readonly lever: Lever | undefined;
  readonly policy: PolicyEffect;
}): Why {
  const { output, report, policy } = miner;
  const changed = changesSentence(policy.incentive, 'incentive');
  const lever = miner.lever === undefined ? '' : leverSentence(miner.lever);
  const loss = report.judged > 0 ? `loss ${report.loss.toFixed(5)}` : 'no loss yet';
  const flaw = report.copy
    ? ({ reason: 'CopyDetected', sentence: copySentence(report) } as const)
    : invalidShareOf(report) >= INVALID_SHARE_MIN
      ? ({ reason: 'AnswersInvalid', sentence: invalidSentence(report) } as const)
      : undefined;
  if (output.incentive > 0) {
    const place = `place ${miner.place} of ${miner.rated} with ${loss}`;
    return { reason: 'Earning', sentence: joined(joined(place, flaw === undefined ? lever : flaw.sentence), changed) };
  }
  if (flaw !== undefined) return flaw;
  if (policy.isBelowFloor && changed !== '') {
    return { reason: 'BelowQualityFloor', sentence: joined(`below the quality floor with ${loss}`, changed) };
  }
  if (report.reporting === 0 || report.judged === 0) {
    return {
      reason: 'NotJudgedYet',
      sentence: `no validator has revealed a judgement of it up to epoch ${miner.epochIndex}: weights are revealed an interval after their commit`,
    };
  }
  const outscored = `${loss}: validators with most of the stake give their weight to others or to nobody`;
  return { reason: 'OutscoredByOthers', sentence: joined(joined(outscored, lever), changed) };
}

function joined(first: string, second: string): string {
  return second === '' ? first : `${first}; ${second}`;
}

function copySentence(report: JoinedReport): string {
  const similarity = (report.similarityPpm / 1_000_000).toFixed(4);
  return `answers repeat those of uid ${report.copyOfUid} of the day before (similarity ${similarity}), say ${report.reportingCopy} of ${report.reporting} validators`;
}

function invalidSentence(report: JoinedReport): string {
  const reason = report.invalidReason === '' ? '' : `: ${report.invalidReason}`;
  return `${Math.round(invalidShareOf(report) * 100)} % of ${report.answers} answers invalid${reason}`;
}

function invalidShareOf(report: JoinedReport): number {
  return report.answers === 0 ? 0 : report.invalid / report.answers;
}

export function explainValidator(validator: {
  readonly output: NeuronOutput;
  readonly weights: WeightsStanding;
  readonly missedReveal: ScoringPolicy['missedReveal'];
  readonly rates: 'miners' | 'subnets';
  readonly clipped: number;
  readonly rated: number;
  readonly policy: PolicyEffect;
}): Why {
  const { output, weights, policy } = validator;
  const changed = changesSentence(policy.dividends, 'dividends');
  if (!output.permit) {
    return { reason: 'NoPermit', sentence: 'its stake is not among the largest: no permit for the next epoch' };
  }
  if (policy.abstention !== undefined) {
    const missed = weights.state === 'missed' ? missedSentence(weights, validator.missedReveal) : '';
    return { reason: 'Abstains', sentence: joined(joined(abstentionSentence(policy.abstention), missed), changed) };
  }
  if (weights.state === 'missed')
    return { reason: 'NoWeights', sentence: missedSentence(weights, validator.missedReveal) };
  if (validator.rated === 0) {
    return {
      reason: 'NoWeights',
      sentence: 'none of its weights count yet: they do in the epoch after they are known',
    };
  }
  if (policy.deviantEpochs > 0) {
    const deviates = `its weights have deviated from the consensus for ${policy.deviantEpochs} epochs in a row`;
    return { reason: 'DividendsReduced', sentence: joined(deviates, changed) };
  }
  const clipped = `weights clipped on ${validator.clipped} of ${validator.rated} ${validator.rates}`;
  if (output.validatorTrust < VALIDATOR_TRUST_LOW_U16) {
    return { reason: 'WeightsClipped', sentence: joined(clipped, changed) };
  }
  const agrees = `its weights agree with the consensus on ${validator.rated - validator.clipped} of ${validator.rated} ${validator.rates}`;
  return { reason: 'Earning', sentence: joined(agrees, changed) };
}

function missedSentence({ reason }: WeightsStanding, missedReveal: ScoringPolicy['missedReveal']): string {
  const rest =
    missedReveal === 'Keep' ? 'its older ones count' : 'its row is empty until the next ones, and its stake votes zero';
  if (reason === 'NOT_REVEALED') return `it committed weights and did not reveal them in time: ${rest}`;
  if (reason === 'TIMELOCK_ROUND_UNKNOWN') {
    return `the round that opens its weights was not to be had in time (${reason}): ${rest}`;
  }
  return `its time-locked weights did not open (${reason}): ${rest}`;
}
