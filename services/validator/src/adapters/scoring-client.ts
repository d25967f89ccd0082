import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { hexToBytes } from '@noble/hashes/utils.js';
import { randomBytes } from 'node:crypto';
import { commitHash } from '@subnetes/keys/commit-hash';
import { signEnvelope } from '@subnetes/keys/envelope';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  ReportSchema,
  type Scoring as ScoringService,
  WeightsCommitSchema,
  WeightsRevealSchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { RpcError } from '@subnetes/proto/rpc-error';
import type { Scoring, SubmitResult, WeightsToSubmit } from '#application/ports.ts';

const SALT_NUMBERS = 16;
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
};

/** Weights as scoring takes them: salted hash first, then what was hashed. */
export function scoringClient(options: ScoringClientOptions): Scoring {
  const { client, netuid, networkId, registrationId, hotkey } = options;
  const sign = (type: EnvelopeType, payload: Uint8Array, expiresAtBlock: number) =>
    signEnvelope(
      {
        networkId,
        registrationId,
        type,
        payload,
        sequence: options.sequence(),
        expiresAtBlock: BigInt(expiresAtBlock),
      },
      hotkey,
    );
  return {
    async interval(signal) {
      return Number((await client.getInterval({ netuid }, { signal })).interval);
    },
    prepare(submission) {
      const { interval, market } = submission;
      const { mechanismId, revealPeriodEpochs, tempo } = market.terms;
      const reveal = revealOf(submission);
      const { uids, values, salt, versionKey } = reveal;
      const hash = commitHash({ hotkey: hotkey.publicKey, netuid, mechanismId, uids, values, salt, versionKey });
      const content = { netuid, mechanismId, interval: BigInt(interval), commitHash: hash };
      const payload = toBinary(WeightsCommitSchema, create(WeightsCommitSchema, content));
      const commit = sign(EnvelopeType.COMMIT, payload, market.block + tempo * VALID_EPOCHS);
      return {
        interval,
        revealInterval: interval + revealPeriodEpochs,
        commit: toBinary(SignedEnvelopeSchema, commit),
        reveal: toBinary(WeightsRevealSchema, reveal),
        state: 'prepared',
      };
    },
    async commit(submission, signal) {
      const commit = fromBinary(SignedEnvelopeSchema, submission.commit);
      return refusals(async () => {
        await client.commitWeights({ commit }, { signal });
        return { kind: 'taken' };
      });
    },
    async reveal(submission, market, signal) {
      const reveal = sign(EnvelopeType.REVEAL, submission.reveal, market.block + market.terms.tempo * VALID_EPOCHS);
      return refusals(async () => {
        const { results } = await client.revealWeights({ reveals: [reveal] }, { signal });
        const [result] = results;
        if (result === undefined) throw new Error('scoring gave no result for a reveal');
        return result.ok ? { kind: 'taken' } : { kind: 'refused', reason: result.reason, message: result.message };
      });
    },
  };
}

function revealOf({ interval, weights, standings, replayDay, market }: WeightsToSubmit) {
  const uidOf = new Map(standings.map(({ id, uid }) => [id, uid]));
  const miners = standings.map((standing) => ({
    uid: standing.uid,
    registrationId: hexToBytes(standing.id),
    loss: standing.loss ?? 0,
    judged: standing.loss === undefined ? 0 : standing.judged,
    answers: standing.asked,
    invalid: standing.asked - standing.valid,
    invalidReason: standing.invalidReason ?? '',
    copy: standing.isCopy,
    copyOfUid: standing.copy === undefined ? 0 : (uidOf.get(standing.copy.of) ?? 0),
    similarityPpm: standing.copy?.similarityPpm ?? 0,
  }));
  return create(WeightsRevealSchema, {
    netuid: market.netuid,
    mechanismId: market.terms.mechanismId,
    commitInterval: BigInt(interval),
    uids: weights.map(({ uid }) => uid),
    values: weights.map(({ value }) => value),
    salt: Array.from(new Uint16Array(new Uint8Array(randomBytes(2 * SALT_NUMBERS)).buffer)),
    versionKey: market.terms.weightsVersionKey,
    report: create(ReportSchema, { miners, replayDay }),
  });
}

/** A refusal carries a stable reason; an outage is thrown, whether it has one or not, and tried again. */
async function refusals(call: () => Promise<SubmitResult>): Promise<SubmitResult> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof RpcError) || error.reason === '' || error.isOutage) throw error;
    return { kind: 'refused', reason: error.reason, message: error.message };
  }
}
