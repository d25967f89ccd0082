import { fileURLToPath } from 'node:url';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { openNatsBus } from '@subnetes/bus/nats-bus';
import { ALL_EPOCHS_SCORED, epochDueSubject, ledgerMessageId } from '@subnetes/bus/subjects';
import { commitHash } from '@subnetes/keys/commit-hash';
import { signEnvelope } from '@subnetes/keys/envelope';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { EpochDueSchema, type EpochScored, EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { Scoring, WeightsCommitSchema, WeightsRevealSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { createRpcClient, type RpcClient } from '@subnetes/proto/grpc-client';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { grpcServerTrust } from '@subnetes/runtime/tls';
import { startNats } from '@subnetes/testkit/nats';
import { startPostgres } from '@subnetes/testkit/postgres';
import { freePort, type ServerProcess, startServer, waitFor } from '@subnetes/testkit/processes';
import { fromHex } from '#adapters/messages.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import { dueMessage } from './ledger-messages.ts';
import { NETUID, NETWORK_ID, neuron, NEURONS, registrationOf, VALIDATORS } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

type Validator = (typeof VALIDATORS)[number];
const pairs = new Map(VALIDATORS.map((uid) => [uid, pairOfSeed(Uint8Array.from({ length: 32 }, () => uid))]));

/** The market's neurons, the validators with keys that can sign. */
export const SIGNING_NEURONS = NEURONS.map((each) => {
  const pair = pairs.get(each.uid as Validator);
  return neuron(each.uid, pair === undefined ? {} : { hotkey: pair.address });
});

/** One process of scoring. */
export interface Replica {
  readonly process: ServerProcess;
  readonly rpc: RpcClient<typeof Scoring>;
  leads(): Promise<boolean>;
}

/** Servers, and the test as the ledger and as the validators. */
export interface PlayedMarket {
  readonly natsUrl: string;
  readonly database: Database;
  /** All that was published, in the stream's order, repetitions included. */
  readonly scored: readonly EpochScored[];
  startReplica(natsUrl?: string): Promise<Replica>;
  due(index: number, netuid?: number): Promise<void>;
  untilScored(index: number, netuid?: number): Promise<EpochScored>;
}

export async function playMarket(teardown: AsyncDisposableStack): Promise<PlayedMarket> {
  const nats = teardown.use(await startNats());
  const postgres = teardown.use(await startPostgres({ fsync: true }));
  const url = await postgres.createDatabase('scoring');
  const database = teardown.use(await openDatabase({ url }));
  await migrate(database, MIGRATIONS);
  await sqlStore(database).bindNetwork(NETWORK_ID); // a store that knows its network starts without a ledger to ask
  const bus = teardown.use(await openNatsBus({ url: nats.url, name: 'ledger' }));
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
  teardown.defer(async () => {
    stopped.abort();
    await following;
  });
  let told = 0n;
  return {
    natsUrl: nats.url,
    database,
    scored,
    startReplica: async (natsUrl = nats.url) => startReplica({ url, natsUrl }, teardown),
    due: (index, netuid = NETUID) => {
      told += 1n; // another id each time: the stream itself drops no repetition
      const message = create(EpochDueSchema, { ...dueMessage(index, SIGNING_NEURONS), netuid });
      return bus.publish(epochDueSubject(netuid), toBinary(EpochDueSchema, message), {
        messageId: ledgerMessageId(told),
      });
    },
    untilScored: (index, netuid = NETUID) =>
      waitFor(
        `epoch ${index} of subnet ${netuid} to be published`,
        () => scored.find((each) => each.netuid === netuid && Number(each.index) === index),
        60_000,
      ),
  };
}

async function startReplica(
  address: { readonly url: string; readonly natsUrl: string },
  teardown: AsyncDisposableStack,
): Promise<Replica> {
  const [grpcPort, healthPort] = [await freePort(), await freePort()];
  const health = `http://127.0.0.1:${healthPort}`;
  const process = teardown.use(
    await startServer({
      command: globalThis.process.execPath,
      args: [MAIN],
      env: {
        PATH: globalThis.process.env['PATH'] ?? '',
        LOG_LEVEL: 'info',
        DATABASE_URL: address.url,
        NATS_URL: address.natsUrl,
        LEDGER_URL: '127.0.0.1:1',
        INSECURE_MODE: 'loopback',
        GRPC_PORT: String(grpcPort),
        HEALTH_PORT: String(healthPort),
      },
      ready: async () => (await fetch(`${health}/readyz`)).status === 200,
    }),
  );
  const rpc = teardown.use(
    createRpcClient(Scoring, { address: `127.0.0.1:${grpcPort}`, credentials: grpcServerTrust(undefined) }),
  );
  const leads = async (): Promise<boolean> =>
    /^subnetes_scoring_leader 1$/m.test(await (await fetch(`${health}/metrics`)).text());
  return { process, rpc, leads };
}

let envelopes = 0n;

function envelope(uid: Validator, type: EnvelopeType, payload: Uint8Array) {
  envelopes += 1n;
  const terms = {
    networkId: fromHex(NETWORK_ID),
    type,
    registrationId: fromHex(registrationOf(uid)),
    sequence: envelopes,
    expiresAtBlock: 10_000n,
    payload,
  };
  return signEnvelope(terms, pairOf(uid));
}

const weights = (uid: number) => ({
  uids: [0, 1, 2],
  values: [65_535, 43_690, 21_845],
  salt: [uid, 7, 7],
  versionKey: 0n,
});

/** A signed commit of weights 3 : 2 : 1. */
export function commitOf(uid: Validator, interval: number) {
  const hash = commitHash({ hotkey: pairOf(uid).publicKey, netuid: NETUID, mechanismId: 0, ...weights(uid) });
  const message = create(WeightsCommitSchema, { netuid: NETUID, interval: BigInt(interval), commitHash: hash });
  return envelope(uid, EnvelopeType.COMMIT, toBinary(WeightsCommitSchema, message));
}

/** The signed reveal of what was committed in an interval. */
export function revealOf(uid: Validator, commitInterval: number) {
  const message = create(WeightsRevealSchema, {
    netuid: NETUID,
    commitInterval: BigInt(commitInterval),
    ...weights(uid),
  });
  return envelope(uid, EnvelopeType.REVEAL, toBinary(WeightsRevealSchema, message));
}

function pairOf(uid: Validator) {
  const pair = pairs.get(uid);
  if (pair === undefined) throw new Error(`uid ${uid} has no key`);
  return pair;
}
