import type { BillingObserver, IntakeEvent, SubnetTerms } from '../src/application/ports.ts';
import type { UsageRecord } from '../src/domain/usage.ts';

export const MODEL = 'sp500.forecast';
export const PRICE_RAO = 2000n;
export const DAY_MS = Date.parse('2026-11-23T10:00:00Z');

export const TERMS: SubnetTerms = {
  netuid: 1,
  policyVersion: 1n,
  ownerColdkey: 'owner-coldkey',
  models: { [MODEL]: [{ unit: 'Request', per: 1, priceRao: PRICE_RAO }] },
};

/** One answered request; `changes` replace fields. */
export function usageOf(leaseId: string, counter: bigint, changes: Partial<UsageRecord> = {}): UsageRecord {
  return {
    requestId: `${leaseId}/${counter}`,
    contentSha256: `content of ${leaseId}/${counter}`,
    leaseId,
    counter,
    account: 'research',
    netuid: 1,
    model: MODEL,
    units: { Request: 1n },
    policyVersion: 1n,
    maxRao: PRICE_RAO,
    quotedRao: PRICE_RAO,
    minerHotkey: 'hotkey-1',
    minerUid: 3,
    receiptId: `rcp_${leaseId}_${counter}`,
    receipt: new Uint8Array([1, 2, 3]),
    timeMs: DAY_MS,
    ...changes,
  };
}

export function used(record: UsageRecord): IntakeEvent {
  return { kind: 'usage', record };
}

export function closed(leaseId: string, lastCounter: bigint, abandoned = false): IntakeEvent {
  return { kind: 'lease-closed', leaseId, account: 'research', lastCounter, abandoned };
}

/** Remembers what was told. */
export function recordingObserver(): BillingObserver & {
  readonly writtenOffIds: string[];
  readonly conflicts: string[];
} {
  const writtenOffIds: string[] = [];
  const conflicts: string[] = [];
  return {
    writtenOffIds,
    conflicts,
    usageTaken: () => {},
    charged: () => {},
    writtenOff: (requestId) => writtenOffIds.push(requestId),
    conflict: (requestId) => conflicts.push(requestId),
  };
}
