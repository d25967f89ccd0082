import type { Units } from './rating.ts';

/** One answered request as the gateway reports it, or one that delivered nothing and only fills its counter. */
export interface UsageRecord {
  /** `<lease id>/<counter>` */
  readonly requestId: string;
  /** Of the message, hex: the same id with other content is a conflict and changes nothing. */
  readonly contentSha256: string;
  readonly leaseId: string;
  readonly counter: bigint;
  readonly account: string;
  readonly netuid: number;
  readonly model: string;
  readonly units: Units;
  readonly policyVersion: bigint;
  readonly maxRao: bigint;
  readonly quotedRao: bigint;
  readonly minerHotkey: string;
  readonly minerUid: number;
  readonly receiptId: string;
  readonly receipt: Uint8Array;
  readonly timeMs: number;
}

/** What is wrong with a record, so that it can never be settled; undefined when nothing is. */
export function flawOf(record: UsageRecord): string | undefined {
  if (record.requestId !== `${record.leaseId}/${record.counter}` || record.counter < 1n) return 'request_id';
  if (record.requestId.length > 128) return 'request_id';
  if (!Number.isSafeInteger(record.timeMs) || record.timeMs < 0 || record.timeMs > 253_402_300_799_000)
    return 'time_ms';
  if (record.maxRao < 0n || record.quotedRao < 0n) return 'max_rao';
  if (record.model.length === 0 || record.model.length > 256) return 'model';
  return undefined;
}

/** Why usage was not charged; the label and the column hold these. */
export type WriteOffReason = 'LEASE_UNKNOWN' | 'ACCOUNT_MISMATCH' | 'UNPRICED' | 'LEASE_ENDED' | 'LEASE_EXCEEDED';
