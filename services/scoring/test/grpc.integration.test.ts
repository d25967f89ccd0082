import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { signEnvelope } from '@subnetes/keys/envelope';
import { commitHash } from '@subnetes/keys/commit-hash';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import {
  EnvelopeType,
  SessionKeyCertificateSchema,
  type SignedEnvelope,
  SignedEnvelopeSchema,
} from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  Scoring,
  WeightsCommitSchema,
  WeightsRevealSchema,
  WeightsSetSchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
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
import { cryptoPool } from '#adapters/crypto-pool.ts';
import { PAYLOAD_BYTES_MAX } from '#adapters/read-weights.ts';
import { fromHex, toHex } from '#adapters/messages.ts';
import { metagraphFeed } from '#adapters/metagraph-feed.ts';
import { scoringMetrics } from '#adapters/metrics.ts';
import { sqlSignedRows } from '#adapters/sql-signed-rows.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import { makeReadDraw } from '#application/read-draw.ts';
import type { Store } from '#application/ports.ts';
import { makeReadSignedRows } from '#application/read-signed-rows.ts';
import { epochDue, NETUID, NETWORK_ID, neuron, NEURONS, registrationOf, useCases } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';
import { signatureBy, witnessing } from './witnessing.ts';

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
let witnesses: ReturnType<typeof witnessing>;

