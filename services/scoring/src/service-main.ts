import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openNatsBus } from '@subnetes/bus/nats-bus';
import { aborted, systemClock } from '@subnetes/runtime/clock';
import { ConfigError } from '@subnetes/runtime/errors';
import { serveGrpc } from '@subnetes/runtime/grpc-server';
import { serveHealth } from '@subnetes/runtime/health';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { runService } from '@subnetes/runtime/run-service';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { startTracing } from '@subnetes/telemetry/tracing';
import { makeAcceptWeights } from '#application/accept-weights.ts';
import { makeExplainNeuron } from '#application/explain-neuron.ts';
import { makePublishFunction } from '#application/publish-function.ts';
import { makeReadDraw } from '#application/read-draw.ts';
import { makeReadMetagraph } from '#application/read-metagraph.ts';
import { makeReadSignedRows } from '#application/read-signed-rows.ts';
import { makeReplayEpoch } from '#application/replay-epoch.ts';
import type { Store } from '#application/ports.ts';
import { makeSubmitWitness } from '#application/submit-witness.ts';
import { takeTurns } from '#application/take-turns.ts';
import { beaconRounds } from '#adapters/beacon-rounds.ts';
import { cryptoPool } from '#adapters/crypto-pool.ts';
import { raiseTerm } from '#adapters/fenced-database.ts';
import { functionThread } from '#adapters/function-thread.ts';
import { ledgerOwners } from '#adapters/ledger-owners.ts';
import { evidenceService } from '#adapters/grpc-evidence.ts';
import { scoringService } from '#adapters/grpc-handlers.ts';
import { postgresLeaderLock, soleLeaderLock } from '#adapters/leader-lock.ts';
import { type LeaderParts, leaderWork } from '#adapters/leader-work.ts';
import { askNetworkId } from '#adapters/ledger-network.ts';
import { ledgerSlashes } from '#adapters/ledger-slashes.ts';
import { fromHex, toHex } from '#adapters/messages.ts';
import { metagraphFeed } from '#adapters/metagraph-feed.ts';
import { scoringMetrics } from '#adapters/metrics.ts';
import { type Precedence, precedence } from '#adapters/precedence.ts';
import { sha256 } from '#adapters/sha256.ts';
import { openLocksWith } from '#adapters/open-locks.ts';
import { sqlFunctions } from '#adapters/sql-functions.ts';
import { sqlSignedRows } from '#adapters/sql-signed-rows.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import { sqlWitnesses } from '#adapters/sql-witnesses.ts';
import { followLeader } from '#adapters/standby-news.ts';
import { statementOf } from '#adapters/witnessed-message.ts';
import { type Config, readConfig } from './config.ts';

const VERSION = '0.1.0';
/** Without certificates nobody from outside may call. */
const LOOPBACK = { host: '127.0.0.1' };
/** Between two transactions of a busy subnet: a tenth of the time that signatures wait for a thread then. */
const GATHER_MS = 25;
/** Between an outage that ended a turn as the leader and the next try. */
const TURN_RETRY_MS = 1000;
const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));

