import { fromBinary } from '@bufbuild/protobuf';
import { bytesToHex } from '@noble/hashes/utils.js';
import { signEnvelope } from '@subnetes/keys/envelope';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { Scoring as ScoringService, WeightsResult } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { RpcError } from '@subnetes/proto/rpc-error';
import type { Market, Scoring } from '#application/ports.ts';
import type { Answered } from '#domain/submission.ts';
import { prepareWeights } from './prepare-weights.ts';

/** An epoch may become longer by an outage: signatures hold for many of them. */
const VALID_EPOCHS = 100;

export type ScoringClientOptions = {
  readonly client: RpcClient<typeof ScoringService>;
  readonly netuid: number;
  readonly networkId: Uint8Array;
  readonly registrationId: Uint8Array;
  readonly hotkey: Sr25519Pair;
  /** Sequence of the next envelope. */
  readonly sequence: () => bigint;
  readonly nowMs: () => number;
};

/** Weights as scoring takes them: salted hash first, time-locked, or in the open. */
export function scoringClient(options: ScoringClientOptions): Scoring {
  const { client, netuid, networkId, registrationId, hotkey } = options;
  const sign = (type: EnvelopeType, payload: Uint8Array, { block, terms }: Market) => {
    const expiresAtBlock = BigInt(block + terms.tempo * VALID_EPOCHS);
    return signEnvelope(
      { networkId, registrationId, type, payload, sequence: options.sequence(), expiresAtBlock },
      hotkey,
    );
  };
  return {
    async interval(mechanismId, signal) {
      const { interval, draws } = await client.getInterval({ netuid, registrationId }, { signal });
      const draw = draws.find((each) => each.mechanismId === mechanismId);
      return { interval: Number(interval), notToJudge: new Set(draw?.notToJudge.map(bytesToHex)) };
    },
    prepare(submission) {
      const { registrationId: id, nowMs } = options;
      const signer = { publicKey: hotkey.publicKey, registrationId: id };
      return prepareWeights(submission, signer, {
        nowMs: nowMs(),
        sign: (type, payload) => sign(type, payload, submission.market),
      });
    },
    async commit(submission, signal) {
      const envelope = fromBinary(SignedEnvelopeSchema, submission.commit);
      return outcomeOf(async () =>
        submission.kind === 'Open'
          ? (await client.setWeights({ sets: [envelope] }, { signal })).results
          : (await client.commitWeights({ commits: [envelope] }, { signal })).results,
      );
    },
    async reveal(submission, market, signal) {
      const reveal = sign(EnvelopeType.REVEAL, submission.reveal, market);
      return outcomeOf(async () => (await client.revealWeights({ reveals: [reveal] }, { signal })).results);
    },
  };
}

/** A refusal carries a stable reason; an outage is thrown, whether it has one or not, and the next block tries again. */
async function outcomeOf(call: () => Promise<readonly WeightsResult[]>): Promise<Answered> {
  try {
    const [result] = await call();
    if (result === undefined) throw new Error('scoring gave no result for one item');
    const { reason, message, retryAtBlock } = result;
    if (result.ok) return { kind: 'taken', block: Number(result.block) };
    return { kind: 'refused', reason, message, retryAtBlock: Number(retryAtBlock) };
  } catch (error) {
    if (!(error instanceof RpcError) || error.reason === '' || error.isOutage) throw error;
    return { kind: 'refused', reason: error.reason, message: error.message, retryAtBlock: 0 };
  }
}
