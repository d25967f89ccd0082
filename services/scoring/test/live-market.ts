import { fileURLToPath } from 'node:url';
import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { Bus } from '@subnetes/bus/bus';
import { openNatsBus } from '@subnetes/bus/nats-bus';
import { ALL_EPOCHS_SCORED, epochDueSubject, ledgerMessageId } from '@subnetes/bus/subjects';
import { EpochDueSchema, type EpochScored, EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { createRpcClient, type RpcClient } from '@subnetes/proto/grpc-client';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import { grpcServerTrust } from '@subnetes/runtime/tls';
import { freePort, startServer, type ServerProcess, waitFor } from '@subnetes/testkit/processes';
import { programEnvironment } from '@subnetes/testkit/program-environment';
import { sqlStore } from '#adapters/sql-store.ts';
import type { dueMessage } from './ledger-messages.ts';
import { NETWORK_ID } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** The service as a process of its own. */
export interface ScoringProcess extends AsyncDisposable {
  readonly client: RpcClient<typeof Scoring>;
  readonly server: ServerProcess;
  metrics(): Promise<string>;
}

/** Makes the database of a scoring service that knows its network, so that it starts without a ledger to ask. */
export async function prepareDatabase(url: string): Promise<void> {
  await using database = await openDatabase({ url });
  await migrate(database, MIGRATIONS);
  await sqlStore(database).bindNetwork(NETWORK_ID);
}

export async function startScoring(options: {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<ScoringProcess> {
  const [grpcPort, healthPort] = [await freePort(), await freePort()];
  const health = `http://127.0.0.1:${healthPort}`;
  const server = await startServer({
    command: process.execPath,
    args: [MAIN],
    env: {
      ...programEnvironment(),
      LOG_LEVEL: 'warn',
      DATABASE_URL: options.databaseUrl,
      NATS_URL: options.natsUrl,
      LEDGER_URL: '127.0.0.1:1',
      INSECURE_MODE: 'loopback',
      GRPC_PORT: String(grpcPort),
      HEALTH_PORT: String(healthPort),
      ...options.env,
    },
    ready: async () => (await fetch(`${health}/readyz`)).status === 200,
  });
  const client = createRpcClient(Scoring, {
    address: `127.0.0.1:${grpcPort}`,
    credentials: grpcServerTrust(undefined),
    deadlineMs: 60_000,
  });
  return {
    client,
    server,
    metrics: async () => (await fetch(`${health}/metrics`)).text(),
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The ledger's side of the bus. */
export interface TestLedger extends AsyncDisposable {
  readonly bus: Bus;
  readonly scored: readonly EpochScored[];
  tell<Desc extends DescMessage>(subject: string, schema: Desc, message: MessageInitShape<Desc>): Promise<void>;
  due(netuid: number, message: ReturnType<typeof dueMessage>): Promise<void>;
  untilScored(netuid: number, index: number, timeoutMs?: number): Promise<EpochScored>;
}

export async function openTestLedger(natsUrl: string): Promise<TestLedger> {
  const bus = await openNatsBus({ url: natsUrl, name: 'ledger' });
  await bus.ensureStream('LEDGER');
  await bus.ensureStream('SCORING');
  const scored: EpochScored[] = [];
  const stopped = new AbortController();
  const following = bus.consume({
    stream: 'SCORING',
    durable: 'ledger',
    subjects: [ALL_EPOCHS_SCORED],
    handle: async (messages) => {
      for (const { payload } of messages) scored.push(fromBinary(EpochScoredSchema, payload));
    },
    failed: () => undefined,
    signal: stopped.signal,
  });
  let sequence = 0n;
  const tell: TestLedger['tell'] = async (subject, schema, message) => {
    sequence += 1n;
    await bus.publish(subject, toBinary(schema, create(schema, message)), { messageId: ledgerMessageId(sequence) });
  };
  return {
    bus,
    scored,
    tell,
    due: (netuid, message) => tell(epochDueSubject(netuid), EpochDueSchema, { ...message, netuid }),
    untilScored: (netuid, index, timeoutMs) =>
      waitFor(
        `epoch ${index} of subnet ${netuid} to be published`,
        () => scored.find((each) => each.netuid === netuid && Number(each.index) === index),
        timeoutMs,
      ),
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await following;
      await bus[Symbol.asyncDispose]();
    },
  };
}
