import type { Bus, BusMessage } from '@subnetes/bus/bus';
import { ALL_EPOCHS_DUE, ALL_REGISTRATIONS, ALL_SUBNETS, blockSubject, STREAMS } from '@subnetes/bus/subjects';
import { fromUnknown } from '@subnetes/runtime/errors';
import { contextOf, withSpan } from '@subnetes/telemetry/tracing';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import type { FollowLedger, LedgerEvent } from '#application/follow-ledger.ts';
import type { Store } from '#application/ports.ts';
import { EarlierEpochMissing, type EpochOutcome } from '#application/run-epoch.ts';
import type { Precedence } from './precedence.ts';
import {
  LedgerMessageMalformed,
  readBlock,
  readEpochDue,
  readRegistration,
  readSubnetChange,
} from './ledger-events.ts';

/** Name under which the stream remembers how far scoring is. */
const CONSUMER = 'scoring';
/** Messages taken at once when there is much to catch up with; they are applied one after the other within a subnet. */
const BATCH_MAX = 64;
/** Subnets at once: while one's epoch is computed here, the database takes in another's. */
const LANES_MAX = 2;

export interface IntakeParts {
  readonly bus: Bus;
  readonly store: Pick<Store, 'keepEarly' | 'early' | 'dropEarly'>;
  readonly followLedger: FollowLedger;
  readonly scored: (outcome: EpochOutcome, seconds: number) => void;
  readonly precedence: Pick<Precedence, 'first'>;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * Follows the ledger's stream until the signal ends it, in order within a subnet. What fails is delivered again, and
 * nothing of a later batch overtakes it. Only a leader follows, and what the one before left comes to it first.
 */
export function consumeLedger(parts: IntakeParts, signal: AbortSignal): Promise<void> {
  return parts.bus.consume({
    stream: STREAMS.ledger.name,
    durable: CONSUMER,
    takesOver: true,
    subjects: [blockSubject(), ALL_EPOCHS_DUE, ALL_REGISTRATIONS, ALL_SUBNETS],
    batchMax: BATCH_MAX,
    handle: (messages) => parts.precedence.first(() => takeBatch(parts, messages)),
    failed: (error) => {
      parts.metrics.inc('subnetes_bus_messages_consumed_total', { consumer: CONSUMER, outcome: 'failed' });
      parts.log.warn({ err: fromUnknown(error) }, 'the ledger stream waits: the same messages come again');
    },
    signal,
  });
}

/** Each subnet's messages in order, and those without one among themselves; fails only when none is under way any more. */
async function takeBatch(parts: IntakeParts, messages: readonly BusMessage[]): Promise<void> {
  const lanes = [...Map.groupBy(messages, ({ subject }) => subject.slice(subject.lastIndexOf('.') + 1)).values()];
  const work = Array.from({ length: Math.min(LANES_MAX, lanes.length) }, async () => {
    for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) {
      for (const message of lane) await take(parts, message);
    }
  });
  const failure = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failure !== undefined) throw fromUnknown(failure.reason);
}

async function take(parts: IntakeParts, message: BusMessage): Promise<void> {
  const event = readEvent(parts, message);
  if (event === undefined) return;
  const outcome = await apply(parts, event, message);
  for (let scored = outcome; scored !== undefined;) scored = await takeEarly(parts, scored.netuid, scored.index + 1);
}

async function apply(
  parts: IntakeParts,
  event: LedgerEvent,
  message: Pick<BusMessage, 'headers' | 'payload'>,
): Promise<EpochOutcome | undefined> {
  const started = performance.now();
  try {
    const outcome = await withSpan(`scoring ${event.kind}`, { parent: contextOf(message.headers) }, () =>
      parts.followLedger(event),
    );
    parts.metrics.inc('subnetes_bus_messages_consumed_total', { consumer: CONSUMER, outcome: 'applied' });
    if (outcome !== undefined) parts.scored(outcome, (performance.now() - started) / 1000);
    return outcome;
  } catch (error) {
    if (!(error instanceof EarlierEpochMissing) || event.kind !== 'epoch-due') throw error;
    // Delivering it again would hold up the very message that is missing: it is kept, and taken once that has come.
    await parts.store.keepEarly(event.due.netuid, event.due.index, message.payload);
    parts.metrics.inc('subnetes_bus_messages_consumed_total', { consumer: CONSUMER, outcome: 'early' });
    parts.log.warn({ reason: error.message }, 'an epoch came early and is kept until the one before has been scored');
    return undefined;
  }
}

async function takeEarly(parts: IntakeParts, netuid: number, index: number): Promise<EpochOutcome | undefined> {
  const payload = await parts.store.early(netuid, index);
  if (payload === undefined) return undefined;
  const outcome = await apply(parts, readEpochDue(payload), { headers: {}, payload });
  await parts.store.dropEarly(netuid, index);
  return outcome;
}

/** A message that cannot be read would never be: it is reported and passed over, or it would hold up all subnets. */
function readEvent(
  { log, metrics }: IntakeParts,
  { subject, payload, messageId }: BusMessage,
): LedgerEvent | undefined {
  try {
    return decode(subject, payload);
  } catch (error) {
    if (!(error instanceof LedgerMessageMalformed)) throw error;
    metrics.inc('subnetes_bus_messages_consumed_total', { consumer: CONSUMER, outcome: 'malformed' });
    log.error({ err: error, subject, messageId }, 'a message of the ledger cannot be read and is passed over');
    return undefined;
  }
}

function decode(subject: string, payload: Uint8Array): LedgerEvent | undefined {
  if (subject === blockSubject()) return readBlock(payload);
  if (subject.startsWith(prefix(ALL_EPOCHS_DUE))) return readEpochDue(payload);
  if (subject.startsWith(prefix(ALL_REGISTRATIONS))) return readRegistration(payload);
  if (subject.startsWith(prefix(ALL_SUBNETS))) return readSubnetChange(payload);
  return undefined;
}

function prefix(pattern: string): string {
  return pattern.slice(0, -1);
}
