import type { WeightsState } from './commit.ts';
import type { JoinedReport } from './report.ts';
import type { NeuronOutput } from './score-epoch.ts';

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
  | 'NoPermit'
  | 'NoWeights'
  | 'WeightsClipped';

/** A miner of whose answers more than this share is invalid is told about that first. */
const INVALID_SHARE_MIN = 0.2;
/** Of 65535: below half, most of a validator's weight was clipped. */
const VALIDATOR_TRUST_LOW_U16 = 32_768;

export function explainMiner(miner: {
  readonly output: NeuronOutput;
  readonly report: JoinedReport;
  readonly place: number;
  readonly rated: number;
  readonly epochIndex: number;
}): Why {
  const { output, report } = miner;
  const loss = report.judged > 0 ? `loss ${report.loss.toFixed(5)}` : 'no loss yet';
  if (report.copy) {
    const similarity = (report.similarityPpm / 1_000_000).toFixed(4);
    return {
      reason: 'CopyDetected',
      sentence: `answers repeat those of uid ${report.copyOfUid} of the day before (similarity ${similarity}), say ${report.reportingCopy} of ${report.reporting} validators`,
    };
  }
  const invalidShare = report.answers === 0 ? 0 : report.invalid / report.answers;
  if (invalidShare >= INVALID_SHARE_MIN) {
    const reason = report.invalidReason === '' ? '' : `: ${report.invalidReason}`;
    return {
      reason: 'AnswersInvalid',
      sentence: `${Math.round(invalidShare * 100)} % of ${report.answers} answers invalid${reason}`,
    };
  }
  if (output.incentive > 0) {
    return { reason: 'Earning', sentence: `place ${miner.place} of ${miner.rated} with ${loss}` };
  }
  if (report.reporting === 0 || report.judged === 0) {
    return {
      reason: 'NotJudgedYet',
      sentence: `no validator has revealed a judgement of it up to epoch ${miner.epochIndex}: weights are revealed an interval after their commit`,
    };
  }
  return {
    reason: 'OutscoredByOthers',
    sentence: `${loss}: validators with most of the stake give their weight to others or to nobody`,
  };
}

export function explainValidator(validator: {
  readonly output: NeuronOutput;
  readonly weightsState: WeightsState;
  readonly clipped: number;
  readonly rated: number;
}): Why {
  const { output, weightsState } = validator;
  if (!output.permit) {
    return { reason: 'NoPermit', sentence: 'its stake is not among the largest: no permit for the next epoch' };
  }
  if (weightsState === 'missed') {
    return {
      reason: 'NoWeights',
      sentence: 'it committed weights and did not reveal them in time: its older ones count',
    };
  }
  if (validator.rated === 0) {
    return {
      reason: 'NoWeights',
      sentence: 'none of its weights count yet: commit in one interval, reveal in the next',
    };
  }
  if (output.validatorTrust < VALIDATOR_TRUST_LOW_U16) {
    return {
      reason: 'WeightsClipped',
      sentence: `weights clipped on ${validator.clipped} of ${validator.rated} miners`,
    };
  }
  return {
    reason: 'Earning',
    sentence: `its weights agree with the consensus on ${validator.rated - validator.clipped} of ${validator.rated} miners`,
  };
}
