import { fromBinary } from '@bufbuild/protobuf';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { invalidField, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import {
  type Metagraph,
  MetagraphSchema,
  type ReplayEpochRequest,
  type Scoring,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { ExplainNeuron } from '#application/explain-neuron.ts';
import type { Store, StoredEpoch } from '#application/ports.ts';
import type { ReadMetagraph } from '#application/read-metagraph.ts';
import type { ReplayEpoch } from '#application/replay-epoch.ts';
import { turnstile } from '#application/turnstile.ts';
import type { WitnessStore } from '#application/witness-store.ts';
import { accountMessage } from './explanation-message.ts';
import { fromHex, summaryMessage } from './messages.ts';
import type { MetagraphFeed } from './metagraph-feed.ts';
import { replayMessage, whatIfOf } from './replay-message.ts';

const LIST_DEFAULT = 20;
const LIST_MAX = 100;
const EXPLANATIONS_AT_ONCE = 16;
const REPLAYS_AT_ONCE = 4;
/** Calls that wait for a metagraph, which may have to be made first. */
const METAGRAPHS_AT_ONCE = 256;

type EpochHandlers = Omit<
  RpcHandlers<typeof Scoring>,
  | 'commitWeights'
  | 'revealWeights'
  | 'setWeights'
  | 'getInterval'
  | 'submitWitness'
  | 'getSignedRows'
  | 'publishIncentiveFunction'
  | 'getIncentiveFunction'
>;

export interface EpochParts {
  readonly store: Store;
  readonly witnesses: Pick<WitnessStore, 'witnesses'>;
  readonly feed: MetagraphFeed;
  readonly explainNeuron: ExplainNeuron;
  readonly replayEpoch: ReplayEpoch;
  readonly readMetagraph: ReadMetagraph;
}

/** The calls of those who want to know what became of the weights. */
export function epochHandlers(parts: EpochParts): EpochHandlers {
  const { store } = parts;
  const explanations = turnstile(EXPLANATIONS_AT_ONCE);
  const replays = turnstile(REPLAYS_AT_ONCE);
  const metagraphs = turnstile(METAGRAPHS_AT_ONCE);
  const metagraphAt = (netuid: number, index: bigint): Promise<Metagraph> =>
    metagraphs.pass(() => metagraphOf(parts.readMetagraph, netuid, index)) ?? tooMany('TOO_MANY_METAGRAPHS');
  return {
    getMetagraph: ({ netuid }) => metagraphAt(netuid, 0n),
    watchMetagraph: ({ netuid }, { signal }) => watch(parts, netuid, signal),
    listEpochs: async ({ netuid, beforeIndex, limit }) => {
      if (limit > LIST_MAX) throw invalidField('limit', `at most ${LIST_MAX}`);
      const before = beforeIndex === 0n ? undefined : Number(beforeIndex);
      const epochs = await store.listEpochs(netuid, { before, limit: limit === 0 ? LIST_DEFAULT : limit });
      return { epochs: epochs.map(summaryMessage) };
    },
    getEpoch: async ({ netuid, index, withoutMetagraph }) => {
      const epoch = await epochOf(store, netuid, index);
      return {
        summary: summaryMessage(epoch),
        inputsJson: epoch.inputsJson,
        outputsJson: epoch.outputsJson,
        ...(withoutMetagraph ? {} : { metagraph: await metagraphAt(netuid, BigInt(epoch.index)) }),
        evidence: fromBinary(EpochScoredSchema, epoch.scored).evidence,
        scored: epoch.scored,
        witnesses: [...(await parts.witnesses.witnesses(netuid, epoch.index))],
      };
    },
    explainNeuron: (request) => explanations.pass(() => explain(parts, request)) ?? tooMany('TOO_MANY_EXPLANATIONS'),
    replayEpoch: (request) => replays.pass(() => replay(parts.replayEpoch, request)) ?? tooMany('TOO_MANY_REPLAYS'),
  };
}

/** Each computes for some hundred milliseconds where a subnet is large, on the thread that also answers. */
function tooMany(reason: 'TOO_MANY_EXPLANATIONS' | 'TOO_MANY_REPLAYS' | 'TOO_MANY_METAGRAPHS'): Promise<never> {
  const message = 'too many of these are under way: ask again in a second';
  return Promise.reject(new RpcError({ code: RpcCode.RESOURCE_EXHAUSTED, reason, message }));
}

async function replay(replayEpoch: ReplayEpoch, request: ReplayEpochRequest) {
  const { netuid, index } = request;
  const outcome = await replayEpoch(netuid, indexOf(index), whatIfOf(request));
  if (outcome === undefined) throw noSuchEpoch(netuid, index);
  if ('missingModule' in outcome) throw missingModule(outcome.missingModule);
  if ('refusal' in outcome) throw invalidField(outcome.refusal.field, outcome.refusal.message);
  return replayMessage(outcome);
}

async function* watch(
  { readMetagraph, feed }: Pick<EpochParts, 'readMetagraph' | 'feed'>,
  netuid: number,
  signal: AbortSignal,
): AsyncGenerator<Metagraph> {
  let sent = 0n;
  for await (const changed of feed.changes(netuid, signal)) {
    const bytes = await readMetagraph(changed, undefined);
    const metagraph = bytes === undefined ? undefined : fromBinary(MetagraphSchema, bytes);
    if (metagraph === undefined || metagraph.epochIndex === sent) continue;
    sent = metagraph.epochIndex;
    yield metagraph;
  }
}

async function explain(
  { explainNeuron, readMetagraph }: Pick<EpochParts, 'explainNeuron' | 'readMetagraph'>,
  request: { readonly netuid: number; readonly uid: number; readonly index: bigint },
) {
  const { netuid, uid, index } = request;
  const outcome = await explainNeuron({ netuid, uid, index: indexOf(index) });
  if (outcome.kind === 'no-epoch') throw noSuchEpoch(netuid, index);
  const neuron =
    outcome.kind === 'no-neuron'
      ? undefined
      : (await metagraphOf(readMetagraph, netuid, BigInt(outcome.explanation.epoch.index))).neurons.find(
          (each) => each.uid === uid,
        );
  if (outcome.kind === 'no-neuron' || neuron === undefined) {
    throw new RpcError({
      code: RpcCode.NOT_FOUND,
      reason: 'UNKNOWN_UID',
      message: `uid ${uid} was not registered on subnet ${netuid} at that epoch`,
    });
  }
  const { epoch, consensus, given, gave, nextBetter, accounts } = outcome.explanation;
  return {
    neuron,
    index: BigInt(epoch.index),
    inputsSha256: fromHex(epoch.inputsSha256),
    yumaVersion: epoch.yumaVersion,
    policyVersion: BigInt(epoch.policyVersion),
    consensus,
    given: [...given],
    gave: [...gave],
    nextBetterUid: nextBetter?.uid ?? 0,
    distanceToNext: nextBetter?.distance ?? '',
    hasNextBetter: nextBetter !== undefined,
    accounts: accounts.map(accountMessage),
  };
}

async function epochOf(store: Store, netuid: number, index: bigint): Promise<StoredEpoch> {
  const epoch = await store.epoch(netuid, indexOf(index));
  if (epoch === undefined) throw noSuchEpoch(netuid, index);
  return epoch;
}

async function metagraphOf(readMetagraph: ReadMetagraph, netuid: number, index: bigint): Promise<Metagraph> {
  const metagraph = await readMetagraph(netuid, indexOf(index));
  if (metagraph === undefined) throw noSuchEpoch(netuid, index);
  return fromBinary(MetagraphSchema, metagraph);
}

/** 0 asks for the newest. */
function indexOf(index: bigint): number | undefined {
  if (index > BigInt(Number.MAX_SAFE_INTEGER)) throw invalidField('index', 'there are not that many epochs');
  return index === 0n ? undefined : Number(index);
}

/** Whoever has its bytes may publish them again, and then it can be computed. */
function missingModule(sha256: string): RpcError {
  const message = `the incentive function ${sha256} that divided this epoch is not here any more`;
  return new RpcError({ code: RpcCode.FAILED_PRECONDITION, reason: 'UNKNOWN_FUNCTION', message });
}

function noSuchEpoch(netuid: number, index: bigint): RpcError {
  const which = index === 0n ? 'no epoch yet' : `no epoch ${index}`;
  return new RpcError({ code: RpcCode.NOT_FOUND, reason: 'UNKNOWN_EPOCH', message: `subnet ${netuid} has ${which}` });
}
