import type { ScoringPolicy } from '#domain/policy.ts';
import type { MinerFaults, Report } from '#domain/report.ts';

/** A row as the protocol's rules see it, written down once more and shared with nothing that decides. */
export interface JudgedRow {
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly salt?: readonly number[];
  readonly versionKey: bigint;
  readonly report: Report;
}

export function isValidRow(row: JudgedRow, policy: ScoringPolicy, own: number, known: ReadonlySet<number>): boolean {
  const { uids, values, salt = [] } = row;
  const fits = (n: number): boolean => Number.isSafeInteger(n) && n >= 0 && n < 65_536;
  if (uids.length !== values.length || uids.length > 256 || salt.length > 64) return false;
  if (![uids, values, salt].every((list) => list.every(fits))) return false;
  if (uids.some((uid, at) => uid === own || !known.has(uid) || (at > 0 && uid <= (uids[at - 1] ?? 0)))) return false;
  if (uids.length < Math.min(policy.minAllowedWeights, Math.max(1, known.size - 1))) return false;
  const sum = values.reduce((total, value) => total + value, 0);
  if (sum === 0 || row.versionKey < policy.weightsVersionKey) return false;
  const share = (part: number, whole: number): bigint => (BigInt(part) << 32n) / BigInt(whole);
  const limit = policy.maxWeightLimitU16;
  if (limit < 65_535 && share(Math.max(...values), sum) > share(limit, 65_535)) return false;
  return isValidReport(row.report);
}

function isValidReport({ miners, replayDay }: Report): boolean {
  if (miners.length > 256 || (replayDay !== '' && !/^\d{4}-\d\d-\d\d$/.test(replayDay))) return false;
  return miners.every(
    ({ loss, answers, invalid, similarityPpm, invalidReason, faults }) =>
      loss >= 0 &&
      loss < Infinity &&
      invalid <= answers &&
      similarityPpm <= 1e6 &&
      invalidReason.length <= 200 &&
      (faults === undefined || isValidFaults(faults, { answers, invalid })),
  );
}

function isValidFaults(
  { unanswered, failedAudits, auditsSha256 }: MinerFaults,
  { answers, invalid }: Readonly<Record<'answers' | 'invalid', number>>,
): boolean {
  if (unanswered > invalid || failedAudits > answers) return false;
  return failedAudits === 0 ? auditsSha256 === '' : auditsSha256.length === 64;
}
