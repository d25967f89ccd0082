import { createHash } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { UsageEventSchema, type UsageRecorded } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import type { IntakeEvent } from '../application/ports.ts';
import type { UsageRecord } from '../domain/usage.ts';

/** What a message says; undefined when it is none of ours. */
export function intakeEventOf(payload: Uint8Array): IntakeEvent | undefined {
  try {
    const { event } = fromBinary(UsageEventSchema, payload);
    switch (event.case) {
      case 'usage':
        return { kind: 'usage', record: recordOf(event.value, payload) };
      case 'leaseClosed': {
        const { leaseId, account, lastCounter, abandoned } = event.value;
        return { kind: 'lease-closed', leaseId, account, lastCounter, abandoned };
      }
      case undefined:
        return undefined;
    }
  } catch {
    return undefined; // bytes that are no protobuf, or numbers that are none: counted as flawed by the caller
  }
}

function recordOf(usage: UsageRecorded, payload: Uint8Array): UsageRecord {
  return {
    requestId: usage.requestId,
    contentSha256: createHash('sha256').update(payload).digest('hex'),
    leaseId: usage.leaseId,
    counter: usage.counter,
    account: usage.account,
    netuid: usage.netuid,
    model: usage.model,
    units: usage.units,
    policyVersion: usage.policyVersion,
    maxRao: BigInt(usage.maxRao),
    quotedRao: BigInt(usage.quotedRao),
    minerHotkey: usage.minerHotkey,
    minerUid: usage.minerUid,
    receiptId: usage.receiptId,
    receipt: usage.receipt,
    timeMs: Number(usage.timeMs),
  };
}
