import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { commitHash } from '@subnetes/keys/commit-hash';
import { verifyEnvelope } from '@subnetes/keys/envelope';
import { publicKeyOf } from '@subnetes/keys/ss58';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  type Report,
  TimelockedWeightsSchema,
  WeightsCommitSchema,
  WeightsRevealSchema,
  WeightsSetSchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { type Beacon, isRoundSignature } from '@subnetes/timelock/beacon';
import { lockedFor, unlocker } from '@subnetes/timelock/time-lock';

/** How a row became known: by its validator's reveal, by a round of a beacon, or at once. */
export const ROW_SOURCES = ['Salted', 'Timelock', 'Open'] as const;
export type RowSource = (typeof ROW_SOURCES)[number];

/** What scoring shows for one row; nothing of it is believed. */
export interface RowEvidence {
  readonly weights: SignedEnvelope | undefined;
  readonly commit: SignedEnvelope | undefined;
  readonly roundSignature: Uint8Array;
  readonly missed: SignedEnvelope | undefined;
}

/** Whose row it must be, and for what it must have been signed. */
export interface RowDemand {
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  readonly netuid: number;
  readonly mechanismId: number;
  /** SS58. */
  readonly hotkey: string;
  /** Hex. */
  readonly registrationId: string;
  readonly source: RowSource;
  /** Of the commit; weights in the open name none. */
  readonly interval: number;
  /** At which it was decided on: the signatures must have held then. */
  readonly block: number;
  /** Of the policy that the row was committed under; of time-locked rows. */
  readonly beacon: Beacon | undefined;
}

/** What the validator signed. */
export interface SignedWeights {
  /** Pairs of uid and u16, in the order of the row. */
  readonly weights: readonly (readonly [uid: number, value: number])[];
  readonly versionKey: bigint;
  /** Of the envelope that brought them. */
  readonly sequence: bigint;
  /** What the validator says of its miners. */
  readonly report: Report | undefined;
}

/** `why`: for people, what does not hold. */
export type Opened<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/**
 * Verifies what a validator signed of a row and reads it; written apart from scoring's own code. A signature takes two
 * milliseconds, a time-locked row thirty more.
 */
export function openSignedRow(evidence: RowEvidence, demand: RowDemand): Opened<SignedWeights> {
  switch (demand.source) {
    case 'Open':
      return openSet(evidence, demand);
    case 'Salted':
      return openReveal(evidence, demand);
    case 'Timelock':
      return openLocked(evidence, demand);
  }
}

/** The interval of a commit that did not open, from what shows it. */
export function openMissedCommit(
  { missed }: Pick<RowEvidence, 'missed'>,
  demand: Omit<RowDemand, 'source' | 'interval' | 'beacon'>,
): Opened<{ readonly interval: number }> {
  const opened = openPayload(missed, { type: EnvelopeType.COMMIT, schema: WeightsCommitSchema }, demand);
  return opened.ok ? accept({ interval: Number(opened.value.message.interval) }) : opened;
}

function openSet({ weights }: RowEvidence, demand: RowDemand): Opened<SignedWeights> {
  const opened = openPayload(weights, { type: EnvelopeType.SET_WEIGHTS, schema: WeightsSetSchema }, demand);
  if (!opened.ok) return opened;
  const { message, sequence } = opened.value;
  return accept(signedWeights(message, sequence));
}

function openReveal({ weights, commit }: RowEvidence, demand: RowDemand): Opened<SignedWeights> {
  const committed = openCommit(commit, demand);
  if (!committed.ok) return committed;
  const revealed = openPayload(weights, { type: EnvelopeType.REVEAL, schema: WeightsRevealSchema }, demand);
  if (!revealed.ok) return revealed;
  const { message, sequence } = revealed.value;
  if (message.commitInterval !== BigInt(demand.interval))
    return refuse('the reveal is of a commit of another interval');
  const hash = saltedHash(message, demand.hotkey);
  if (hash === undefined || !hash.equals(committed.value.message.commitHash)) {
    return refuse('the reveal does not hash to what was committed');
  }
  return accept(signedWeights(message, sequence));
}

