import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { signEnvelope } from '@subnetes/keys/envelope';
import { commitHash } from '@subnetes/keys/commit-hash';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { Scoring, WeightsCommitSchema, WeightsRevealSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { createRpcClient, type RpcClient } from '@subnetes/proto/grpc-client';
import { serveGrpc } from '@subnetes/runtime/grpc-server';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import { grpcServerTrust } from '@subnetes/runtime/tls';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scoringService } from '#adapters/grpc-handlers.ts';
import { hashWeights } from '#adapters/hash-weights.ts';
import { fromHex, toHex } from '#adapters/messages.ts';
import { metagraphFeed } from '#adapters/metagraph-feed.ts';
import { scoringMetrics } from '#adapters/metrics.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import { makeAcceptCommit, makeAcceptReveal } from '#application/accept-weights.ts';
import type { Store } from '#application/ports.ts';
import { epochDue, NETUID, NETWORK_ID, neuron, NEURONS, registrationOf, useCases } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';

/** One validator with a real key; the market around it is the usual one. */
const pair = pairOfSeed(Uint8Array.from({ length: 32 }, () => 9));
const due = (index: number) =>
  epochDue(index, {
    neurons: NEURONS.map((each) =>
      each.uid === 3 ? neuron(3, { hotkey: pair.address, stake: 9_000_000_000_000n }) : each,
    ),
  });

const teardown = new AsyncDisposableStack();
const metrics = createMetrics({ service: 'scoring', version: 'test', processMetrics: false });
const feed = metagraphFeed();
let store: Store;
let client: RpcClient<typeof Scoring>;
let cases: ReturnType<typeof useCases>;

beforeAll(async () => {
  const database = teardown.use(await openDatabase({ url: 'pglite:memory' }));
  await migrate(database, MIGRATIONS);
  store = sqlStore(database);
  cases = useCases(store);
  const service = scoringService({
    store,
    feed,
    networkId: fromHex(NETWORK_ID),
    acceptCommit: makeAcceptCommit({ store }),
    acceptReveal: makeAcceptReveal({ store, hashWeights }),
    explainNeuron: cases.explainNeuron,
    replayEpoch: cases.replayEpoch,
    metrics: scoringMetrics(metrics),
  });
  const log = createLogger({ service: 'scoring', level: 'silent' });
  const server = teardown.use(
    await serveGrpc({ port: 0, host: '127.0.0.1', services: [service], metrics, log, drainMs: 100 }),
  );
  client = teardown.use(
    createRpcClient(Scoring, { address: `127.0.0.1:${server.port}`, credentials: grpcServerTrust(undefined) }),
  );
  await cases.runEpoch(due(1));
});
afterAll(() => teardown.disposeAsync());

const WEIGHTS = { uids: [0, 1, 2], values: [65_535, 100, 0], salt: [1, 2, 3, 4], versionKey: 7n };
let sequence = 0n;

function terms(type: EnvelopeType, payload: Uint8Array, change: object = {}) {
  sequence += 1n;
  const registrationId = fromHex(registrationOf(3));
  return { networkId: fromHex(NETWORK_ID), type, registrationId, sequence, expiresAtBlock: 500n, payload, ...change };
}

function commit(interval: bigint, change: object = {}) {
  const hash = commitHash({ hotkey: pair.publicKey, netuid: NETUID, mechanismId: 0, ...WEIGHTS });
  const payload = toBinary(
    WeightsCommitSchema,
    create(WeightsCommitSchema, { netuid: NETUID, interval, commitHash: hash }),
  );
  return signEnvelope(terms(EnvelopeType.COMMIT, payload, change), pair);
}

function reveal(change: { readonly values?: number[] } = {}) {
  const report = {
    replayDay: '2010-02-01',
    miners: [{ uid: 0, registrationId: fromHex(registrationOf(0)), loss: 0.005, judged: 20, answers: 20 }],
  };
  const message = { netuid: NETUID, commitInterval: 2n, ...WEIGHTS, report, ...change };
  return signEnvelope(
    terms(EnvelopeType.REVEAL, toBinary(WeightsRevealSchema, create(WeightsRevealSchema, message))),
    pair,
  );
}

test('a validator learns which interval it is', async () => {
  const interval = await client.getInterval({ netuid: NETUID });
  expect(interval).toMatchObject({ interval: 2n, block: 21n, revealPeriodEpochs: 1n });
  expect(toHex(interval.networkId)).toBe(NETWORK_ID);
  await expect(client.getInterval({ netuid: 9 })).rejects.toMatchObject({ reason: 'UNKNOWN_SUBNET' });
});

test.for([
  ['BAD_SIGNATURE', { networkId: fromHex('cc'.repeat(32)) }],
  ['ENVELOPE_EXPIRED', { expiresAtBlock: 20n }],
  ['WRONG_ENVELOPE_TYPE', { type: EnvelopeType.REVEAL }],
  ['NOT_REGISTERED', { registrationId: fromHex(registrationOf(4)) }],
  ['MALFORMED_ENVELOPE', { payload: Uint8Array.of(255, 255, 255) }],
] as const)('a forged, foreign or stale commit is refused: %s', async ([reason, change]) => {
  await expect(client.commitWeights({ commit: commit(2n, change) })).rejects.toMatchObject({ reason });
});

