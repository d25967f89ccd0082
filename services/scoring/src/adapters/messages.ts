import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { type DeviationEvidenceSchema, EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import {
  type EpochSummarySchema,
  type Metagraph as MetagraphMessage,
  type MetagraphNeuronSchema,
  MetagraphSchema,
  WeightsState as WireState,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { EpochListing, EpochRecord } from '#application/ports.ts';
import type { Metagraph, MetagraphNeuron } from '#domain/metagraph.ts';
import type { WeightsState } from '#domain/standing.ts';

const STATES: { readonly [State in WeightsState]: WireState } = {
  none: WireState.NONE,
  committed: WireState.COMMITTED,
  revealed: WireState.REVEALED,
  missed: WireState.MISSED,
  set: WireState.SET,
};

/** The metagraph as it is stored, served and put into the KV bucket. */
export function metagraphMessage(metagraph: Metagraph): MetagraphMessage {
  return create(MetagraphSchema, {
    netuid: metagraph.netuid,
    epochIndex: BigInt(metagraph.epochIndex),
    block: BigInt(metagraph.block),
    inputsSha256: fromHex(metagraph.inputsSha256),
    outputsSha256: fromHex(metagraph.outputsSha256),
    neurons: metagraph.neurons.map(neuronMessage),
    validatorsWithPermit: metagraph.validatorsWithPermit,
    validatorsRevealed: metagraph.validatorsRevealed,
    replayDay: metagraph.replayDay,
    incentiveFunctions: metagraph.incentiveFunctions.map(({ mechanismId, sha256, fuelUsed, refusal }) => ({
      mechanismId,
      sha256: fromHex(sha256),
      fuelUsed,
      refusal: refusal?.code ?? '',
      message: refusal?.message ?? '',
    })),
  });
}

export function metagraphBytes(metagraph: Metagraph): Uint8Array {
  return toBinary(MetagraphSchema, metagraphMessage(metagraph));
}

function neuronMessage(neuron: MetagraphNeuron): MessageInitShape<typeof MetagraphNeuronSchema> {
  const { report } = neuron;
  return {
    uid: neuron.uid,
    hotkey: neuron.hotkey,
    coldkey: neuron.coldkey,
    registrationId: fromHex(neuron.registrationId),
    registeredAtBlock: BigInt(neuron.registeredAt),
    stakeRao: neuron.stakeRao.toString(),
    validatorPermit: neuron.permit,
    active: neuron.active,
    rankU16: neuron.rank,
    trustU16: neuron.trust,
    consensusU16: neuron.consensus,
    incentiveU16: neuron.incentive,
    dividendsU16: neuron.dividends,
    validatorTrustU16: neuron.validatorTrust,
    incentiveRao: neuron.incentiveRao.toString(),
    dividendRao: neuron.dividendRao.toString(),
    weightsState: STATES[neuron.weights.state],
    weightsReason: neuron.weights.reason,
    lastUpdateBlock: BigInt(neuron.lastUpdate),
    loss: report.loss,
    judged: report.judged,
    answers: report.answers,
    invalid: report.invalid,
    invalidReason: report.invalidReason,
    validatorsReporting: report.reporting,
    validatorsReportingCopy: report.reportingCopy,
    copyOfUid: report.copyOfUid,
    similarityPpm: report.similarityPpm,
    why: neuron.why.sentence,
    whyReason: neuron.why.reason,
    clippedColumns: neuron.clippedColumns,
    abstention: neuron.policy.abstention?.reason ?? '',
  };
}

/** The message that the ledger pays by. */
export function scoredBytes(record: EpochRecord, sequence: number): Uint8Array {
  const { due } = record.inputs;
  return toBinary(
    EpochScoredSchema,
    create(EpochScoredSchema, {
      sequence: BigInt(sequence),
      netuid: due.netuid,
      index: BigInt(due.index),
      inputsSha256: fromHex(record.inputsSha256),
      outputsSha256: fromHex(record.outputsSha256),
      dueSequence: BigInt(due.sequence),
      neurons: record.outputs.neurons.map((neuron) => ({
        uid: neuron.uid,
        registrationId: fromHex(neuron.registrationId),
        incentiveRao: neuron.incentiveRao.toString(),
        dividendRao: neuron.dividendRao.toString(),
        incentiveU16: neuron.incentive,
        dividendsU16: neuron.dividends,
        validatorPermit: neuron.permit,
      })),
      evidence: evidenceMessages(record.outputs),
      shares: [...(record.outputs.shares ?? [])],
    }),
  );
}

/** What the deviation rule of the policy gave of this epoch. */
function evidenceMessages({ mechanisms }: EpochRecord['outputs']): MessageInitShape<typeof DeviationEvidenceSchema>[] {
  return mechanisms.flatMap(({ id, policy }) =>
    (policy?.evidence ?? []).map(({ registrationId, policySha256, limitPpm, epochs }) => ({
      mechanismId: id,
      registrationId: fromHex(registrationId),
      policySha256: fromHex(policySha256),
      limitPpm,
      epochs: epochs.map(({ index, inputsSha256, deviationPpm }) => ({
        index: BigInt(index),
        inputsSha256: fromHex(inputsSha256),
        deviationPpm,
      })),
    })),
  );
}

export function summaryMessage(epoch: EpochListing): MessageInitShape<typeof EpochSummarySchema> {
  return {
    index: BigInt(epoch.index),
    block: BigInt(epoch.block),
    inputsSha256: fromHex(epoch.inputsSha256),
    outputsSha256: fromHex(epoch.outputsSha256),
    potRao: epoch.pot.toString(),
    revealed: epoch.revealed,
    incentivesAboveZero: epoch.incentivesAboveZero,
  };
}

export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
