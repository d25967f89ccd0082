import type { StoredEpochOutput } from '@subnetes/consensus/epoch-json';
import { type Explanation, PotRule, RaiseOutcome, Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { createRpcClient, type RpcClient } from '@subnetes/proto/grpc-client';
import { serveGrpc } from '@subnetes/runtime/grpc-server';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { grpcServerTrust } from '@subnetes/runtime/tls';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cryptoPool } from '#adapters/crypto-pool.ts';
import { scoringService } from '#adapters/grpc-handlers.ts';
import { fromHex, toHex } from '#adapters/messages.ts';
import { metagraphFeed } from '#adapters/metagraph-feed.ts';
import { scoringMetrics } from '#adapters/metrics.ts';
import { sqlSignedRows } from '#adapters/sql-signed-rows.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import { makeReadDraw } from '#application/read-draw.ts';
import { makeReadSignedRows } from '#application/read-signed-rows.ts';
import type { ScoringPolicy } from '#domain/policy.ts';
import { epochDue, NETWORK_ID, NEURONS, POLICY, TEMPO, useCases, VALIDATORS, weights } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';
import { witnessing } from './witnessing.ts';

/** Subnets of one market each, on which the third validator sees the miners the other way round. */
const SUBNETS: readonly (readonly [netuid: number, name: string, change: Partial<ScoringPolicy>])[] = [
  [1, 'Yuma 3', {}],
  [2, 'Yuma 2', { yumaVersion: 2 }],
  [3, 'liquid alpha', { liquidAlpha: { lowU16: 45_875, highU16: 58_982, steepnessHundredths: 1000 } }],
  [
    4,
    'two mechanisms',
    {
      mechanisms: [
        { id: 0, emissionWeight: 1 },
        { id: 4, emissionWeight: 2 },
      ],
    },
  ],
];
const EPOCHS = 4;

const teardown = new AsyncDisposableStack();
let database: Database;
let client: RpcClient<typeof Scoring>;

