import { create, equals, fromBinary } from '@bufbuild/protobuf';
import { commitHash } from '@subnetes/keys/commit-hash';
import { verifyEnvelope } from '@subnetes/keys/envelope';
import { publicKeyOf } from '@subnetes/keys/ss58';
import { bytesToHex } from '@noble/hashes/utils.js';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import {
  AnnouncementSchema,
  EndpointSchema,
  NeuronSchema,
  SubnetStateSchema,
} from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { Neuron } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import {
  Scoring,
  WeightsCommitSchema,
  WeightsRevealSchema,
  WeightsSetSchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { WeightsReveal, WeightsSet } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { rpcService, serveGrpc } from '@subnetes/runtime/grpc-server';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import type { Beacon } from '@subnetes/timelock/beacon';
import { EventEmitter, once } from 'node:events';

export const networkId = new Uint8Array(32).fill(7);
export const NETUID = 1;
export const TEMPO = 20;
export const START_BLOCK = 100;
/** Blocks between two rows of one validator where weights are set in the open. */
export const RATE_LIMIT = 30;
export const BLOCK_TIME_MS = 250;

export type MarketSettings = { readonly startDay: string; readonly emaPpm: number; readonly perEpoch: number };

/** How weights are submitted; may change while the market runs. */
export type WeightsPolicy = {
  readonly commitReveal: 'Off' | 'Salted' | 'Timelock';
  readonly beacon?: Beacon;
};

type State = {
  block: number;
  isScoringDown: boolean;
  /** Uids of miners that others were drawn to judge. */
  notToJudge: readonly number[];
  readonly changes: EventEmitter;
  readonly neurons: Map<number, Neuron>;
  readonly commits: Map<string, { hash: string; times: number }>;
  readonly reveals: { interval: number; hotkey: string; content: WeightsReveal }[];
  readonly refusals: string[];
  policy: WeightsPolicy;
  readonly locked: { readonly block: number; readonly hotkey: string; readonly timelock: Uint8Array }[];
  readonly sets: { readonly block: number; readonly hotkey: string; readonly content: WeightsSet }[];
};

const intervalOf = ({ block }: State): number => 1 + Math.floor((block - START_BLOCK) / TEMPO);

/** A ledger and a scoring service in this process: real wires, a block whenever `tick` is called, no money. */
export async function openFakeMarket(settings: MarketSettings) {
  const state: State = {
    block: START_BLOCK,
    isScoringDown: false,
    notToJudge: [],
    changes: new EventEmitter().setMaxListeners(100),
    neurons: new Map(),
    commits: new Map(),
    reveals: [],
    refusals: [],
    policy: { commitReveal: 'Salted' },
    locked: [],
    sets: [],
  };
  const server = await serveGrpc({
    port: 0,
    host: '127.0.0.1',
    services: [
      rpcService(Ledger, allOf(Ledger.method, ledgerHandlers(state, settings))),
      rpcService(Scoring, allOf(Scoring.method, scoringHandlers(state))),
    ],
    metrics: createMetrics({ service: 'fake', version: 'test', processMetrics: false }),
    log: createLogger({ service: 'fake', level: 'silent' }),
    drainMs: 100,
  });
  const { neurons, commits, reveals, refusals, locked, sets } = state;
  return {
    address: `127.0.0.1:${server.port}`,
    neurons,
    commits,
    reveals,
    refusals,
    locked,
    sets,
    setPolicy(policy: WeightsPolicy) {
      state.policy = policy;
    },
    block: () => state.block,
    interval: () => intervalOf(state),
    tick() {
      state.block++;
      state.changes.emit('block');
    },
    setNotToJudge(uids: readonly number[]) {
      state.notToJudge = uids;
    },
    setScoringDown(down: boolean) {
      state.isScoringDown = down;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
export type FakeMarket = Awaited<ReturnType<typeof openFakeMarket>>;

function signerOf(state: State, envelope: SignedEnvelope | undefined, type: EnvelopeType) {
  const verified = verifyEnvelope(envelope, { networkId, type, block: BigInt(state.block) });
  if (verified.ok) return verified;
  throw new RpcError({ code: RpcCode.UNAUTHENTICATED, reason: verified.reason, message: verified.message });
}

function refuse(state: State, reason: string): RpcError {
  state.refusals.push(reason);
  return new RpcError({ code: RpcCode.FAILED_PRECONDITION, reason, message: reason });
}

function ledgerHandlers(state: State, settings: MarketSettings): Partial<RpcHandlers<typeof Ledger>> {
  const subnet = () =>
    create(SubnetStateSchema, {
      netuid: NETUID,
      handle: 'sp500',
      startBlock: BigInt(START_BLOCK),
      epochIndex: BigInt(intervalOf(state) - 1),
      epochBlock: BigInt(START_BLOCK + TEMPO * (intervalOf(state) - 1)),
      active: { version: 1n, policy: policyOf(settings, state.policy) },
    });
  // Permits come with the first epoch.
  const neurons = () =>
    [...state.neurons.values()].map((one) => ({
      ...one,
      validatorPermit: one.validatorPermit && intervalOf(state) > 1,
    }));
  return {
    async *watchSubnet(_request, call) {
      let sent = -1;
      while (!call.signal.aborted) {
        if (state.block > sent) {
          sent = state.block;
          yield {
            snapshot: true,
            block: BigInt(sent),
            blockTimeMs: BLOCK_TIME_MS,
            networkId,
            subnet: subnet(),
            neurons: neurons(),
          };
        } else await once(state.changes, 'block', { signal: call.signal }).catch(() => {}); // aborted: the loop ends
      }
    },
    async announce({ announcement }) {
      const { signer, payload, sequence } = signerOf(state, announcement, EnvelopeType.ANNOUNCE);
      const { urls, spkiSha256, protocols } = fromBinary(AnnouncementSchema, payload);
      const neuron = [...state.neurons.values()].find(({ hotkey }) => hotkey === signer);
      if (neuron === undefined) throw refuse(state, 'NOT_REGISTERED');
      const fields = { urls, spkiSha256, protocols, hotkey: signer, uid: neuron.uid, sequence };
      const endpoint = create(EndpointSchema, { ...fields, expiresAtBlock: 1_000_000n });
      state.neurons.set(neuron.uid, create(NeuronSchema, { ...neuron, endpoint }));
      return { endpoint };
    },
  };
}

function refused(state: State, reason: string, retryAtBlock = 0) {
  state.refusals.push(reason);
  return { results: [{ ok: false, reason, message: reason, retryAtBlock: BigInt(retryAtBlock) }] };
}

function positionOf(state: State) {
  return { netuid: NETUID, interval: BigInt(intervalOf(state)), block: BigInt(state.block) };
}

function drawsOf(state: State) {
  if (state.notToJudge.length === 0) return [];
  const others = [...state.neurons.values()].filter(({ uid }) => state.notToJudge.includes(uid));
  return [{ mechanismId: 0, round: 1n, notToJudge: others.map((neuron) => neuron.registrationId) }];
}

function setInTheOpen(state: State, envelope: SignedEnvelope | undefined) {
  const { signer, payload } = signerOf(state, envelope, EnvelopeType.SET_WEIGHTS);
  const content = fromBinary(WeightsSetSchema, payload);
  const last = state.sets.findLast(({ hotkey }) => hotkey === signer);
  // As scoring does: whoever lost the answer sends the same once more.
  if (last !== undefined && equals(WeightsSetSchema, last.content, content)) {
    return { results: [{ ok: true, block: BigInt(last.block), repeatedCall: true }] };
  }
  const retryAt = last === undefined ? 0 : last.block + RATE_LIMIT;
  if (state.policy.commitReveal !== 'Off') return refused(state, 'WRONG_COMMIT_REVEAL_TYPE');
  if (state.block < retryAt) return refused(state, 'TOO_FREQUENT', retryAt);
  state.sets.push({ block: state.block, hotkey: signer, content });
  return { results: [{ ok: true, block: BigInt(state.block) }] };
}

function scoringHandlers(state: State): Partial<RpcHandlers<typeof Scoring>> {
  const { commits, reveals, refusals } = state;
  return {
    async getInterval({ registrationId }) {
      if (state.isScoringDown) throw new RpcError({ code: RpcCode.UNAVAILABLE, message: 'down' });
      return { ...positionOf(state), draws: registrationId.length > 0 ? drawsOf(state) : [] };
    },
    async commitWeights({ commits: [envelope] }) {
      const { signer, payload } = signerOf(state, envelope, EnvelopeType.COMMIT);
      const content = fromBinary(WeightsCommitSchema, payload);
      const isLocked = content.timelock.length > 0;
      const hash = bytesToHex(isLocked ? content.timelock : content.commitHash);
      const key = `${signer}/${content.interval}`;
      const known = commits.get(key);
      const reason =
        state.policy.commitReveal !== (isLocked ? 'Timelock' : 'Salted')
          ? 'WRONG_COMMIT_REVEAL_TYPE'
          : intervalOf(state) < 2
            ? 'NO_PERMIT'
            : Number(content.interval) !== intervalOf(state)
              ? 'WRONG_INTERVAL'
              : known !== undefined && known.hash !== hash
                ? 'COMMIT_EXISTS'
                : '';
      if (reason !== '') return refused(state, reason);
      if (isLocked) state.locked.push({ block: state.block, hotkey: signer, timelock: content.timelock });
      commits.set(key, { hash, times: (known?.times ?? 0) + 1 });
      return { results: [{ ok: true, interval: content.interval, repeatedCall: known !== undefined }] };
    },
    setWeights: async ({ sets: [envelope] }) => setInTheOpen(state, envelope),
    async revealWeights({ reveals: [envelope] }) {
      const { signer, payload } = signerOf(state, envelope, EnvelopeType.REVEAL);
      const content = fromBinary(WeightsRevealSchema, payload);
      const { uids, values, salt, versionKey, mechanismId, netuid } = content;
      const publicKey = publicKeyOf(signer) ?? new Uint8Array();
      const hash = bytesToHex(commitHash({ hotkey: publicKey, netuid, mechanismId, uids, values, salt, versionKey }));
      const known = commits.get(`${signer}/${content.commitInterval}`);
      const isInWindow = Number(content.commitInterval) + 1 === intervalOf(state);
      const reason =
        known === undefined
          ? 'NO_COMMIT'
          : known.hash !== hash
            ? 'REVEAL_MISMATCH'
            : isInWindow
              ? ''
              : 'REVEAL_EXPIRED';
      if (reason === '') reveals.push({ interval: intervalOf(state), hotkey: signer, content });
      else refusals.push(reason);
      return { results: [{ ok: reason === '', reason, message: reason }] };
    },
  };
}

/** The given handlers, and a refusal for each method that the test does not need. */
function allOf<H>(methods: object, given: Partial<H>): H {
  const missing = async () => {
    throw new RpcError({ code: RpcCode.UNIMPLEMENTED, message: 'not in this test' });
  };
  return { ...Object.fromEntries(Object.keys(methods).map((name) => [name, missing])), ...given } as H;
}

function policyOf({ startDay, emaPpm, perEpoch }: MarketSettings, { commitReveal, beacon }: WeightsPolicy) {
  const timelockBeacon = beacon && {
    chainHash: beacon.chainHash,
    publicKey: beacon.publicKey,
    genesisTime: beacon.genesisTimeS,
    periodSeconds: beacon.periodS,
  };
  return {
    hyperparameters: {
      tempo: TEMPO,
      revealPeriodEpochs: 1,
      weightsVersionKey: 0n,
      commitReveal,
      weightsRateLimitBlocks: RATE_LIMIT,
      ...(timelockBeacon === undefined ? {} : { timelockBeacon }),
    },
    mechanisms: [
      {
        id: 0,
        name: 'forecast',
        quantileForecast: { horizonsDays: [1, 5], quantiles: 19 },
        evaluation: {
          scorer: 'Crps',
          replay: { dataset: 'sp500-daily', startDay, daysPerBlock: 1 },
          perEpoch,
          timeoutMs: 2000,
          emaPpm,
          copiesSimilarityPpm: 999_000,
        },
      },
    ],
    serving: { models: [{ name: 'forecast', mechanismId: 0 }] },
  };
}
