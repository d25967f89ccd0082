import { fromBinary } from '@bufbuild/protobuf';
import type { Bus, BusMessage } from '@subnetes/bus/bus';
import { ALL_EPOCHS_SCORED, epochScoredSubject } from '@subnetes/bus/subjects';
import { WITNESSES_MAX } from '@subnetes/keys/witness';
import { unitsFromText } from '@subnetes/money/amount';
import { EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import type { Decision, Refusal } from '#domain/book/refusal.ts';
import type { Payout } from '#domain/economy/payout.ts';
import type { ToldEpoch } from '#application/pay-epoch.ts';
import { hexOf } from './wire.ts';

export interface BusIntakeOptions {
  readonly bus: Bus;
  /** Name under which the stream remembers how far the ledger is. */
  readonly durable: string;
  readonly payEpoch: (scored: ToldEpoch) => Promise<Decision<Payout>>;
  readonly signal: AbortSignal;
  readonly onPaid: (scored: ToldEpoch, payout: Payout) => void;
  /** Too few witnesses so far: the message is passed over, since the epoch comes again with the next signature. */
  readonly onUnwitnessed: (scored: ToldEpoch, refusal: Refusal) => void;
  /** A payment that is refused for good: somebody has to look, since its epoch stays unpaid or was paid otherwise. */
  readonly onRefused: (refusal: Refusal, message: BusMessage) => void;
  /** The bus or the ledger is away; the message comes again. */
  readonly onFailure: (error: unknown) => void;
}

/** As the event has it. */
const EVIDENCE_EPOCHS_MAX = 100;

/** Payments wait for a clean audit; the message comes again until then. */
class PaymentsStopped extends Error {
  override readonly name = 'PaymentsStopped';
  /** The log tells it without a stack, at every try. */
  readonly isOutage = true;
}

/**
 * Takes scoring's outputs from the bus until the signal is aborted. The bus may repeat, delay and reorder them: what was
 * paid is remembered in the journal under (netuid, index), so that changes nothing. What can never be paid is reported and
 * passed over, since a stream that waits for it would stop all subnets.
 */
export async function takeScoredEpochs(options: BusIntakeOptions): Promise<void> {
  const { bus, durable, signal, onFailure: failed } = options;
  const handle = async (messages: readonly BusMessage[]): Promise<void> => {
    for (const message of messages) await takeOne(options, message);
  };
  const subjects = [ALL_EPOCHS_SCORED];
  await bus.consume({ stream: 'SCORING', durable, subjects, takesOver: true, handle, failed, signal });
}

async function takeOne(options: BusIntakeOptions, message: BusMessage): Promise<void> {
  const scored = readScored(message);
  if (!scored.ok) return options.onRefused(scored, message);
  const paid = await options.payEpoch(scored.value);
  if (paid.ok) return options.onPaid(scored.value, paid.value);
  if (paid.code === 'PAYOUTS_STOPPED') throw new PaymentsStopped(paid.message);
  if (paid.code === 'EPOCH_UNWITNESSED') return options.onUnwitnessed(scored.value, paid);
  options.onRefused(paid, message);
}

/** The event as the domain reads it; refuses what is not one. */
export function readScored(message: Pick<BusMessage, 'subject' | 'payload'>): Decision<ToldEpoch> {
  try {
    const event = fromBinary(EpochScoredSchema, message.payload);
    if (message.subject !== epochScoredSubject(event.netuid)) {
      return malformed(`the subject ${message.subject} is not that of subnet ${event.netuid}`);
    }
    const { witnesses } = event;
    if (event.evidence.some(({ epochs }) => epochs.length > EVIDENCE_EPOCHS_MAX)) {
      return malformed(`it carries evidence over more than ${EVIDENCE_EPOCHS_MAX} epochs`);
    }
    if (witnesses.length > WITNESSES_MAX) return malformed(`it carries ${witnesses.length} signatures of witnesses`);
    const neurons = event.neurons.map((neuron) => ({
      uid: neuron.uid,
      registrationId: hexOf(neuron.registrationId),
      incentive: rao(neuron.incentiveRao),
      dividend: rao(neuron.dividendRao),
      incentiveU16: neuron.incentiveU16,
      dividendsU16: neuron.dividendsU16,
      permit: neuron.validatorPermit,
    }));
    return {
      ok: true,
      value: {
        netuid: event.netuid,
        index: Number(event.index),
        dueSequence: Number(event.dueSequence),
        inputsSha256: hexOf(event.inputsSha256),
        outputsSha256: hexOf(event.outputsSha256),
        neurons,
        witnesses,
        evidence: event.evidence.map(({ registrationId, epochs }) => ({
          netuid: event.netuid,
          registrationId: hexOf(registrationId),
          epochs: epochs.map(({ index, inputsSha256, deviationPpm }) => ({
            index: Number(index),
            inputsSha256: hexOf(inputsSha256),
            deviationPpm,
          })),
        })),
        shares: event.shares.map(({ netuid, sharePpm }) => ({ netuid, sharePpm })),
      },
    };
  } catch (error) {
    return malformed(error instanceof Error ? error.message : 'unreadable');
  }
}

function malformed(why: string): Refusal {
  return { ok: false, code: 'INVALID_ARGUMENT', message: `the message is no EpochScored: ${why}` };
}

function rao(text: string): bigint {
  const units = unitsFromText(text === '' ? '0' : text);
  if (!units.ok) throw new RangeError(units.message);
  return units.value;
}
