import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { verifyEnvelope } from '@subnetes/keys/envelope';
import {
  EnvelopeType,
  type SignedEnvelope,
  SignedEnvelopeSchema,
} from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  type Report as ReportMessage,
  WeightsCommitSchema,
  WeightsRevealSchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { SignedBy } from '#application/accept-weights.ts';
import type { WeightsCommit } from '#domain/commit.ts';
import type { Report } from '#domain/report.ts';
import type { WeightsReveal } from '#domain/reveal.ts';
import { toHex } from './messages.ts';

/** An envelope that is not what it claims to be; `reason` is one of the codes of `@subnetes/keys/envelope` or below. */
export interface EnvelopeRefused {
  readonly reason: string;
  readonly message: string;
}

/** What is known when an envelope is opened. */
export interface EnvelopeContext {
  readonly networkId: Uint8Array;
  readonly block: number;
}

type Opened<Value> = { readonly value: Value; readonly signed: SignedBy } | { readonly refused: EnvelopeRefused };

/** Verifies a COMMIT envelope and reads its payload. */
export function openCommit(envelope: SignedEnvelope | undefined, context: EnvelopeContext): Opened<WeightsCommit> {
  return open(envelope, context, { type: EnvelopeType.COMMIT, schema: WeightsCommitSchema }, (message) => ({
    netuid: message.netuid,
    mechanismId: message.mechanismId,
    interval: whole(message.interval),
    hash: toHex(message.commitHash),
  }));
}

/** Verifies a REVEAL envelope and reads its payload. */
export function openReveal(envelope: SignedEnvelope | undefined, context: EnvelopeContext): Opened<WeightsReveal> {
  return open(envelope, context, { type: EnvelopeType.REVEAL, schema: WeightsRevealSchema }, (message) => ({
    netuid: message.netuid,
    mechanismId: message.mechanismId,
    commitInterval: whole(message.commitInterval),
    uids: message.uids,
    values: message.values,
    salt: message.salt,
    versionKey: message.versionKey,
    report: readReport(message.report),
  }));
}

function open<Desc extends DescMessage, Value>(
  envelope: SignedEnvelope | undefined,
  context: EnvelopeContext,
  payload: { readonly type: EnvelopeType; readonly schema: Desc },
  read: (message: MessageShape<Desc>) => Value,
): Opened<Value> {
  const verified = verifyEnvelope(envelope, {
    networkId: context.networkId,
    type: payload.type,
    block: BigInt(context.block),
  });
  if (!verified.ok) return { refused: { reason: verified.reason, message: verified.message } };
  if (envelope === undefined || envelope.sessionKey !== undefined) {
    return {
      refused: { reason: 'WRONG_SIGNER', message: 'weights are signed by the hotkey itself, not by a session key' },
    };
  }
  const message = decode(payload.schema, verified.payload);
  if (message === undefined) {
    return { refused: { reason: 'MALFORMED_ENVELOPE', message: `the payload is no ${payload.schema.typeName}` } };
  }
  const sender = {
    hotkey: verified.signer,
    registrationId: toHex(envelope.registrationId),
    sequence: verified.sequence,
    expiresAtBlock: whole(envelope.expiresAtBlock),
  };
  return { value: read(message), signed: { sender, envelope: toBinary(SignedEnvelopeSchema, envelope) } };
}

function decode<Desc extends DescMessage>(schema: Desc, payload: Uint8Array): MessageShape<Desc> | undefined {
  try {
    return fromBinary(schema, payload);
  } catch {
    return undefined; // bytes from outside that are no such message: the caller says so
  }
}

function readReport(message: ReportMessage | undefined): Report {
  const miners = message?.miners ?? [];
  return {
    replayDay: message?.replayDay ?? '',
    miners: miners.map((miner) => ({
      uid: miner.uid,
      registrationId: toHex(miner.registrationId),
      loss: miner.loss,
      judged: miner.judged,
      answers: miner.answers,
      invalid: miner.invalid,
      invalidReason: miner.invalidReason,
      copy: miner.copy,
      copyOfUid: miner.copyOfUid,
      similarityPpm: miner.similarityPpm,
    })),
  };
}

/** Intervals and blocks beyond 2^53 do not exist; held there they are refused as any other wrong number. */
function whole(value: bigint): number {
  return Number(value > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : value);
}
