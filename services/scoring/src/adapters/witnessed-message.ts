import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Bus } from '@subnetes/bus/bus';
import { epochScoredSubject, STREAMS, witnessedMessageId } from '@subnetes/bus/subjects';
import { type EpochStatement, WITNESSES_MAX } from '@subnetes/keys/witness';
import { type EpochScored, EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import type { Metrics } from '@subnetes/telemetry/metrics';
import type { StatementOf } from '#application/submit-witness.ts';
import type { TellWitnessed } from '#application/publish-witnessed.ts';
import type { WitnessedEpoch } from '#application/witness-store.ts';
import { toHex } from './messages.ts';

/** What witnesses of a network sign, of a stored `EpochScored`. */
export function statementOf(networkId: Uint8Array): StatementOf {
  return (scored) => statement(networkId, fromBinary(EpochScoredSchema, scored));
}

function statement(networkId: Uint8Array, message: EpochScored): EpochStatement {
  return {
    networkId,
    netuid: message.netuid,
    index: Number(message.index),
    dueSequence: Number(message.dueSequence),
    inputsSha256: toHex(message.inputsSha256),
    outputsSha256: toHex(message.outputsSha256),
    neurons: message.neurons.map(({ uid, registrationId, incentiveRao, dividendRao }) => ({
      uid,
      registrationId: toHex(registrationId),
      incentive: BigInt(incentiveRao),
      dividend: BigInt(dividendRao),
    })),
    shares: message.shares.map(({ netuid, sharePpm }) => ({ netuid, sharePpm })),
  };
}

/** The message that the ledger pays by, with what witnesses said of it: no more than it takes, whatever keys there were. */
export function witnessedBytes({ scored, witnesses }: WitnessedEpoch): Uint8Array {
  const message = fromBinary(EpochScoredSchema, scored);
  return toBinary(EpochScoredSchema, { ...message, witnesses: witnesses.slice(0, WITNESSES_MAX).map(witnessMessage) });
}

function witnessMessage({ publicKey, signature }: WitnessedEpoch['witnesses'][number]) {
  return { $typeName: 'subnetes.common.v1.WitnessSignature' as const, publicKey, signature };
}

/** Publishes beside the epoch's first message, under an id that grows with its witnesses: they only become more. */
export function tellWitnessed({ bus, metrics }: { readonly bus: Bus; readonly metrics: Metrics }): TellWitnessed {
  return async (epoch) => {
    const { netuid, index, sequence, previousSequence, witnesses } = epoch;
    await bus.publish(epochScoredSubject(netuid), witnessedBytes(epoch), {
      messageId: witnessedMessageId(netuid, BigInt(index), witnesses.length),
      headers: { 'subnetes-sequence': String(sequence), 'subnetes-previous-sequence': String(previousSequence) },
    });
    metrics.inc('subnetes_bus_messages_published_total', { stream: STREAMS.scoring.name, result: 'stored' });
  };
}
