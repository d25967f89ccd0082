import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { openNatsBus } from '@subnetes/bus/nats-bus';
import {
  ALL_EPOCHS_SCORED,
  blockSubject,
  epochDueSubject,
  ledgerMessageId,
  registrationSubject,
} from '@subnetes/bus/subjects';
import {
  BlockProducedSchema,
  EpochDueSchema,
  type EpochScored,
  EpochScoredSchema,
  RegistrationChangedSchema,
} from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { MetagraphSchema, Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { grpcServerTrust } from '@subnetes/runtime/tls';
import { startNats } from '@subnetes/testkit/nats';
import { startPostgres } from '@subnetes/testkit/postgres';
import { freePort } from '@subnetes/testkit/processes';
import { programEnvironment } from '@subnetes/testkit/program-environment';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { dueMessage, neuronMessage } from './ledger-messages.ts';
import { NETUID, VALIDATORS } from './market.ts';
import { prepareDatabase } from './live-market.ts';
import { commitOf, revealOf, SIGNING_NEURONS } from './signed-weights.ts';

/**
 * The whole service as a process, on real PostgreSQL and nats-server. The test is the ledger and the validators. Tests
 * follow each other: each continues the market where the one before left it.
 */
const teardown = new AsyncDisposableStack();
const scored: EpochScored[] = [];
let nats: Awaited<ReturnType<typeof startNats>>;
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let ledger: Awaited<ReturnType<typeof openNatsBus>>;
let environment: Record<string, string>;
let service: ChildProcess;
let grpcPort = 0;
let healthPort = 0;
let sequence = 0n;

beforeAll(async () => {
  nats = teardown.use(await startNats());
  postgres = teardown.use(await startPostgres({ fsync: true }));
  const url = await postgres.createDatabase('scoring');
  await prepareDatabase(url);
  ledger = teardown.use(await openNatsBus({ url: nats.url, name: 'ledger' }));
  await ledger.ensureStream('LEDGER');
  await ledger.ensureStream('SCORING');
  followScored();
  [grpcPort, healthPort] = [await freePort(), await freePort()];
  environment = {
    ...programEnvironment(),
    LOG_LEVEL: 'warn',
    DATABASE_URL: url,
    NATS_URL: nats.url,
    LEDGER_URL: '127.0.0.1:1',
    INSECURE_MODE: 'loopback',
    GRPC_PORT: String(grpcPort),
    HEALTH_PORT: String(healthPort),
  };
  await start();
});
afterAll(async () => {
  await stop('SIGTERM');
  await teardown.disposeAsync();
});

function followScored(): void {
  const stopped = new AbortController();
  const following = ledger.consume({
    stream: 'SCORING',
    durable: 'ledger',
    subjects: [ALL_EPOCHS_SCORED],
    handle: async (messages) => {
      for (const { payload } of messages) scored.push(fromBinary(EpochScoredSchema, payload));
    },
    failed: () => undefined, // the stream's server is killed below: consume tries again by itself
    signal: stopped.signal,
  });
  teardown.defer(async () => {
    stopped.abort();
    await following;
  });
}

async function start(): Promise<void> {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  service = spawn(process.execPath, [main], { env: environment, stdio: ['ignore', 'inherit', 'inherit'] });
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${healthPort}/readyz`)).status).toBe(200), {
    timeout: 60_000,
    interval: 50,
  });
}

async function stop(signal: NodeJS.Signals): Promise<number | null> {
  if (service.exitCode !== null || service.signalCode !== null) return service.exitCode;
  const exited = once(service, 'exit') as Promise<[number | null]>;
  service.kill(signal);
  return (await exited)[0];
}

async function tell<Desc extends DescMessage>(
  subject: string,
  schema: Desc,
  message: MessageInitShape<Desc>,
  id?: bigint,
): Promise<void> {
  sequence += 1n;
  await ledger.publish(subject, toBinary(schema, create(schema, message)), {
    messageId: ledgerMessageId(id ?? sequence),
  });
}

const due = (index: number, id?: bigint): Promise<void> =>
  tell(epochDueSubject(NETUID), EpochDueSchema, dueMessage(index, SIGNING_NEURONS), id);
const untilScored = (index: number): Promise<void> =>
  vi.waitFor(() => expect(scored.map((each) => Number(each.index))).toContain(index), {
    timeout: 30_000,
    interval: 50,
  });
const client = () =>
  createRpcClient(Scoring, { address: `127.0.0.1:${grpcPort}`, credentials: grpcServerTrust(undefined) });

const sum = (epoch: EpochScored, field: 'incentiveRao' | 'dividendRao'): bigint =>
  epoch.neurons.reduce((total, each) => total + BigInt(each[field]), 0n);

test('the first epoch is scored from the stream, published and shown', async () => {
  for (const each of SIGNING_NEURONS) {
    await tell(registrationSubject(NETUID), RegistrationChangedSchema, {
      sequence,
      block: 2n,
      neuron: neuronMessage(each),
    });
  }
  await tell(blockSubject(), BlockProducedSchema, { sequence, block: 21n });
  await due(1);
  await untilScored(1);
  expect(scored[0]).toMatchObject({ netuid: NETUID, index: 1n, sequence: 1n, dueSequence: 1000n });
  await vi.waitFor(
    async () => {
      const bucket = await ledger.bucket('metagraph'); // scoring makes it, beside its work
      expect(fromBinary(MetagraphSchema, (await bucket.get('1'))!).epochIndex).toBe(1n);
    },
    { timeout: 60_000 },
  );
});

test('what was committed before the seal survives a killed service, and a seal told three times counts once', async () => {
  using rpc = client();
  const committed = await rpc.commitWeights({ commits: VALIDATORS.map((uid) => commitOf(uid, 2)) });
  expect(committed.results.map(({ ok }) => ok)).toEqual([true, true, true]);
  await stop('SIGKILL');
  await due(2, 9001n);
  await due(2, 9002n);
  await due(1, 9003n);
  await start();
  await untilScored(2);
  const { results } = await rpc.revealWeights({ reveals: VALIDATORS.map((uid) => revealOf(uid, 2)) });
  expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
  await due(3);
  await untilScored(3);
  const third = scored.find(({ index }) => index === 3n)!;
  expect(third.neurons.map(({ incentiveU16 }) => incentiveU16)).toEqual([32_767, 21_844, 10_922, 0, 0, 0]);
  expect(sum(third, 'incentiveRao') + sum(third, 'dividendRao')).toBeLessThanOrEqual(20_000_000_000n);
});

test('whose votes decided the newest epoch is shown beside the other gauges, computed on a thread of its own', async () => {
  await vi.waitFor(
    async () => {
      const text = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
      expect(text).toMatch(/^subnetes_scoring_capture_index_ratio\{subnet="1"\} 0\.5$/m);
      expect(text).toMatch(/^subnetes_scoring_influence_concentration_ratio\{subnet="1"\} /m);
      for (const uid of VALIDATORS) {
        expect(text).toContain(`subnetes_scoring_validator_influence_ratio{subnet="1",uid="${uid}"} `);
      }
      expect(text).toMatch(/^subnetes_scoring_validators\{subnet="1",state="abstaining"\} 0$/m);
    },
    { timeout: 60_000, interval: 100 },
  );
});

test('an epoch that overtakes its predecessor waits for it', async () => {
  await due(5);
  await due(4);
  await untilScored(5);
  expect(scored.map(({ index }) => Number(index)).slice(-2)).toEqual([4, 5]);
});

test('a message that cannot be read holds up nothing', async () => {
  await ledger.publish(epochDueSubject(NETUID), Uint8Array.of(10, 200, 1), { messageId: ledgerMessageId(9100n) });
  await ledger.publish(
    epochDueSubject(NETUID),
    toBinary(EpochDueSchema, create(EpochDueSchema, { netuid: NETUID, index: 6n })),
    { messageId: ledgerMessageId(9101n) },
  );
  await due(6);
  await untilScored(6);
  expect(scored.at(-1)?.index).toBe(6n);
});

test('a killed NATS server only delays: the epoch is published once it is back', async () => {
  await nats.stop('SIGKILL');
  await nats.start();
  await vi.waitFor(() => due(7, 9207n), { timeout: 60_000 });
  await untilScored(7);
  expect(service.exitCode).toBeNull();
});

test('a killed PostgreSQL only delays: the epoch is scored once it is back', async () => {
  await postgres.stop('SIGQUIT');
  using rpc = client();
  await expect(rpc.getInterval({ netuid: NETUID })).rejects.toMatchObject({ reason: 'OUTAGE' });
  await due(8);
  await postgres.start();
  await untilScored(8);
  expect(service.exitCode).toBeNull();
});

test('nothing was lost, doubled or changed, and every epoch replays', async () => {
  const once = new Map(scored.map((each) => [each.index, each.outputsSha256.join()]));
  expect([...once.keys()].map(Number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  for (const each of scored) expect(once.get(each.index)).toBe(each.outputsSha256.join());
  using rpc = client();
  for (let index = 1n; index <= 8n; index += 1n) {
    expect(await rpc.replayEpoch({ netuid: NETUID, index })).toMatchObject({ equal: true });
  }
  const text = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
  expect(text).toMatch(/subnetes_scoring_neuron_incentive_ratio\{subnet="1",uid="0"\} 0\.49/);
});

test('SIGTERM ends it cleanly', async () => {
  expect(await stop('SIGTERM')).toBe(0);
});
