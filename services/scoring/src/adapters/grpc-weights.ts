import { toBinary } from '@bufbuild/protobuf';
import { notToJudge } from '@subnetes/policy/interval-draw';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { type SignedEnvelope, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { AcceptWeights, Outcome, Submission } from '#application/accept-weights.ts';
import type { EnvelopeKind, Store } from '#application/ports.ts';
import type { Refusal, RefusalCode } from '#domain/refusal.ts';
import type { MechanismDraw, ReadDraw } from '#application/read-draw.ts';
import type { CryptoPool } from './crypto-pool.ts';
import { fromHex, toHex } from './messages.ts';
import type { ScoringMetrics } from './metrics.ts';
import type { Opened } from './read-weights.ts';

/** Items of one call: a validator's mechanisms, several times over. */
export const ITEMS_MAX = 64;
const REGISTRATION_BYTES = 32;

type WeightHandlers = Pick<
  RpcHandlers<typeof Scoring>,
  'commitWeights' | 'revealWeights' | 'setWeights' | 'getInterval'
>;

export interface WeightParts {
  readonly store: Store;
  readonly acceptWeights: AcceptWeights;
  readonly pool: CryptoPool;
  readonly networkId: Uint8Array;
  readonly metrics: ScoringMetrics;
  readonly readDraw: ReadDraw;
}

/** The calls of validators. */
export function weightHandlers(parts: WeightParts): WeightHandlers {
  return {
    commitWeights: ({ commits }) => takeAll(parts, 'commit', commits),
    revealWeights: ({ reveals }) => takeAll(parts, 'reveal', reveals),
    setWeights: ({ sets }) => takeAll(parts, 'set', sets),
    getInterval: (request) => intervalOf(parts, request),
  };
}

/**
 * Verifies every signature first, outside of any transaction, then lets those that hold be decided. Each item has a result of
 * its own, in the order of the call.
 */
async function takeAll(parts: WeightParts, kind: EnvelopeKind, envelopes: readonly SignedEnvelope[]) {
  if (envelopes.length > ITEMS_MAX) {
    const message = `${kind}s has ${envelopes.length} items, at most ${ITEMS_MAX} a call`;
    throw callError(RpcCode.INVALID_ARGUMENT, 'BATCH_TOO_LARGE', message);
  }
  const context = { networkId: parts.networkId, block: (await parts.store.position()).block };
  const opened = await Promise.all(
    envelopes.map(async (message): Promise<Opened> => {
      const envelope = toBinary(SignedEnvelopeSchema, message);
      const result = await parts.pool.run({ work: 'envelope', kind, envelope, context });
      if (!('opened' in result)) throw new Error('an envelope was answered as a lock');
      return result.opened;
    }),
  );
  const submissions = opened.flatMap((each) => ('submission' in each ? [each.submission] : []));
  const outcomes = (await parts.acceptWeights(submissions)).values();
  const results = opened.map((each) => {
    if ('refusal' in each) return refusedResult(each.refusal);
    const { value: outcome } = outcomes.next();
    if (outcome === undefined) throw new Error('a submission was left without an outcome');
    count(parts.metrics, each.submission, outcome);
    return outcome.kind === 'refused' ? refusedResult(outcome.refusal) : takenResult(outcome);
  });
  return { results };
}

function takenResult(taken: Outcome & { readonly kind: 'taken' }) {
  const { revealInterval = 0 } = taken;
  return {
    ok: true,
    repeatedCall: taken.repeated,
    block: BigInt(taken.block),
    interval: BigInt(taken.interval),
    revealInterval: BigInt(revealInterval),
  };
}

function refusedResult({ code, message, retryAtBlock = 0 }: Refusal) {
  return { ok: false, reason: code, message, retryAtBlock: BigInt(retryAtBlock) };
}

function count(metrics: ScoringMetrics, { kind, value }: Submission, outcome: Outcome): void {
  const code = outcome.kind === 'refused' ? outcome.refusal.code : undefined;
  if (code === undefined || isOfKnownSubnet(code)) metrics.submission(kind, value.netuid, code);
}

/** Said before the subnet was looked up, or because it is unknown: whoever sends a netuid chooses it. */
const OF_ANY_SUBNET: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'UNKNOWN_SUBNET',
  'NOT_REGISTERED',
  'QUEUE_FULL',
]);

/** A netuid that nobody vouches for must not become a label. */
function isOfKnownSubnet(code: RefusalCode): boolean {
  return !OF_ANY_SUBNET.has(code);
}

/** Which interval a subnet is in, and what of it is not a validator's to judge. An id of another length is nobody's. */
export async function intervalOf(
  { store, networkId, readDraw }: Pick<WeightParts, 'store' | 'networkId' | 'readDraw'>,
  { netuid, registrationId }: { readonly netuid: number; readonly registrationId: Uint8Array },
) {
  const subnet = netuid > 65_535 ? undefined : await store.subnet(netuid);
  if (subnet === undefined) {
    throw callError(RpcCode.NOT_FOUND, 'UNKNOWN_SUBNET', `netuid: there is no subnet ${netuid}`);
  }
  const { commitReveal, countermeasures } = subnet.policy;
  const isDrawn = countermeasures?.assignment !== undefined && registrationId.length === REGISTRATION_BYTES;
  return {
    netuid,
    interval: BigInt(subnet.interval),
    block: BigInt((await store.position()).block),
    revealPeriodEpochs: BigInt(commitReveal.type === 'Off' ? 0 : commitReveal.revealPeriodEpochs),
    commitReveal: commitReveal.type,
    networkId,
    draws: isDrawn ? drawsToWire(await readDraw(netuid, subnet.interval), registrationId) : [],
  };
}

function drawsToWire(draws: readonly MechanismDraw[], registrationId: Uint8Array) {
  return draws.map(({ mechanismId, round, assignment }) => ({
    mechanismId,
    round: BigInt(round),
    notToJudge: notToJudge(assignment, toHex(registrationId)).map(fromHex),
  }));
}

function callError(code: RpcCode, reason: RefusalCode, message: string): RpcError {
  return new RpcError({ code, reason, message });
}
