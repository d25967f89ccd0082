import { type Refusal, refuse } from './refusal.ts';

/** What a validator saw of its miners up to a commit. It explains, and decides nothing of what an epoch pays. */
export interface Report {
  readonly miners: readonly MinerReport[];
  /** YYYY-MM-DD of the newest judged day; empty when none was judged. */
  readonly replayDay: string;
}

export interface MinerReport {
  readonly uid: number;
  /** Hex. */
  readonly registrationId: string;
  /** Moving average of the loss; without meaning while `judged` is 0. */
  readonly loss: number;
  /** Answers scored so far. */
  readonly judged: number;
  /** Answers asked for in the window. */
  readonly answers: number;
  /** Of them refused, late or missing. */
  readonly invalid: number;
  /** Newest reason, such as: quantiles[4] is NaN. */
  readonly invalidReason: string;
  readonly copy: boolean;
  readonly copyOfUid: number;
  readonly similarityPpm: number;
  /** Absent where the validator found none; reports of before it could say so have none either. */
  readonly faults?: MinerFaults;
}

/** What one validator says that one miner did wrong, of the answers that it asked for. */
export interface MinerFaults {
  /** Nothing came, or too late. */
  readonly unanswered: number;
  /** Computed again, or held against what was committed to, and wrong. */
  readonly failedAudits: number;
  /** Hex, of what the validator keeps to show them; empty without any. */
  readonly auditsSha256: string;
}

/** Text of a report that is shown to people is cut at this length by refusal, not silently. */
const REASON_LENGTH_MAX = 200;
const SHA256_HEX_LENGTH = 64;

/** Holds a report to its bounds; a neuron must not be able to fill the store or a page. */
export function checkReport(report: Report, minersMax: number): { readonly refusal: Refusal } | undefined {
  if (report.miners.length > minersMax)
    return refuse('REPORT_MALFORMED', `report: ${report.miners.length} miners, at most ${minersMax}`);
  if (!/^([0-9]{4}-[0-9]{2}-[0-9]{2})?$/.test(report.replayDay)) {
    return refuse('REPORT_MALFORMED', 'report: replay_day is not of the form YYYY-MM-DD');
  }
  for (const miner of report.miners) {
    if (!Number.isFinite(miner.loss)) {
      return refuse('REPORT_NOT_A_NUMBER', `report: loss of uid ${miner.uid} is ${miner.loss}, no number`);
    }
    if (miner.loss < 0) return refuse('REPORT_MALFORMED', `report: loss of uid ${miner.uid} is below 0`);
    if (miner.invalid > miner.answers)
      return refuse('REPORT_MALFORMED', `report: uid ${miner.uid} has more invalid answers than answers`);
    const faulty = checkFaults(miner);
    if (faulty !== undefined) return faulty;
    if (miner.similarityPpm > 1_000_000)
      return refuse('REPORT_MALFORMED', `report: similarity_ppm of uid ${miner.uid} is above 1000000`);
    if (miner.invalidReason.length > REASON_LENGTH_MAX) {
      return refuse(
        'REPORT_MALFORMED',
        `report: invalid_reason of uid ${miner.uid} is longer than ${REASON_LENGTH_MAX} characters`,
      );
    }
  }
  return undefined;
}

/** A fault is one of the answers that were asked for, and an audit that is said to have failed names what shows it. */
function checkFaults({ uid, answers, invalid, faults }: MinerReport): { readonly refusal: Refusal } | undefined {
  if (faults === undefined) return undefined;
  if (faults.unanswered > invalid) {
    return refuse('REPORT_MALFORMED', `report: uid ${uid} has more unanswered than invalid answers`);
  }
  if (faults.failedAudits > answers) {
    return refuse('REPORT_MALFORMED', `report: uid ${uid} has more failed audits than answers`);
  }
  const length = faults.failedAudits > 0 ? SHA256_HEX_LENGTH : 0;
  if (faults.auditsSha256.length === length) return undefined;
  return refuse(
    'REPORT_MALFORMED',
    `report: audits_sha256 of uid ${uid} has ${faults.auditsSha256.length / 2} bytes, not ${length / 2}`,
  );
}

/** A report with the stake of the validator that made it. */
export interface WeighedReport {
  readonly validatorUid: number;
  readonly stake: bigint;
  readonly report: Report;
}

/** What the validators together say of one miner. */
export interface JoinedReport {
  readonly reporting: number;
  /** Stake-weighted median, so that a minority cannot move it; 0 while nobody judged. */
  readonly loss: number;
  readonly judged: number;
  readonly answers: number;
  readonly invalid: number;
  readonly invalidReason: string;
  readonly reportingCopy: number;
  /** Validators with more than half of the reporting stake take it for a copy. */
  readonly copy: boolean;
  readonly copyOfUid: number;
  readonly similarityPpm: number;
}

/** What one validator says of one miner. */
export interface SeenMiner {
  readonly stake: bigint;
  readonly miner: MinerReport;
}

/** All that the reports say, by registration, of more stake first. */
export function reportsByMiner(reports: readonly WeighedReport[]): ReadonlyMap<string, readonly SeenMiner[]> {
  const byStake = reports.toSorted((left, right) =>
    left.stake === right.stake ? 0 : left.stake > right.stake ? -1 : 1,
  );
  const seen = new Map<string, SeenMiner[]>();
  for (const { stake, report } of byStake) {
    for (const miner of report.miners) {
      const own = seen.get(miner.registrationId);
      if (own === undefined) seen.set(miner.registrationId, [{ stake, miner }]);
      else own.push({ stake, miner });
    }
  }
  return seen;
}

/** Joins what the validators say of one registration; what they say of an earlier occupant of its uid is not among it. */
export function joinReports(seen: readonly SeenMiner[]): JoinedReport {
  const copies = seen.filter(({ miner }) => miner.copy);
  const copyStake = copies.reduce((total, { stake }) => total + stake, 0n);
  let allStake = 0n;
  let [judged, answers, invalid, invalidReason] = [0, 0, 0, ''];
  for (const { stake, miner } of seen) {
    allStake += stake;
    judged += miner.judged;
    answers += miner.answers;
    invalid += miner.invalid;
    if (invalidReason === '') invalidReason = miner.invalidReason;
  }
  return {
    reporting: seen.length,
    loss: medianLoss(seen.filter(({ miner }) => miner.judged > 0)),
    judged,
    answers,
    invalid,
    invalidReason,
    reportingCopy: copies.length,
    copy: copyStake * 2n > allStake,
    copyOfUid: copies[0]?.miner.copyOfUid ?? 0,
    similarityPpm: copies[0]?.miner.similarityPpm ?? 0,
  };
}

/** Of the stake. */
function medianLoss(seen: readonly SeenMiner[]): number {
  const total = seen.reduce((sum, { stake }) => sum + stake, 0n);
  let below = 0n;
  for (const { stake, miner } of seen.toSorted((left, right) => left.miner.loss - right.miner.loss)) {
    below += stake;
    if (below * 2n >= total) return miner.loss;
  }
  return 0;
}
