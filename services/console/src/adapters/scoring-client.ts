import {
  type Metagraph,
  type MetagraphNeuron,
  type Scoring,
  WeightsState as WireState,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { MarketUnavailable, type ScoringReader } from '#application/ports.ts';
import type { MetagraphRecord, ScoredRecord, WeightsState } from '#domain/market.ts';
import { accountRecords } from './account-records.ts';
import { raoOfText } from './rao.ts';

/** Reads scoring over gRPC. What it does not have (an epoch that was not scored) is undefined. */
export function scoringReader(client: RpcClient<typeof Scoring>): ScoringReader {
  return {
    metagraph: (netuid, signal) =>
      answered(async () => metagraphRecord(await client.getMetagraph({ netuid }, { signal }))),
    explain: ({ netuid, uid, index }, signal) =>
      answered(async () => {
        const explanation = await client.explainNeuron({ netuid, uid, index: BigInt(index) }, { signal });
        if (explanation.neuron === undefined) return undefined;
        return {
          index: explanation.index,
          neuron: scoredRecord(explanation.neuron),
          inputsSha256: hexOf(explanation.inputsSha256),
          yumaVersion: explanation.yumaVersion,
          policyVersion: explanation.policyVersion,
          nextBetter: explanation.hasNextBetter
            ? { uid: explanation.nextBetterUid, distance: explanation.distanceToNext }
            : undefined,
          accounts: accountRecords(explanation.accounts),
        };
      }),
  };
}

async function answered<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof RpcError && cause.code === RpcCode.NOT_FOUND) return undefined;
    throw new MarketUnavailable('scoring', cause);
  }
}

function metagraphRecord(metagraph: Metagraph): MetagraphRecord {
  return {
    netuid: metagraph.netuid,
    epochIndex: metagraph.epochIndex,
    block: metagraph.block,
    inputsSha256: hexOf(metagraph.inputsSha256),
    neurons: metagraph.neurons.map(scoredRecord),
    validatorsWithPermit: metagraph.validatorsWithPermit,
    validatorsRevealed: metagraph.validatorsRevealed,
    replayDay: metagraph.replayDay,
  };
}

function scoredRecord(neuron: MetagraphNeuron): ScoredRecord {
  return {
    uid: neuron.uid,
    hotkey: neuron.hotkey,
    validatorPermit: neuron.validatorPermit,
    stakeRao: raoOfText(neuron.stakeRao),
    trustU16: neuron.trustU16,
    consensusU16: neuron.consensusU16,
    incentiveU16: neuron.incentiveU16,
    dividendsU16: neuron.dividendsU16,
    validatorTrustU16: neuron.validatorTrustU16,
    incentiveRao: raoOfText(neuron.incentiveRao),
    dividendRao: raoOfText(neuron.dividendRao),
    weightsState: weightsState(neuron.weightsState),
    lastUpdateBlock: neuron.lastUpdateBlock,
    loss: neuron.loss,
    judged: neuron.judged,
    answers: neuron.answers,
    invalid: neuron.invalid,
    why: neuron.why,
    whyReason: neuron.whyReason,
  };
}

function weightsState(state: WireState): WeightsState | undefined {
  switch (state) {
    case WireState.NONE:
      return 'None';
    case WireState.COMMITTED:
      return 'Committed';
    case WireState.REVEALED:
      return 'Revealed';
    case WireState.MISSED:
      return 'Missed';
    case WireState.SET:
      return 'Set';
    case WireState.UNSPECIFIED:
      break;
  }
  return undefined; // of a miner, or of a newer version's making
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