await runService('scoring', async (signal) => {
  const config = readConfig(process.env);
  const log = createLogger({ service: 'scoring', version: VERSION, level: config.logLevel });
  const metrics = createMetrics({ service: 'scoring', version: VERSION });
  await using teardown = new AsyncDisposableStack();
  teardown.use(await startTracing({ service: 'scoring', version: VERSION, ...config.tracing }));

  const database = teardown.use(await openDatabase({ ...config.database, applicationName: 'scoring' }));
  const { store, networkId } = await openStore(database, config, signal);
  const tls = config.tls && { tls: config.tls };
  const bus = teardown.use(await openNatsBus({ url: config.natsUrl, name: 'scoring', ...tls }));

  const feed = metagraphFeed();
  const told = scoringMetrics(metrics);
  const program = process.argv[1] ?? '';
  const pool = teardown.use(cryptoPool({ program, threads: config.verifyThreads, clock: systemClock }));
  const rounds = beaconRounds({ urls: config.beaconUrls, metrics, log });
  const acceptWeights = makeAcceptWeights({
    store,
    nowMs: () => systemClock.nowMs(),
    hasBeacon: rounds.isConfigured,
    gather: () => delay(GATHER_MS),
  });
  const order = precedence(systemClock);
  const functions = teardown.use(functionParts(database, program, config));
  const known = { ...functions, store, sha256, order, networkId: fromHex(networkId) };
  const cases = { ...useCases(database, known), ...witnessing(database, networkId, config) };
  const served = { ...known, ...cases, acceptWeights, pool, feed };
  const services = [
    scoringService({ ...served, networkId: fromHex(networkId), metrics: told }),
    evidenceService(store),
  ];
  // Neurons show no certificate: they are known by their signatures.
  const rpc = teardown.use(
    await serveGrpc({ port: config.grpcPort, ...(tls ?? LOOPBACK), mutual: false, services, metrics, log }),
  );
  const ready = (): true | string => bus.isConnected() || 'the bus is not connected';
  teardown.use(await serveHealth({ port: config.healthPort, ...(tls === undefined ? LOOPBACK : {}), metrics, ready }));

  const openLocks = openLocksWith(pool);
  const { readMetagraph } = served;
  const slashes = teardown.use(ledgerSlashes({ address: config.ledgerAddress, tls: config.tls }));
  const leads = { database, bus, networkId, feed, told, readMetagraph, order, rounds, slashes, openLocks, program };
  const parts = { ...leads, clock: systemClock, metrics, log };
  const work = Promise.all([lead(parts, config, signal), followLeader({ store, feed, clock: systemClock }, signal)]);
  log.info({ grpcPort: rpc.port, network: networkId }, 'scoring is ready');
  await Promise.race([aborted(signal), work]);
  await work;
});

/** Leads whenever no other process of the same database does. */
function lead(parts: LeaderParts, config: Config, signal: AbortSignal): Promise<void> {
  const { database, told, log } = parts;
  const failed = (err: Error): void =>
    log.warn({ err }, 'the lock of the leader cannot be asked for: it is tried again');
  const lock =
    database.kind === 'pglite'
      ? soleLeaderLock()
      : postgresLeaderLock({ database: config.database, clock: systemClock, failed });
  const turns = {
    lock,
    raiseTerm: () => raiseTerm(database),
    lead: leaderWork(parts),
    standingBy: () => told.standBy(),
    failed,
    pause: (until: AbortSignal) => systemClock.sleep(TURN_RETRY_MS, until),
  };
  return takeTurns(turns, signal);
}

/** The store, bound to the network that the ledger serves; a store that knows its network needs no ledger to start. */
async function openStore(database: Database, config: Config, signal: AbortSignal) {
  await migrate(database, MIGRATIONS);
  const store = sqlStore(database);
  const ledger = { address: config.ledgerAddress, tls: config.tls, clock: systemClock };
  const networkId = (await store.networkId()) ?? (await askNetworkId(ledger, signal));
  if (!(await store.bindNetwork(networkId))) throw new ConfigError('the database belongs to another network');
  return { store, networkId };
}

function witnessing(database: Database, networkId: string, { witnessKeys: keys }: Config) {
  const witnesses = sqlWitnesses(database);
  const statement = statementOf(fromHex(networkId));
  return {
    witnesses,
    submitWitness: makeSubmitWitness({ store: witnesses, keys, statementOf: statement, hexOf: toHex }),
  };
}

/** For replays and publications, on a thread of their own: an epoch waits for neither. */
function functionParts(database: Database, program: string, config: Config) {
  const runner = functionThread({ program });
  const owners = ledgerOwners({ address: config.ledgerAddress, tls: config.tls });
  return {
    functions: sqlFunctions(database),
    runner,
    owners,
    [Symbol.asyncDispose]: async () => {
      owners[Symbol.dispose]();
      await runner[Symbol.asyncDispose]();
    },
  };
}

type CaseParts = Parameters<typeof makePublishFunction>[0] & { readonly store: Store; readonly order: Precedence };

function useCases(database: Database, parts: CaseParts) {
  const { store, order } = parts;
  return {
    explainNeuron: makeExplainNeuron({ store }),
    replayEpoch: makeReplayEpoch(parts),
    readDraw: makeReadDraw({ store }),
    readMetagraph: makeReadMetagraph({ store, giveWay: () => order.giveWay() }),
    readSignedRows: makeReadSignedRows({ store, signedRows: sqlSignedRows(database) }),
    publishFunction: makePublishFunction(parts),
  };
}
