import { columnText, percent, shareText } from '../format.ts';
import { fails, holds, unknown, type Judgement } from '../judgement.ts';
import type { CommitRevealType, PaidEpoch, PaidNeuron } from '../market.ts';

/** A miner whose answers are refused more often than this hears of the answers before anything else. */
const INVALID_PERCENT_LIMIT = 10;

/** Whether the last epoch paid the miner, and if not why, in words that say what to do. */
export function judgeEarning(name: string, paid: PaidEpoch | undefined, own: PaidNeuron | undefined): Judgement {
  if (paid === undefined || own === undefined) {
    return unknown('Earning', 'NotJudgedYet', 'no epoch has judged this miner yet');
  }
  if (own.incentiveU16 > 0) {
    return holds('Earning', 'Earning', own.why === '' ? `incentive ${shareText(own.incentiveU16)}` : own.why);
  }
  const { report } = own;
  if (percent(report.invalid, report.answers) >= INVALID_PERCENT_LIMIT) {
    return fails('Earning', 'AnswersInvalid', invalidMessage(name, paid, own));
  }
  if (report.validatorsReportingCopy > 0 || own.whyReason === 'CopyDetected') {
    return fails('Earning', 'CopyDetected', copyMessage(name, own));
  }
  if (own.whyReason === 'BelowQualityFloor') {
    return fails(
      'Earning',
      'BelowQualityFloor',
      `${sentence(own.why, 'below the quality floor')} See \`subnetes explain miner ${name}\`.`,
    );
  }
  if (report.judged === 0) return unknown('Earning', 'NotJudgedYet', sentence(own.why, 'not judged yet'));
  return fails(
    'Earning',
    'OutscoredByOthers',
    `${sentence(own.why, 'others forecast better')} See \`subnetes explain miner ${name}\`.`,
  );
}

function invalidMessage(name: string, paid: PaidEpoch, own: PaidNeuron): string {
  const { answers, invalid, invalidReason, validatorsReporting } = own.report;
  const who = `${validatorsReporting} of ${paid.validatorsWithPermit} validators`;
  const fault = invalidReason === '' ? '' : `: ${invalidReason}`;
  const share = `${percent(invalid, answers)} % of the last ${answers} answers were refused by ${who}${fault}.`;
  // Its answers may be right: what comes too late is refused without being looked at.
  const advice = invalidReason.startsWith('late') ? 'Give it more CPU or replicas' : "Fix the model's output";
  return `${share} ${advice}, then watch \`subnetes explain miner ${name}\`.`;
}

function copyMessage(name: string, own: PaidNeuron): string {
  const { copyOfUid, similarityPpm, validatorsReportingCopy } = own.report;
  const similarity = (similarityPpm / 1_000_000).toFixed(4);
  const what = `answers repeat those of uid ${copyOfUid} of the day before (similarity ${similarity})`;
  return `${validatorsReportingCopy} validators found that ${what}. Serve a model of your own, then watch \`subnetes explain miner ${name}\`.`;
}

function sentence(text: string, otherwise: string): string {
  const chosen = text === '' ? otherwise : text;
  return chosen.endsWith('.') ? chosen : `${chosen}.`;
}

/** Short reasons for the status, the most important first. */
export function whyLines(own: PaidNeuron | undefined, paid: PaidEpoch | undefined, asset: string): readonly string[] {
  if (own === undefined || paid === undefined) return [];
  const lines = own.why === '' ? [] : [own.why];
  const { report } = own;
  if (report.answers > 0) {
    const valid = report.answers - report.invalid;
    lines.push(`${valid} of ${report.answers} answers were valid, as ${report.validatorsReporting} validators report`);
  }
  lines.push(`epoch ${paid.index} paid ${columnText(own.earnedRao, asset)}`);
  return lines.map((line) => line.slice(0, 512));
}

/** How weights come to count, in words, by what the policy says. */
const SUBMITTED: Readonly<Record<CommitRevealType, { readonly pending: string; readonly done: string }>> = {
  Salted: {
    pending: 'weights are committed; their reveal is due in its interval',
    done: 'weights are committed and revealed in time',
  },
  Timelock: {
    pending: 'weights are time-locked; a round of the beacon opens them in the interval of their reveal',
    done: 'weights are time-locked and were opened in time',
  },
  Off: {
    pending: 'weights are on their way from before commitReveal was Off',
    done: 'weights of before commitReveal was Off were revealed in time',
  },
};

/** What the judgement of a validator needs beside its own part of the epoch. */
export interface ScoringFacts {
  readonly paid: PaidEpoch | undefined;
  readonly commitReveal: CommitRevealType;
  /** Until then nobody expects weights: a permit comes with an epoch, weights in the next interval, a reveal in a later one. */
  readonly graceBlock: number;
}

/** Whether the validator's weights count. */
export function judgeScoring(facts: ScoringFacts, own: PaidNeuron | undefined): Judgement {
  const { paid, commitReveal, graceBlock } = facts;
  if (paid === undefined || own === undefined) {
    return unknown('Scoring', 'NotJudgedYet', 'permits come with the first epoch');
  }
  if (!own.permit) {
    return fails(
      'Scoring',
      'NoPermit',
      sentence(own.why, 'its stake gives it no permit: add stake and wait for an epoch'),
    );
  }
  if (own.abstention !== undefined) return fails('Scoring', 'Abstains', abstentionMessage(own));
  switch (own.weights) {
    case 'Revealed':
    case 'Set':
      if (own.whyReason === 'DividendsReduced')
        return holds('Scoring', 'DividendsReduced', sentence(own.why, 'it keeps deviating'));
      return own.clippedColumns > 0
        ? holds('Scoring', 'WeightsClipped', sentence(own.why, `weights clipped on ${own.clippedColumns} miners`))
        : holds('Scoring', 'Scoring', own.weights === 'Set' ? SET_IN_THE_OPEN : SUBMITTED[commitReveal].done);
    case 'Committed':
      return unknown('Scoring', 'NotJudgedYet', SUBMITTED[commitReveal].pending);
    case 'Missed':
      return fails('Scoring', 'NoWeights', missedMessage(own));
    case 'None':
      if (own.lastUpdateBlock === 0 && paid.block < graceBlock) {
        return unknown('Scoring', 'NotJudgedYet', 'has a permit; its first weights are on their way');
      }
      return fails('Scoring', 'NoWeights', sentence(own.why, 'no weights came: look at the log of its pod'));
  }
}

/** Scoring's sentence tells why; what to do follows from the reason alone. */
const AFTER_ABSTENTION: Readonly<Record<string, string>> = {
  'no-score': 'Look at the log of its pod: it answered without a judgement.',
  'identical-scores': 'Look at the log of its pod: what it judges by may have failed.',
  'stale-scores': 'Look at the log of its pod: it may send an old row again.',
  'reversed-scores': 'Look at how it orders miners: it turned against its own last row.',
};

function abstentionMessage({ why, abstention = '' }: PaidNeuron): string {
  const todo = AFTER_ABSTENTION[abstention] ?? 'Look at the log of its pod.';
  return `${sentence(why, `its weights were not counted (${abstention})`)} ${todo}`;
}

const SET_IN_THE_OPEN = 'weights are set in the open: commitReveal is Off';

function missedMessage({ why, weightsReason }: PaidNeuron): string {
  const code = weightsReason === undefined ? '' : ` (${weightsReason})`;
  return `${sentence(why, `a commit was not revealed in its interval${code}`)} Look at the log of its pod.`;
}