beforeAll(async () => {
  database = teardown.use(await openDatabase({ url: 'pglite:memory' }));
  await migrate(database, MIGRATIONS);
  const store = sqlStore(database);
  const cases = useCases(store);
  for (const [netuid, , change] of SUBNETS) await play(cases, netuid, { ...POLICY, ...change });
  const metrics = createMetrics({ service: 'scoring', version: 'test', processMetrics: false });
  const service = scoringService({
    store,
    feed: metagraphFeed(),
    networkId: fromHex(NETWORK_ID),
    acceptWeights: cases.acceptWeights,
    readDraw: makeReadDraw({ store }),
    pool: teardown.use(cryptoPool({ program: '', threads: 0, clock: { monotonicMs: () => 0 } })),
    explainNeuron: cases.explainNeuron,
    replayEpoch: cases.replayEpoch,
    functions: cases.functions,
    publishFunction: cases.publishFunction,
    ...witnessing(database),
    readMetagraph: cases.readMetagraph,
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
});
afterAll(() => teardown.disposeAsync());

async function play(cases: ReturnType<typeof useCases>, netuid: number, policy: ScoringPolicy): Promise<void> {
  const rows = (uid: number, interval: number) =>
    policy.mechanisms.map(({ id }) =>
      weights(uid, interval, {
        netuid,
        mechanismId: id,
        values: uid === 5 ? [1000, 30_000 + id, 65_535] : [65_535, 43_690 + uid, 21_845 - 100 * uid],
      }),
    );
  for (let interval = 1; interval <= EPOCHS; interval += 1) {
    for (const uid of interval > 1 ? VALIDATORS : []) {
      for (const row of interval > 2 ? rows(uid, interval - 1) : []) {
        expect(await cases.reveal(uid, row)).toMatchObject({ repeated: false });
      }
      for (const row of rows(uid, interval)) expect(await cases.commit(uid, row)).toMatchObject({ repeated: false });
    }
    const due = { netuid, policy, block: 1 + TEMPO * interval, sequence: 1000 * interval + netuid };
    expect(await cases.runEpoch(epochDue(interval, due))).toMatchObject({ kind: 'scored' });
  }
}

interface StoredOutputs {
  readonly mechanisms: readonly {
    readonly id: number;
    readonly output: StoredEpochOutput;
    readonly payout: StoredPayout;
  }[];
}
interface StoredPayout {
  readonly incentive: readonly string[];
  readonly dividends: readonly string[];
  readonly unattributed: string;
}

const total = (values: readonly (bigint | string)[]): bigint =>
  values.reduce<bigint>((sum, value) => sum + BigInt(value), 0n);

async function explained(netuid: number, uid: number): Promise<Explanation> {
  return client.explainNeuron({ netuid, uid, index: BigInt(EPOCHS) });
}

test.for(SUBNETS)('every account of subnet %i (%s) adds up to what is stored', async ([netuid]) => {
  const epoch = await client.getEpoch({ netuid, index: BigInt(EPOCHS) });
  const stored = JSON.parse(epoch.outputsJson) as StoredOutputs;
  for (const { uid } of NEURONS) {
    const { neuron, accounts } = await explained(netuid, uid);
    for (const { mechanismId, miner, validator, unattributedRao } of accounts) {
      const { output, payout } = stored.mechanisms.find(({ id }) => id === mechanismId)!;
      expect({
        rank: total(miner!.lines.map((line) => line.contributionQ32)),
        incentive: total(miner!.lines.map((line) => line.incentiveQ32)) + miner!.incentiveRestQ32,
        paid: total(miner!.lines.map((line) => line.emissionRao)) + BigInt(miner!.emissionRestRao),
        unattributed: unattributedRao,
      }).toEqual({
        rank: BigInt(output.rank[uid]!),
        incentive: BigInt(output.incentive[uid]!),
        paid: BigInt(payout.incentive[uid]!),
        unattributed: payout.unattributed,
      });
      const lines = validator?.lines ?? [];
      expect({
        dividends: total(lines.map((line) => line.dividendsQ32)) + (validator?.dividendsRestQ32 ?? 0n),
        paid:
          total(lines.map((line) => line.emissionRao)) +
          BigInt(validator?.emissionRestRao ?? 0) +
          BigInt(validator?.byStakeRao ?? 0),
      }).toEqual({ dividends: BigInt(output.dividends[uid]!), paid: BigInt(payout.dividends[uid]!) });
    }
    expect(total(accounts.map(({ miner }) => miner!.emissionRao))).toBe(BigInt(neuron!.incentiveRao));
    expect(total(accounts.map(({ validator }) => validator?.emissionRao ?? '0'))).toBe(BigInt(neuron!.dividendRao));
  }
});

test('a miner learns what would lift it, in its account and in the sentence for its status', async () => {
  const { accounts, neuron } = await explained(1, 1);
  const { lever, place } = accounts[0]!.miner!;
  expect({ place, pass: lever?.passUid, after: lever?.place, complete: lever?.complete }).toEqual({
    place: 2,
    pass: 0,
    after: 1,
    complete: true,
  });
  expect(lever?.raises.map(({ validatorUid, outcome }) => [validatorUid, outcome])).toEqual([
    [3, RaiseOutcome.PASSES],
    [4, RaiseOutcome.PASSES],
    [5, RaiseOutcome.NOT_PASS],
  ]);
  expect(lever?.together).toMatchObject({ validatorUids: [3, 4], passes: true, place: 1 });
  expect(neuron?.why).toBe(
    'place 2 of 3 with no loss yet; validators with 0.80 of stake would have to give 0.0525 more each to pass uid 0',
  );
  expect((await explained(1, 0)).neuron?.why).not.toContain('more each');
});

test('a dissenter is told where it differs and what agreeing would bring', async () => {
  const { validator } = (await explained(1, 5)).accounts[0]!;
  expect(validator?.lines.map(({ minerUid, clippedQ32 }) => [minerUid, clippedQ32 > 0n])).toEqual([
    [0, false],
    [1, false],
    [2, true],
  ]);
  expect(BigInt(validator!.lever!.agreeingGainRao)).toBeGreaterThan(0n);
  expect(BigInt(validator!.lever!.moves[0]!.gainRao)).toBeGreaterThan(0n);
  expect(validator?.switchedOff).toHaveLength(3);
  const agreeing = (await explained(1, 3)).accounts[0]!.validator!.lever!;
  expect(BigInt(agreeing.agreeingGainRao)).toBeLessThan(BigInt(validator!.lever!.agreeingGainRao));
});

test('before anybody earned, validators are paid by stake, and the account says so', async () => {
  const { accounts } = await client.explainNeuron({ netuid: 1, uid: 3, index: 1n });
  expect(accounts[0]).toMatchObject({ potRule: PotRule.BY_STAKE, validatorPotRao: '20000000000' });
  expect(accounts[0]?.validator).toMatchObject({ lines: [], byStakeRao: '8999999999', emissionRao: '8999999999' });
});

test('an explanation asked for again is the same, also of the newest epoch and of one before it', async () => {
  for (const index of [0n, 4n, 3n, 2n, 0n, 3n]) {
    const again = { netuid: 1, uid: 1, index };
    expect(await client.explainNeuron(again)).toEqual(await client.explainNeuron(again));
  }
  await expect(client.explainNeuron({ netuid: 1, uid: 1, index: 5n })).rejects.toMatchObject({
    reason: 'UNKNOWN_EPOCH',
  });
});

test('a replay is equal by both implementations, and nothing more is told unless it is asked', async () => {
  for (const [netuid] of SUBNETS) {
    const replay = await client.replayEpoch({ netuid, index: 4n });
    expect(replay).toMatchObject({ equal: true, kernelAgrees: true, inputsIntact: true, differences: [] });
    expect(replay.counterfactual).toBeUndefined();
    expect(toHex(replay.storedOutputsSha256)).toBe(toHex(replay.recomputedOutputsSha256));
  }
});

test.for(SUBNETS)('other rules on subnet %i (%s): what neurons gain, others lose, to the rao', async ([netuid]) => {
  const set = [
    { name: 'kappa', value: '0.2' },
    { name: 'bondsMovingAverage', value: '0.5' },
  ];
  const { counterfactual, equal } = await client.replayEpoch({ netuid, index: 4n, set });
  expect(equal).toBe(true);
  expect(counterfactual?.changes).toMatchObject([
    { parameter: 'kappaU16', askedValue: '0.2', before: '32767', after: '13107', floored: false },
    { parameter: 'bondsMovingAveragePpm', before: '900000', after: '500000' },
  ]);
  const { neurons, potRao, unattributedBeforeRao, unattributedAfterRao } = counterfactual!;
  const gained = total(neurons.map(({ differenceRao }) => differenceRao));
  expect(gained).toBe(BigInt(unattributedBeforeRao) - BigInt(unattributedAfterRao));
  expect(total(neurons.map(({ paidAfterRao }) => paidAfterRao)) + BigInt(unattributedAfterRao)).toBe(BigInt(potRao));
  const differences = neurons.map(({ differenceRao }) => Number(differenceRao));
  expect(differences).toEqual(differences.toSorted((left, right) => right - left));
  expect(differences[0]).toBeGreaterThan(0);
  expect(counterfactual?.kernelAgrees).toBe(true);
});

test('without a validator the others are paid what it was paid', async () => {
  const { counterfactual } = await client.replayEpoch({ netuid: 1, index: 4n, withoutValidators: [3, 3] });
  expect(counterfactual?.withoutValidators).toEqual([3]);
  const left = counterfactual!.neurons.find(({ uid }) => uid === 3)!;
  expect(left).toMatchObject({ paidAfterRao: '0', dividendsAfterU16: 0 });
  expect(counterfactual!.neurons.at(-1)?.uid).toBe(3);
});

test.for([
  [{ set: [{ name: 'kappo', value: '1' }] }, 'set[0].name', 'there are kappa, kappaU16'],
  [{ set: [{ name: 'kappa', value: '1.5' }] }, 'set[0].value', 'kappa: "1.5" is not 0 to 1'],
  [{ set: [{ name: 'kappa', value: '9'.repeat(65) }] }, 'set[0].value', 'at most 64 characters'],
  [{ set: Array.from({ length: 17 }, () => ({ name: 'kappa', value: '1' })) }, 'set', 'at most 16'],
  [{ withoutValidators: [3, 77] }, 'without_validators[1]', 'uid 77 was not registered'],
  [{ withoutValidators: Array.from({ length: 65 }, (_, uid) => uid) }, 'without_validators', 'at most 64'],
] as const)('a question that makes no sense is refused: %j', async ([question, field, description]) => {
  const asked = client.replayEpoch({
    netuid: 1,
    index: 4n,
    set: 'set' in question ? [...question.set] : [],
    withoutValidators: 'withoutValidators' in question ? [...question.withoutValidators] : [],
  });
  await expect(asked).rejects.toMatchObject({
    reason: 'INVALID_ARGUMENT',
    fieldViolations: [{ field, description: expect.stringContaining(description) as string }],
  });
});

test('what was changed in the store is told by field and uid', async () => {
  const change = (column: string, from: string, to: string) =>
    database.query(`UPDATE epochs SET ${column} = replace(${column}, $1, $2) WHERE netuid = 2 AND epoch_index = 4`, [
      from,
      to,
    ]);
  const paid = (await client.getMetagraph({ netuid: 2 })).neurons[0]!.incentiveRao;
  await change('outputs_json', `"incentiveRao":"${paid}"`, '"incentiveRao":"1"');
  const spoiled = await client.replayEpoch({ netuid: 2, index: 4n });
  expect(spoiled).toMatchObject({ equal: false, inputsIntact: true, kernelAgrees: true });
  expect(spoiled.differences).toMatchObject([
    { field: 'neurons.incentiveRao', hasUid: true, uid: 0, stored: '"1"', recomputed: `"${paid}"` },
  ]);
  await change('outputs_json', '"format":2', '"format":2,,');
  expect((await client.replayEpoch({ netuid: 2, index: 4n })).differences).toMatchObject([
    { field: '', hasUid: false },
  ]);
  await change('inputs_json', '65535', '65534');
  const forged = await client.replayEpoch({ netuid: 2, index: 4n });
  expect(forged).toMatchObject({ equal: false, inputsIntact: false });
});