test('a changed payload is refused', async () => {
  const envelope = commit(2n);
  const forged = { ...envelope, payload: commit(3n).payload };
  await expect(client.commitWeights({ commit: forged })).rejects.toMatchObject({ reason: 'BAD_SIGNATURE' });
  await expect(client.commitWeights({})).rejects.toMatchObject({ reason: 'ENVELOPE_MISSING' });
});

test('a commit is taken once, and told so when its answer got lost', async () => {
  const envelope = commit(2n);
  expect(await client.commitWeights({ commit: envelope })).toMatchObject({
    interval: 2n,
    revealInterval: 3n,
    repeatedCall: false,
  });
  expect(await client.commitWeights({ commit: envelope })).toMatchObject({ interval: 2n, repeatedCall: true });
});

test('a reveal counts in its window alone; each of a batch is answered', async () => {
  expect((await client.revealWeights({ reveals: [reveal()] })).results).toMatchObject([
    { ok: false, reason: 'REVEAL_TOO_EARLY' },
  ]);
  await cases.runEpoch(due(2));
  const { results } = await client.revealWeights({ reveals: [reveal({ values: [1, 2, 3] }), reveal(), reveal()] });
  expect(results).toMatchObject([
    { ok: false, reason: 'REVEAL_MISMATCH' },
    { ok: true, repeatedCall: false },
    { ok: true, repeatedCall: true },
  ]);
  const many = Array.from({ length: 17 }, () => reveal());
  await expect(client.revealWeights({ reveals: many })).rejects.toMatchObject({
    fieldViolations: [{ field: 'reveals' }],
  });
});

test('a watcher sees the newest metagraph and then each one after its epoch', async () => {
  const stop = new AbortController();
  const seen: bigint[] = [];
  const watching = (async () => {
    for await (const metagraph of client.watchMetagraph({ netuid: NETUID }, { signal: stop.signal })) {
      seen.push(metagraph.epochIndex);
      if (seen.length === 1) {
        await cases.runEpoch(due(3));
        feed.announce(NETUID);
      } else stop.abort(new Error('seen enough'));
    }
  })();
  await expect(watching).rejects.toThrow('seen enough');
  expect(seen).toEqual([2n, 3n]);
});

test('an epoch is told, explained and replayed', async () => {
  const metagraph = await client.getMetagraph({ netuid: NETUID });
  expect(metagraph).toMatchObject({ epochIndex: 3n, validatorsRevealed: 1, replayDay: '2010-02-01' });
  expect(metagraph.neurons[0]).toMatchObject({ loss: 0.005, whyReason: 'Earning' });

  const { epochs } = await client.listEpochs({ netuid: NETUID, limit: 2 });
  expect(epochs.map(({ index }) => index)).toEqual([3n, 2n]);
  await expect(client.listEpochs({ netuid: NETUID, limit: 101 })).rejects.toMatchObject({ reason: 'INVALID_ARGUMENT' });

  const epoch = await client.getEpoch({ netuid: NETUID, index: 0n });
  expect(JSON.parse(epoch.outputsJson)).toMatchObject({ index: 3, netuid: NETUID });
  const stored = fromBinary(EpochScoredSchema, (await store.epoch(NETUID, 3))!.scored);
  expect(toHex(stored.outputsSha256)).toBe(toHex(epoch.summary!.outputsSha256));

  const explanation = await client.explainNeuron({ netuid: NETUID, uid: 0 });
  expect(explanation).toMatchObject({ index: 3n, yumaVersion: 3, policyVersion: 1n, hasNextBetter: false });
  expect(explanation.given).toHaveLength(3);
  expect(await client.replayEpoch({ netuid: NETUID, index: 3n })).toMatchObject({ equal: true });
});

test.for([
  ['UNKNOWN_EPOCH', () => client.getEpoch({ netuid: NETUID, index: 99n })],
  ['UNKNOWN_EPOCH', () => client.getMetagraph({ netuid: 9 })],
  ['UNKNOWN_EPOCH', () => client.replayEpoch({ netuid: NETUID, index: 99n })],
  ['UNKNOWN_UID', () => client.explainNeuron({ netuid: NETUID, uid: 200 })],
  ['INVALID_ARGUMENT', () => client.getEpoch({ netuid: NETUID, index: 2n ** 60n })],
] as const)('what is not there is named: %s', async ([reason, call]) => {
  await expect(call()).rejects.toMatchObject({ reason });
});

test('refusals are counted by reason, and unknown subnets never become labels', async () => {
  const text = await metrics.text();
  expect(text).toMatch(/subnetes_scoring_weights_reveals_total\{subnet="1",result="accepted"\} 2/);
  expect(text).toMatch(/subnetes_scoring_refusals_total\{subnet="1",reason="REVEAL_TOO_EARLY"\} 1/);
  expect(text).not.toContain('reason="NOT_REGISTERED"');
});