function openLocked({ commit, roundSignature }: RowEvidence, demand: RowDemand): Opened<SignedWeights> {
  const { beacon } = demand;
  const committed = openCommit(commit, demand);
  if (!committed.ok) return committed;
  const { message, sequence } = committed.value;
  const lock = lockedFor(message.timelock);
  if (lock === undefined || beacon === undefined || lock.chainHash !== beacon.chainHash) {
    return refuse("the commit is not locked for the beacon of its interval's policy");
  }
  if (!isRoundSignature(beacon, lock.round, roundSignature)) {
    return refuse(`what came as round ${lock.round} of the beacon is not signed by it`);
  }
  const plaintext = unlocker(roundSignature)(message.timelock);
  const within = plaintext === undefined ? undefined : decode(TimelockedWeightsSchema, plaintext);
  const isBound =
    within !== undefined &&
    within.netuid === demand.netuid &&
    within.mechanismId === demand.mechanismId &&
    within.interval === BigInt(demand.interval) &&
    hexOf(within.registrationId) === demand.registrationId &&
    hexOf(within.hotkey) === hexOf(publicKeyOf(demand.hotkey) ?? new Uint8Array());
  return isBound ? accept(signedWeights(within, sequence)) : refuse('what was locked is not of this commit');
}

function openCommit(commit: SignedEnvelope | undefined, demand: RowDemand) {
  const opened = openPayload(commit, { type: EnvelopeType.COMMIT, schema: WeightsCommitSchema }, demand);
  if (!opened.ok || opened.value.message.interval === BigInt(demand.interval)) return opened;
  return refuse('the commit is of another interval');
}

/** The payload of an envelope that its hotkey itself signed, for this subnet and mechanism. */
function openPayload<Desc extends DescMessage>(
  envelope: SignedEnvelope | undefined,
  kind: { readonly type: EnvelopeType; readonly schema: Desc },
  demand: Omit<RowDemand, 'source' | 'interval' | 'beacon'>,
): Opened<{ readonly message: MessageShape<Desc>; readonly sequence: bigint }> {
  if (envelope?.sessionKey !== undefined) return refuse('the envelope is not signed by the hotkey itself');
  const verified = verifyEnvelope(envelope, {
    networkId: demand.networkId,
    type: kind.type,
    block: BigInt(demand.block),
    registrationId: Buffer.from(demand.registrationId, 'hex'),
    signer: demand.hotkey,
  });
  if (!verified.ok) return refuse(`${verified.reason}: ${verified.message}`);
  const message = decode(kind.schema, verified.payload);
  if (message === undefined) return refuse('the payload of the envelope cannot be read');
  const { netuid, mechanismId } = message as { readonly netuid?: number; readonly mechanismId?: number };
  if (netuid !== demand.netuid || mechanismId !== demand.mechanismId) {
    return refuse('the envelope is for another subnet or mechanism');
  }
  return accept({ message, sequence: verified.sequence });
}

interface Row {
  readonly netuid: number;
  readonly mechanismId: number;
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly versionKey: bigint;
  readonly report?: Report | undefined;
}

/** Undefined for numbers that no commit can be of. */
function saltedHash(row: Row & { readonly salt: readonly number[] }, hotkey: string): Buffer | undefined {
  const publicKey = publicKeyOf(hotkey);
  if (publicKey === undefined) return undefined;
  try {
    return Buffer.from(commitHash({ ...row, hotkey: publicKey }));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function signedWeights({ uids, values, versionKey, report }: Row, sequence: bigint): SignedWeights {
  return { weights: uids.map((uid, at) => [uid, values[at] ?? 0] as const), versionKey, sequence, report };
}

function decode<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> | undefined {
  try {
    return fromBinary(schema, bytes);
  } catch {
    return undefined; // bytes from outside that are no such message: the caller says so
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function accept<T>(value: T): Opened<T> {
  return { ok: true, value };
}

function refuse(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why };
}
