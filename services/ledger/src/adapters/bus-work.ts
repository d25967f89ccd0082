import { createHash } from 'node:crypto';
import { type Bus, BusError } from '@subnetes/bus/bus';
import type { Clock } from '@subnetes/runtime/clock';
import { fromUnknown } from '@subnetes/runtime/errors';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import type { Decision } from '#domain/book/refusal.ts';
import type { Payout } from '#domain/economy/payout.ts';
import type { ToldEpoch, WitnessRule } from '#application/pay-epoch.ts';
import type { JournalStore } from '#application/ports.ts';
import { relayOutbox } from '#application/relay-outbox.ts';
import type { Sequencer } from '#application/sequencer.ts';
import { takeScoredEpochs } from './bus-intake.ts';
import { busOutbox } from './bus-outbox.ts';
import type { LedgerMetrics } from './metrics.ts';

const CONNECT_RETRY_MS = 500;

export interface BusWork {
  readonly connect: () => Promise<Bus>;
  readonly sequencer: Sequencer;
  readonly store: JournalStore;
  readonly payEpoch: (scored: ToldEpoch) => Promise<Decision<Payout>>;
  readonly rule: WitnessRule;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly told: LedgerMetrics;
  readonly signal: AbortSignal;
}

/** Relays the journal to the bus and takes payments from it until the signal is aborted. The ledger works without it. */
export async function runBusWork(work: BusWork): Promise<void> {
  await using bus = await connected(work);
  if (bus === undefined) return;
  await Promise.all([relay(work, bus), intake(work, bus)]);
}

/** Dials until the bus answers; undefined when the process ends before. */
async function connected({ connect, clock, log, signal }: BusWork): Promise<Bus | undefined> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      return await connect();
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      if (attempt % 20 === 0)
        log.warn({ err: fromUnknown(error) }, 'the bus cannot be reached; events wait in the journal');
    }
    await sleep(clock, CONNECT_RETRY_MS, signal);
  }
  return undefined;
}

function relay({ sequencer, store, clock, log, metrics, told, signal }: BusWork, bus: Bus): Promise<void> {
  return relayOutbox({
    store,
    sequencer,
    signal,
    bus: busOutbox(bus),
    monotonicMs: () => clock.monotonicMs(),
    sleep: (ms, until) => sleep(clock, ms, until),
    onProgress: ({ events, sequence, isLast }) => {
      metrics.inc('subnetes_bus_messages_published_total', { stream: 'LEDGER', result: 'ok' }, events);
      // Between the two may lie entries without events; what is pending is never more than this.
      void sequencer
        .read((ledger) => ledger.journal.head.sequence)
        .then(
          (last) => told.onOutbox(isLast ? 0 : last - sequence),
          () => {}, // the ledger stops: nobody scrapes it any more
        );
    },
    onFailure: (error) => {
      metrics.inc('subnetes_bus_messages_published_total', { stream: 'LEDGER', result: 'failed' });
      log.warn({ err: fromUnknown(error) }, 'events could not be told to the bus; they wait in the journal');
    },
  });
}

function intake({ payEpoch, rule, log, metrics, told, signal }: BusWork, bus: Bus): Promise<void> {
  const count = (outcome: string): void =>
    metrics.inc('subnetes_bus_messages_consumed_total', { consumer: 'ledger', outcome });
  return takeScoredEpochs({
    bus,
    durable: durableOf(rule),
    payEpoch,
    signal,
    onUnwitnessed: (_scored, { message: why }) => {
      count('unwitnessed');
      log.info({}, why);
    },
    onPaid: ({ netuid, index }, payout) => {
      count(payout.repeated ? 'repeated' : 'taken');
      if (payout.repeated) return;
      told.onPaid(netuid, payout);
      log.info({ netuid, index, sequence: payout.sequence }, 'epoch paid');
    },
    onRefused: (refusal, { subject, messageId }) => {
      count('refused');
      told.onRefusal(refusal.code);
      const { code: reason, message: why } = refusal;
      log.error({ reason, subject, messageId }, `a payment is refused: ${why}`);
    },
    onFailure: (error) => {
      count('failed');
      log.warn({ err: fromUnknown(error) }, 'a scored epoch could not be taken; it comes again');
    },
  });
}

/**
 * A rule of its own has a place of its own in the stream, so that a changed rule judges again what the stream still holds:
 * an epoch that was passed over under the old one may have all that the new one asks for, and is not told again.
 */
function durableOf({ required, keys }: WitnessRule): string {
  if (required === 0) return 'ledger';
  const name = createHash('sha256')
    .update(`${required} of ${keys.toSorted().join(' ')}`)
    .digest('hex');
  return `ledger-${name.slice(0, 16)}`;
}

/** Ends early, and without an error, when the signal is aborted. */
export async function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