beforeAll(async () => {
  const database = teardown.use(await openDatabase({ url: 'pglite:memory' }));
  await migrate(database, MIGRATIONS);
  store = sqlStore(database);
  cases = useCases(store);
  witnesses = witnessing(database);
  const service = scoringService({
    store,
    feed,
    networkId: fromHex(NETWORK_ID),
    ...cases,
    readDraw: makeReadDraw({ store }),
    pool: teardown.use(cryptoPool({ program: '', threads: 0, clock: { monotonicMs: () => 0 } })),
    ...witnesses,
    readSignedRows: makeReadSignedRows({ store, signedRows: sqlSignedRows(database) }),
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

function payloadOf<Desc extends DescMessage>(schema: Desc, message: MessageInitShape<Desc>): Uint8Array {
  return toBinary(schema, create(schema, message));
}

function terms(type: EnvelopeType, payload: Uint8Array, change: object = {}) {
  sequence += 1n;
  const registrationId = fromHex(registrationOf(3));
  return { networkId: fromHex(NETWORK_ID), type, registrationId, sequence, expiresAtBlock: 500n, payload, ...change };
}

function commit(interval: bigint, change: object = {}) {
  const hash = commitHash({ hotkey: pair.publicKey, netuid: NETUID, mechanismId: 0, ...WEIGHTS });
  const payload = payloadOf(WeightsCommitSchema, { netuid: NETUID, interval, commitHash: hash });
  return signEnvelope(terms(EnvelopeType.COMMIT, payload, change), pair);
}

function reveal(change: { readonly values?: number[]; readonly mechanismId?: number } = {}) {
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
  expect(interval).toMatchObject({ interval: 2n, block: 21n, revealPeriodEpochs: 1n, commitReveal: 'Salted' });
  expect(toHex(interval.networkId)).toBe(NETWORK_ID);
  for (const netuid of [9, 70_000, 4_294_967_295]) {
    await expect(client.getInterval({ netuid })).rejects.toMatchObject({ reason: 'UNKNOWN_SUBNET' });
  }
});

const results = async (...commits: SignedEnvelope[]) => (await client.commitWeights({ commits })).results;

test.for([
  ['WRONG_NETWORK', { networkId: fromHex('cc'.repeat(32)) }],
  ['ENVELOPE_EXPIRED', { expiresAtBlock: 20n }],
  ['ENVELOPE_EXPIRY_TOO_FAR', { expiresAtBlock: 2n ** 64n - 1n }],
  ['WRONG_ENVELOPE_TYPE', { type: EnvelopeType.REVEAL }],
  ['NOT_REGISTERED', { registrationId: fromHex('ff'.repeat(32)) }],
  ['NOT_REGISTERED', { registrationId: new Uint8Array() }],
  ['FOREIGN_REGISTRATION', { registrationId: fromHex(registrationOf(4)) }],
  ['PAYLOAD_MALFORMED', { payload: Uint8Array.of(255, 255, 255) }],
  ['COMMIT_HASH_MALFORMED', { payload: new Uint8Array([8, 1]) }],
  ['PAYLOAD_TOO_LARGE', { payload: new Uint8Array(PAYLOAD_BYTES_MAX + 1) }],
  ['UNKNOWN_SUBNET', { payload: payloadOf(WeightsCommitSchema, { netuid: 70_000, interval: 2n }) }],
  ['UNKNOWN_SUBNET', { payload: payloadOf(WeightsCommitSchema, { netuid: 4_294_967_295, interval: 2n }) }],
] as const)('a forged, foreign or stale commit is refused: %s', async ([reason, change]) => {
  expect(await results(commit(2n, change))).toMatchObject([{ ok: false, reason, message: expect.stringMatching(/./) }]);
});

test('a changed payload, a session key and nothing at all are refused', async () => {
  const envelope = commit(2n);
  const forged = { ...envelope, payload: commit(3n).payload };
  const foreign = { ...commit(2n, { networkId: fromHex('cc'.repeat(32)) }), networkId: fromHex(NETWORK_ID) };
  const sessionKey = create(SessionKeyCertificateSchema, { signer: pair.address });
  const empty = create(SignedEnvelopeSchema);
  const odd = { ...envelope, registrationId: new Uint8Array(31) };
  const refused = await results(forged, foreign, { ...envelope, sessionKey }, empty, odd);
  expect(refused.map(({ reason }) => reason)).toEqual([
    'BAD_SIGNATURE',
    'BAD_SIGNATURE',
    'WRONG_SIGNER',
    'ENVELOPE_MISSING',
    'MALFORMED_ENVELOPE',
  ]);
  expect(await client.commitWeights({})).toMatchObject({ results: [] });
});

test('a call takes 64 items and no more', async () => {
  const many = (count: number) => Array.from({ length: count }, () => commit(9n));
  expect((await results(...many(64))).map(({ reason }) => reason)).toEqual(
    Array.from({ length: 64 }, () => 'WRONG_INTERVAL'),
  );
  for (const call of [
    client.commitWeights({ commits: many(65) }),
    client.revealWeights({ reveals: many(65) }),
    client.setWeights({ sets: many(65) }),
  ]) {
    await expect(call).rejects.toMatchObject({ reason: 'BATCH_TOO_LARGE' });
  }
});

test('a commit is taken once, and told so when its answer got lost; a bad one beside it changes nothing', async () => {
  const envelope = commit(2n);
  const bad = { ...envelope, sequence: 1n };
  expect(await results(bad, envelope)).toMatchObject([
    { ok: false, reason: 'BAD_SIGNATURE' },
    { ok: true, interval: 2n, revealInterval: 3n, block: 21n, repeatedCall: false },
  ]);
  expect(await results(envelope)).toMatchObject([{ ok: true, interval: 2n, repeatedCall: true }]);
});

test('weights in the open are refused where they are committed', async () => {
  const payload = payloadOf(WeightsSetSchema, { netuid: NETUID, uids: [0], values: [1], versionKey: 7n });
  const set = signEnvelope(terms(EnvelopeType.SET_WEIGHTS, payload), pair);
  const { results: answered } = await client.setWeights({ sets: [set, commit(2n)] });
  expect(answered.map(({ reason }) => reason)).toEqual(['WRONG_COMMIT_REVEAL_TYPE', 'WRONG_ENVELOPE_TYPE']);
});

test('a reveal counts in its window alone; each of a batch is answered', async () => {
  expect((await client.revealWeights({ reveals: [reveal()] })).results).toMatchObject([
    { ok: false, reason: 'REVEAL_TOO_EARLY' },
  ]);
  await cases.runEpoch(due(2));
  const reveals = [reveal({ values: [1, 2, 3] }), reveal({ mechanismId: 4_294_967_295 }), reveal(), reveal()];
  expect((await client.revealWeights({ reveals })).results).toMatchObject([
    { ok: false, reason: 'REVEAL_MISMATCH' },
    { ok: false, reason: 'NO_COMMIT' },
    { ok: true, repeatedCall: false },
    { ok: true, repeatedCall: true },
  ]);
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
  expect(text).toMatch(/subnetes_scoring_refusals_total\{subnet="1",reason="WRONG_INTERVAL"\} 64/);
  expect(text).not.toContain('reason="NOT_REGISTERED"');
  expect(text).not.toContain('subnet="70000"');
});

test('a witness signs an epoch as it was published, and the epoch shows who did', async () => {
  const by = (witness: number) => signatureBy(witnesses.witnesses, witness, { index: 1 });
  const epoch = await client.getEpoch({ netuid: NETUID, index: 1n, withoutMetagraph: true });
  expect(epoch.metagraph).toBeUndefined();
  expect(fromBinary(EpochScoredSchema, epoch.scored)).toMatchObject({ netuid: NETUID, index: 1n });
  const request = { netuid: NETUID, index: 1n, witness: await by(0) };
  expect(await client.submitWitness(request)).toMatchObject({ repeatedCall: false, witnesses: 1 });
  expect(await client.submitWitness(request)).toMatchObject({ repeatedCall: true, witnesses: 1 });
  const signed = await client.getEpoch({ netuid: NETUID, index: 1n });
  expect(signed.witnesses.map(({ publicKey }) => toHex(publicKey))).toEqual([toHex(request.witness.publicKey)]);
  expect(signed.metagraph?.epochIndex).toBe(1n);
});

test.for([
  { reason: 'UNKNOWN_WITNESS', witness: 2, change: {} },
  { reason: 'UNKNOWN_EPOCH', witness: 0, change: { index: 99n } },
  { reason: 'UNKNOWN_EPOCH', witness: 0, change: { netuid: 9 } },
  { reason: 'INVALID_ARGUMENT', witness: 0, change: { index: 0n } },
  { reason: 'INVALID_ARGUMENT', witness: 0, change: { index: 2n ** 64n - 1n } },
])('a signature is refused with $reason: $change', async ({ reason, witness, change }) => {
  const signature = await signatureBy(witnesses.witnesses, witness, { index: 1 });
  const asked = { netuid: NETUID, index: 1n, witness: signature, ...change };
  await expect(client.submitWitness(asked)).rejects.toMatchObject({ reason });
});

test('no signature, and one of what was not published, are refused', async () => {
  await expect(client.submitWitness({ netuid: NETUID, index: 1n })).rejects.toMatchObject({
    reason: 'INVALID_ARGUMENT',
  });
  const { signature } = await signatureBy(witnesses.witnesses, 0, { index: 1, networkId: 'cc'.repeat(32) });
  const { publicKey } = await signatureBy(witnesses.witnesses, 0, { index: 1 });
  const request = { netuid: NETUID, index: 1n, witness: { publicKey, signature } };
  await expect(client.submitWitness(request)).rejects.toMatchObject({ reason: 'BAD_SIGNATURE' });
});
