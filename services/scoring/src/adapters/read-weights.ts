import { fromBinary } from '@bufbuild/protobuf';
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { type EnvelopeDemand, verifyEnvelopes } from '@subnetes/keys/envelope';
import {
  EnvelopeType,
  type SignedEnvelope,
  SignedEnvelopeSchema,
} from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  type MinerReport as MinerReportMessage,
  type Report as ReportMessage,
  TimelockedWeightsSchema,
  type WeightsCommit as CommitMessage,
  WeightsCommitSchema,
  WeightsRevealSchema,
  WeightsSetSchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { ss58Of } from '@subnetes/keys/ss58';
import { lockedFor } from '@subnetes/timelock/time-lock';
import type { SignedBy, Submission } from '#application/accept-weights.ts';
import type { EnvelopeKind } from '#application/ports.ts';
import type { WeightsCommit } from '#domain/commit.ts';
import type { TimelockedWeights } from '#domain/opening.ts';
import type { Refusal, RefusalCode } from '#domain/refusal.ts';
import type { MinerReport, Report } from '#domain/report.ts';
import type { WeightsReveal } from '#domain/reveal.ts';
import type { WeightsSet } from '#domain/set-weights.ts';
import { checkShape, type WeightsRow } from '#domain/weights.ts';
import { type HashedWeights, hashWeights } from './hash-weights.ts';
import { toHex } from './messages.ts';
import { sha256 } from './sha256.ts';

/** What is known when an envelope is opened. */
export interface EnvelopeContext {
  readonly networkId: Uint8Array;
  readonly block: number;
}

/** An envelope as it came. */
export interface EnvelopeItem {
  readonly kind: EnvelopeKind;
  readonly envelope: Uint8Array;
  readonly context: EnvelopeContext;
}

export type Opened = { readonly submission: Submission } | { readonly refusal: Refusal };

/** Payloads of one item at most: a full row with a report of 256 miners, each with a reason of 200 characters. */
export const PAYLOAD_BYTES_MAX = 98_304;
/** Subnets beyond this cannot be: netuids are u16. */
const NETUID_MAX = 65_535;

const TYPES: { readonly [Kind in EnvelopeKind]: EnvelopeType } = {
  commit: EnvelopeType.COMMIT,
  reveal: EnvelopeType.REVEAL,
  set: EnvelopeType.SET_WEIGHTS,
};

/**
 * Verifies envelopes and reads their payloads, each as if it had come alone: signatures, which cost a millisecond and more,
 * are verified together. What costs nothing is looked at first. Any thread comes to the same result.
 */
export function openEnvelopes(items: readonly EnvelopeItem[]): readonly Opened[] {
  const read = items.map(readItem);
  const verified = verifyEnvelopes(read.flatMap((each) => ('refusal' in each ? [] : [each]))).values();
  return read.map((each, at) => {
    if ('refusal' in each) return each;
    const { value: outcome } = verified.next();
    const item = items[at];
    if (outcome === undefined || item === undefined) throw new Error('an envelope was left unverified');
    if (!outcome.ok) return refused(outcome.reason as RefusalCode, outcome.message);
    const { envelope } = each;
    const sender = {
      hotkey: outcome.signer,
      registrationId: toHex(envelope.registrationId),
      sequence: outcome.sequence,
      expiresAtBlock: whole(envelope.expiresAtBlock),
    };
    return readPayload(item.kind, outcome.payload, { sender, envelope: item.envelope });
  });
}

function readItem({
  kind,
  envelope: bytes,
  context,
}: EnvelopeItem):
  | { readonly envelope: SignedEnvelope; readonly demand: EnvelopeDemand }
  | { readonly refusal: Refusal } {
  if (bytes.length === 0) return refused('ENVELOPE_MISSING', 'the signed envelope is missing');
  const envelope = decode(SignedEnvelopeSchema, bytes);
  if (envelope === undefined) return refused('MALFORMED_ENVELOPE', 'the bytes are no signed envelope');
  const size = envelope.payload.length;
  if (size > PAYLOAD_BYTES_MAX) {
    return refused('PAYLOAD_TOO_LARGE', `payload has ${size} bytes, at most ${PAYLOAD_BYTES_MAX}`);
  }
  if (envelope.sessionKey !== undefined) {
    return refused('WRONG_SIGNER', 'session_key: weights are signed by the hotkey itself');
  }
  // Which registration it must be is for the domain to judge: nothing is demanded of it here.
  const { networkId, block } = context;
  return { envelope, demand: { networkId, type: TYPES[kind], block: BigInt(block) } };
}

