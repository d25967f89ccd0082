import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { invalidField, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { AcceptCommit, AcceptReveal } from '#application/accept-weights.ts';
import type { Store } from '#application/ports.ts';
import type { RefusalCode } from '#domain/refusal.ts';
import type { ScoringMetrics } from './metrics.ts';
import { type EnvelopeContext, type EnvelopeRefused, openCommit, openReveal } from './read-weights.ts';

/** Reveals of one call: a validator that was away for a while brings several mechanisms at once. */
export const REVEALS_MAX = 16;

const INVALID: ReadonlySet<string> = new Set<RefusalCode>([
  'COMMIT_HASH_MALFORMED',
  'LENGTH_MISMATCH',
  'TOO_MANY_WEIGHTS',
  'TOO_FEW_WEIGHTS',
  'WEIGHT_OUT_OF_RANGE',
  'MAX_WEIGHT_EXCEEDED',
  'UIDS_NOT_ASCENDING',
  'DUPLICATE_UID',
  'SELF_WEIGHT',
  'REPORT_MALFORMED',
]);
const UNAUTHENTICATED: ReadonlySet<string> = new Set([
  'ENVELOPE_MISSING',
  'WRONG_ENVELOPE_TYPE',
  'ENVELOPE_EXPIRED',
  'ENVELOPE_REPLAYED',
  'WRONG_SIGNER',
  'MALFORMED_ENVELOPE',
  'BAD_SIGNATURE',
]);
const DENIED: ReadonlySet<string> = new Set<RefusalCode>(['NOT_REGISTERED', 'NO_PERMIT', 'STAKE_TOO_LOW']);
const NOT_FOUND: ReadonlySet<string> = new Set<RefusalCode>(['UNKNOWN_SUBNET', 'UNKNOWN_MECHANISM']);

/** A refusal as a gRPC error: the code says what kind it is, the reason which. */
export function refusalError({ reason, message }: EnvelopeRefused): RpcError {
  return new RpcError({ code: codeOf(reason), reason, message });
}

function codeOf(reason: string): RpcCode {
  if (UNAUTHENTICATED.has(reason)) return RpcCode.UNAUTHENTICATED;
  if (INVALID.has(reason)) return RpcCode.INVALID_ARGUMENT;
  if (DENIED.has(reason)) return RpcCode.PERMISSION_DENIED;
  if (NOT_FOUND.has(reason)) return RpcCode.NOT_FOUND;
  return reason === 'COMMIT_EXISTS' ? RpcCode.ALREADY_EXISTS : RpcCode.FAILED_PRECONDITION;
}

type WeightHandlers = Pick<RpcHandlers<typeof Scoring>, 'commitWeights' | 'revealWeights' | 'getInterval'>;

export interface WeightParts {
  readonly store: Store;
  readonly acceptCommit: AcceptCommit;
  readonly acceptReveal: AcceptReveal;
  readonly networkId: Uint8Array;
  readonly metrics: ScoringMetrics;
}

/** The calls of validators. */
export function weightHandlers(parts: WeightParts): WeightHandlers {
  return {
    commitWeights: ({ commit }) => takeCommit(parts, commit),
    revealWeights: async ({ reveals }) => {
      if (reveals.length > REVEALS_MAX) throw invalidField('reveals', `at most ${REVEALS_MAX} a call`);
      const results = [];
      for (const envelope of reveals) results.push(await takeReveal(parts, envelope)); // in order: sequences rise
      return { results };
    },
    getInterval: ({ netuid }) => interval(parts, netuid),
  };
}

async function takeCommit(parts: WeightParts, envelope: SignedEnvelope | undefined) {
  const opened = openCommit(envelope, await context(parts));
  if ('refused' in opened) throw refusalError(opened.refused);
  const decision = await parts.acceptCommit(opened.value, opened.signed);
  if ('refusal' in decision) {
    const { code, message } = decision.refusal;
    if (isOfKnownSubnet(code)) parts.metrics.commit(opened.value.netuid, code);
    throw refusalError({ reason: code, message });
  }
  parts.metrics.commit(opened.value.netuid, undefined);
  const { accept, block, repeated } = decision;
  return {
    interval: BigInt(accept.interval),
    revealInterval: BigInt(accept.revealInterval),
    block: BigInt(block),
    repeatedCall: repeated,
  };
}

async function takeReveal(parts: WeightParts, envelope: SignedEnvelope) {
  const opened = openReveal(envelope, await context(parts));
  if ('refused' in opened) return { ok: false, ...opened.refused };
  const decision = await parts.acceptReveal(opened.value, opened.signed);
  if ('refusal' in decision) {
    const { code, message } = decision.refusal;
    if (isOfKnownSubnet(code)) parts.metrics.reveal(opened.value.netuid, code);
    return { ok: false, reason: code, message };
  }
  parts.metrics.reveal(opened.value.netuid, undefined);
  return { ok: true, repeatedCall: decision.repeated };
}

/** A netuid that nobody vouches for must not become a label: whoever sends it chooses it. */
function isOfKnownSubnet(code: RefusalCode): boolean {
  return code !== 'UNKNOWN_SUBNET' && code !== 'NOT_REGISTERED';
}

async function interval({ store, networkId }: WeightParts, netuid: number) {
  const subnet = await store.subnet(netuid);
  if (subnet === undefined) throw refusalError({ reason: 'UNKNOWN_SUBNET', message: `there is no subnet ${netuid}` });
  return {
    netuid,
    interval: BigInt(subnet.interval),
    block: BigInt((await store.position()).block),
    revealPeriodEpochs: BigInt(subnet.policy.revealPeriodEpochs),
    networkId,
  };
}

async function context({ store, networkId }: WeightParts): Promise<EnvelopeContext> {
  return { networkId, block: (await store.position()).block };
}
