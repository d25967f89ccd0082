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
import { makeFollowLedger } from '#application/follow-ledger.ts';
import { makeOpenTimelocks } from '#application/open-timelocks.ts';
import { makePublishEpochs } from '#application/publish-epochs.ts';
import { makeReplayEpoch } from '#application/replay-epoch.ts';
import type { Store } from '#application/ports.ts';
import { type EpochOutcome, makeRunEpoch } from '#application/run-epoch.ts';
import { beaconRounds } from '#adapters/beacon-rounds.ts';
import { consumeLedger } from '#adapters/bus-intake.ts';
import { busPublisher, outboxRelay } from '#adapters/bus-outbox.ts';
import { cryptoPool } from '#adapters/crypto-pool.ts';
import { scoringService } from '#adapters/grpc-handlers.ts';
import { askNetworkId } from '#adapters/ledger-network.ts';
import { fromHex, metagraphMessage } from '#adapters/messages.ts';
import { metagraphFeed } from '#adapters/metagraph-feed.ts';
import { scoringMetrics } from '#adapters/metrics.ts';
import { sha256 } from '#adapters/sha256.ts';
import { newestMetagraphs } from '#adapters/newest-metagraphs.ts';
import { openLocksWith } from '#adapters/open-locks.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import { timelockRelay } from '#adapters/timelock-relay.ts';
import { type Config, readConfig } from './config.ts';

const VERSION = '0.1.0';
/** Without certificates nobody from outside may call. */
const LOOPBACK = { host: '127.0.0.1' };
/** Between two transactions of a busy subnet: a tenth of the time that signatures wait for a thread then. */
const GATHER_MS = 25;
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
  for (const metagraph of await newestMetagraphs(store)) told.show(metagraph);
  const publisher = busPublisher({ bus, metrics });
  const publishEpochs = makePublishEpochs({ store, publisher });
  const relay = outboxRelay({ publisher, publishEpochs, clock: systemClock, log, metrics });
  const pool = teardown.use(
    cryptoPool({ program: process.argv[1] ?? '', threads: config.verifyThreads, clock: systemClock }),
  );
  const rounds = beaconRounds({ urls: config.beaconUrls, metrics, log });
  const nowMs = (): number => systemClock.nowMs();
  const openTimelocks = makeOpenTimelocks({ store, rounds, openLocks: openLocksWith(pool), nowMs });
  const timelocks = timelockRelay({ openTimelocks, metrics: told, clock: systemClock, log });
  const runEpoch = makeRunEpoch({ store, sha256, networkId });
  const followLedger = makeFollowLedger({ store, runEpoch, openBefore: (netuid) => timelocks.openBefore(netuid) });
  const scored = (outcome: EpochOutcome, seconds: number): void => {
    relay.wake();
    timelocks.wake();
    if (outcome.kind !== 'scored') return;
    told.epochScored(outcome.netuid, seconds);
    told.show(metagraphMessage(outcome.metagraph));
    feed.announce(outcome.netuid);
  };

  const acceptWeights = makeAcceptWeights({
    store,
    nowMs,
    hasBeacon: rounds.isConfigured,
    gather: () => delay(GATHER_MS),
  });
  const parts = { ...useCases(store), acceptWeights, pool, store, feed };
  const services = [scoringService({ ...parts, networkId: fromHex(networkId), metrics: told })];
  // Neurons show no certificate: they are known by their signatures.
  const rpc = teardown.use(
    await serveGrpc({ port: config.grpcPort, ...(tls ?? LOOPBACK), mutual: false, services, metrics, log }),
  );
  const ready = (): true | string => bus.isConnected() || 'the bus is not connected';
  teardown.use(await serveHealth({ port: config.healthPort, ...(tls === undefined ? LOOPBACK : {}), metrics, ready }));

  const running = [
    relay.run(signal),
    timelocks.run(signal),
    consumeLedger({ bus, store, followLedger, scored, metrics, log }, signal),
  ];
  log.info({ grpcPort: rpc.port, network: networkId }, 'scoring is ready');
  await aborted(signal);
  await Promise.all(running);
});

/** The store, bound to the network that the ledger serves; a store that knows its network needs no ledger to start. */
async function openStore(database: Database, config: Config, signal: AbortSignal) {
  await migrate(database, MIGRATIONS);
  const store = sqlStore(database);
  const ledger = { address: config.ledgerAddress, tls: config.tls, clock: systemClock };
  const networkId = (await store.networkId()) ?? (await askNetworkId(ledger, signal));
  if (!(await store.bindNetwork(networkId))) throw new ConfigError('the database belongs to another network');
  return { store, networkId };
}

function useCases(store: Store) {
  return {
    explainNeuron: makeExplainNeuron({ store }),
    replayEpoch: makeReplayEpoch({ store, sha256 }),
  };
}