/** Reads a payload whose signature was verified. */
export function readPayload(kind: EnvelopeKind, payload: Uint8Array, signed: SignedBy): Opened {
  const submission = submissionOf(kind, payload, signed);
  if (submission === undefined) return refused('PAYLOAD_MALFORMED', `payload: the bytes are no ${kind} of weights`);
  const { netuid } = submission.value;
  if (netuid > NETUID_MAX) return refused('UNKNOWN_SUBNET', `netuid: ${netuid} is beyond ${NETUID_MAX}`);
  return { submission };
}

function submissionOf(kind: EnvelopeKind, payload: Uint8Array, signed: SignedBy): Submission | undefined {
  if (kind === 'commit') {
    const message = decode(WeightsCommitSchema, payload);
    const value = message && readCommit(message);
    return value && { kind, value, signed };
  }
  if (kind === 'reveal') {
    const value = readReveal(payload);
    return value && { kind, value, signed, hash: hashOf(signed.sender.hotkey, value) };
  }
  const value = readSet(payload);
  return value && { kind, value, signed, hash: hashOf(signed.sender.hotkey, { ...value, salt: [] }) };
}

/** Undefined where both or neither of hash and locked bytes are there. */
function readCommit(message: CommitMessage): WeightsCommit | undefined {
  const { netuid, mechanismId, commitHash, timelock } = message;
  if (commitHash.length > 0 && timelock.length > 0) return undefined;
  const target = { netuid, mechanismId, interval: whole(message.interval) };
  return timelock.length === 0
    ? { ...target, kind: 'Salted', hash: toHex(commitHash) }
    : { ...target, kind: 'Timelock', hash: sha256(timelock), lock: lockedFor(timelock) };
}

function readReveal(payload: Uint8Array): WeightsReveal | undefined {
  const message = decode(WeightsRevealSchema, payload);
  return (
    message && {
      netuid: message.netuid,
      mechanismId: message.mechanismId,
      commitInterval: whole(message.commitInterval),
      uids: message.uids,
      values: message.values,
      salt: message.salt,
      versionKey: message.versionKey,
      report: readReport(message.report),
    }
  );
}

function readSet(payload: Uint8Array): WeightsSet | undefined {
  const message = decode(WeightsSetSchema, payload);
  return (
    message && {
      netuid: message.netuid,
      mechanismId: message.mechanismId,
      uids: message.uids,
      values: message.values,
      versionKey: message.versionKey,
      report: readReport(message.report),
    }
  );
}

/** What was locked, with the hash of its weights; undefined for bytes that are no such thing. */
export function readTimelocked(
  plaintext: Uint8Array,
): { readonly weights: TimelockedWeights; readonly hash: string } | undefined {
  const message = decode(TimelockedWeightsSchema, plaintext);
  if (message === undefined || message.hotkey.length !== 32) return undefined;
  const weights: TimelockedWeights = {
    hotkey: ss58Of(message.hotkey),
    registrationId: toHex(message.registrationId),
    netuid: message.netuid,
    mechanismId: message.mechanismId,
    interval: whole(message.interval),
    uids: message.uids,
    values: message.values,
    versionKey: message.versionKey,
    report: readReport(message.report),
  };
  return { weights, hash: hashOf(weights.hotkey, { ...weights, salt: [] }) ?? '' };
}

/** The locked bytes of a commit's envelope. */
export function lockedBytesOf(envelope: Uint8Array): Uint8Array {
  return fromBinary(WeightsCommitSchema, fromBinary(SignedEnvelopeSchema, envelope).payload).timelock;
}

/** The chain's hash exists only for what has the right shape, and a mechanism that fits in its index. */
function hashOf(hotkey: string, row: HashedWeights & WeightsRow): string | undefined {
  const isHashable = checkShape(row) === undefined && row.netuid + 4096 * row.mechanismId <= 65_535;
  return isHashable ? hashWeights(hotkey, row) : undefined;
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
      ...faultsOf(miner),
    })),
  };
}

function faultsOf({ unanswered, failedAudits, auditsSha256 }: MinerReportMessage): Pick<MinerReport, 'faults'> {
  if (unanswered === 0 && failedAudits === 0 && auditsSha256.length === 0) return {};
  return { faults: { unanswered, failedAudits, auditsSha256: toHex(auditsSha256) } };
}

function refused(code: RefusalCode, message: string): { readonly refusal: Refusal } {
  return { refusal: { code, message } };
}

/** Intervals and blocks beyond 2^53 do not exist; held there they are refused as any other wrong number. */
function whole(value: bigint): number {
  return Number(value > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : value);
}
