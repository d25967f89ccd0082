import { fromInteger } from '@subnetes/consensus/fixed';
import { withinMaxWeight } from '@subnetes/consensus/weights';
import type { ScoringPolicy } from './policy.ts';
import { refuse } from './refusal.ts';
import { checkReport, type Report } from './report.ts';
import { ROOT_NETUID } from './root-network.ts';
import type { Refused } from './sender.ts';

/** Weights of one row at most; also the limit of uids of a subnet. */
export const WEIGHTS_MAX = 256;
export const SALT_MAX = 64;
const U16_MAX = 65_535;

/** One validator's scores of miners for one mechanism, as they are sent; in the root network uids are netuids of markets. */
export interface WeightsRow {
  readonly uids: readonly number[];
  /** u16. */
  readonly values: readonly number[];
  readonly versionKey: bigint;
  readonly report: Report;
}

/** How a row became known: by its validator's reveal, by a round of a beacon, or at once. */
export type RowSource = 'Salted' | 'Timelock' | 'Open';

/** A row that was taken: it counts from now on until a newer one does. */
export interface StoredRow {
  readonly registrationId: string;
  readonly uid: number;
  readonly mechanismId: number;
  readonly source: RowSource;
  /** Of the commit, or in which it was set. */
  readonly interval: number;
  /** Of the commit, or at which it was set: what the validator can have known. */
  readonly block: number;
  /** Pairs of uid and u16, ascending. */
  readonly weights: readonly (readonly [uid: number, value: number])[];
  readonly report: Report;
}

/** A row as an epoch takes it: what its validator reported decides nothing, and stays in the store. */
export interface CountedRow extends Omit<StoredRow, 'report'> {
  /** Of the envelope that brought the weights: the reveal's, the call's in the open, or a time-locked commit's. */
  readonly sequence: bigint;
}

/** The row that a commit held. */
export function rowOf(
  commit: {
    readonly registrationId: string;
    readonly mechanismId: number;
    readonly kind: RowSource;
    readonly interval: number;
    readonly block: number;
  },
  uid: number,
  row: WeightsRow,
): StoredRow {
  return {
    registrationId: commit.registrationId,
    uid,
    mechanismId: commit.mechanismId,
    source: commit.kind,
    interval: commit.interval,
    block: commit.block,
    weights: row.uids.map((each, index) => [each, row.values[index] ?? 0] as const),
    report: row.report,
  };
}

/** What can be refused without knowing anything: sizes and ranges, before anything is hashed. */
export function checkShape(row: WeightsRow & { readonly salt?: readonly number[] }): Refused | undefined {
  const { uids, values, salt = [] } = row;
  if (uids.length !== values.length) {
    return refuse('LENGTH_MISMATCH', `uids has ${uids.length} and values has ${values.length}: send one value a uid`);
  }
  if (uids.length > WEIGHTS_MAX) {
    return refuse('TOO_MANY_WEIGHTS', `uids has ${uids.length}, at most ${WEIGHTS_MAX} a row`);
  }
  if (salt.length > SALT_MAX) return refuse('SALT_TOO_LONG', `salt has ${salt.length} numbers, at most ${SALT_MAX}`);
  return (
    checkU16('uids', 'UID_OUT_OF_RANGE', uids) ??
    checkU16('values', 'WEIGHT_OUT_OF_RANGE', values) ??
    checkU16('salt', 'SALT_OUT_OF_RANGE', salt) ??
    checkReport(row.report, WEIGHTS_MAX)
  );
}

function checkU16(
  field: string,
  code: 'UID_OUT_OF_RANGE' | 'WEIGHT_OUT_OF_RANGE' | 'SALT_OUT_OF_RANGE',
  numbers: readonly number[],
): Refused | undefined {
  for (const [at, value] of numbers.entries()) {
    if (!Number.isInteger(value)) return refuse('NOT_AN_INTEGER', `${field}[${at}] is ${value}, no whole number`);
    if (value < 0 || value > U16_MAX) return refuse(code, `${field}[${at}] is ${value}, not within 0 to ${U16_MAX}`);
  }
  return undefined;
}

/** What a row is judged by, its shape being right. */
export interface RowFacts {
  readonly netuid: number;
  readonly policy: ScoringPolicy;
  readonly ownUid: number;
  /** Every uid that was ever given out in the subnet; in the root network every market's netuid. */
  readonly knownUids: ReadonlySet<number>;
}

/** The subnet's rules on weights. The shape was checked before. */
export function checkRow(row: WeightsRow, facts: RowFacts): Refused | undefined {
  const { policy, knownUids } = facts;
  if (row.versionKey < policy.weightsVersionKey) {
    return refuse(
      'WRONG_VERSION',
      `version_key is ${row.versionKey}, below ${policy.weightsVersionKey}: update the validator`,
    );
  }
  const refused = checkUids(row.uids, facts);
  if (refused !== undefined) return refused;
  const atLeast = Math.min(policy.minAllowedWeights, Math.max(1, knownUids.size - 1));
  if (row.uids.length < atLeast) {
    return refuse('TOO_FEW_WEIGHTS', `uids has ${row.uids.length}, the subnet asks for at least ${atLeast}`);
  }
  if (row.values.every((value) => value === 0)) {
    return refuse('ZERO_WEIGHTS', 'values sum to zero: rate at least one of them, or send nothing');
  }
  if (!withinMaxWeight(row.values.map(fromInteger), policy.maxWeightLimitU16)) {
    return refuse(
      'MAX_WEIGHT_EXCEEDED',
      `values: the largest is over ${policy.maxWeightLimitU16}/65535 of the row's sum`,
    );
  }
  return undefined;
}

function checkUids(uids: readonly number[], { netuid, ownUid, knownUids }: RowFacts): Refused | undefined {
  const isRoot = netuid === ROOT_NETUID;
  let previous = -1;
  for (const [at, uid] of uids.entries()) {
    if (uid === previous) return refuse('DUPLICATE_UID', `uids[${at}]: ${uid} stands twice`);
    if (uid < previous) {
      return refuse('UIDS_NOT_ASCENDING', `uids[${at}]: ${uid} stands after ${previous}: sort the uids`);
    }
    if (uid === ownUid && !isRoot)
      return refuse('SELF_WEIGHT', `uids[${at}]: ${uid} is the validator itself: leave it out`);
    if (!knownUids.has(uid) && isRoot) {
      return refuse('UNKNOWN_NETUID', `uids[${at}]: there is no subnet ${uid} that the root network could weigh`);
    }
    if (!knownUids.has(uid)) {
      return refuse('UNKNOWN_UID', `uids[${at}]: ${uid} was never given out on this subnet`);
    }
    previous = uid;
  }
  return undefined;
}
