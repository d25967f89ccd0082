import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openNatsBus } from '@subnetes/bus/nats-bus';
import { registrationIdOf } from '@subnetes/keys/canonical-hash';
import { ledgerOrigin } from '@subnetes/transparency/ledger-origin';
import { noteSigner } from '@subnetes/transparency/note-signer';
import { Ledger as LedgerService } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { aborted, systemClock } from '@subnetes/runtime/clock';
import { ConfigError } from '@subnetes/runtime/errors';
import { rpcService, serveGrpc } from '@subnetes/runtime/grpc-server';
import { serveHealth } from '@subnetes/runtime/health';
import { runService } from '@subnetes/runtime/run-service';
import { createLogger, type Logger } from '@subnetes/telemetry/logger';
import { createMetrics, type Metrics } from '@subnetes/telemetry/metrics';
import { startTracing } from '@subnetes/telemetry/tracing';
import { runBusWork, sleep } from '#adapters/bus-work.ts';
import { accessByCertificate, openAccess } from '#adapters/grpc-access.ts';
import { ledgerHandlers } from '#adapters/grpc-handlers.ts';
import { serveHttpLog } from '#adapters/http-log.ts';
import { type LedgerMetrics, ledgerMetrics } from '#adapters/metrics.ts';
import { openStore } from '#adapters/open-store.ts';
import { bytesOfHex } from '#adapters/wire.ts';
import { Auditor, runAudits } from '#application/audit.ts';
import { runBlockClock } from '#application/block-clock.ts';
import { followJournal } from '#application/follow-journal.ts';
import { JournalTree } from '#application/journal-tree.ts';
import { GenesisMismatch, ledgerHashes, openLedger } from '#application/open-ledger.ts';
import { makePayEpoch } from '#application/pay-epoch.ts';
import { readGenesis } from '#application/read-genesis.ts';
import type { JournalStore } from '#application/ports.ts';
import type { Sequencer } from '#application/sequencer.ts';
import type { TreeStore } from '#application/tree-store.ts';
import { UnwitnessedEpochs } from '#application/unwitnessed-epochs.ts';
import { type LedgerConfig, readConfig } from './config.ts';

const VERSION = '0.1.0';
const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));
const STORE_RETRY_MS_MAX = 2000;

await runService('ledger', async (signal) => {
  const config = readConfig(process.env);
  const log = createLogger({ service: 'ledger', version: VERSION, level: config.logLevel });
  const metrics = createMetrics({ service: 'ledger', version: VERSION });
  await using teardown = new AsyncDisposableStack();
  const tracing = config.otlpEndpoint === undefined ? {} : { otlpEndpoint: config.otlpEndpoint };
  teardown.use(await startTracing({ service: 'ledger', version: VERSION, ...tracing }));

  const genesis = genesisOf(config);
  const networkId = bytesOfHex(genesis.networkId);
  const hashes = ledgerHashes((registration) => registrationId(networkId, registration));
  const { store, treeStore } = teardown.use(await openStore({ ...config.database, migrations: MIGRATIONS }));
  const told = ledgerMetrics(metrics);
  const halted = Promise.withResolvers<never>();
  halted.promise.catch(() => {}); // awaited at the end; until then it must not count as unhandled
  const sequencer = await openLedger({
    store,
    genesis,
    hashes,
    monotonicMs: () => systemClock.monotonicMs(),
    retryDelay: (attempt) => systemClock.sleep(Math.min(100 * 2 ** attempt, STORE_RETRY_MS_MAX), signal),
    onHalt: halted.reject,
    onCommit: (batch, seconds) => told.onCommit(batch, seconds),
  }).catch((error: unknown) => {
    throw error instanceof GenesisMismatch ? new ConfigError(error.message) : error;
  });
  const unwitnessed = new UnwitnessedEpochs();
  told.follow(sequencer, unwitnessed);
  teardown.defer(() => sequencer.close());

  const auditor = new Auditor(store, genesis.symbol);
  const { tree, logKey } = logOf(treeStore, genesis.networkId, config.logSecret);
  const running = { sequencer, store, auditor, tree, networkId, unwitnessed, log, metrics, told, signal };
  const work = Promise.all([
    makeBlocks(running, genesis.blockTimeMs),
    audit(running, config.auditIntervalMs),
    follow(running, genesis.blockTimeMs, config.checkpointBlocks),
    workWithBus(running, config),
  ]);
  work.catch(halted.reject);
  teardown.defer(() => work.then(() => undefined));

  const handlers = ledgerHandlers({
    ...running,
    hashes,
    logKey,
    witnesses: config.witnesses,
    asset: genesis.symbol,
    shutdown: signal,
    access: config.tls === undefined ? openAccess : accessByCertificate(config.systemNamespace),
    countRefusal: (code) => told.onRefusal(code),
  });
  const loopback = config.tls === undefined ? { host: '127.0.0.1' } : {};
  // Neurons and wallets show no certificate; whoever shows one must have it from our CA.
  const tls = config.tls === undefined ? {} : { tls: config.tls, mutual: false };
  const services = [rpcService(LedgerService, handlers)];
  const rpc = teardown.use(await serveGrpc({ port: config.grpcPort, ...loopback, ...tls, services, metrics, log }));
  const ready = (): true | string => (sequencer.isServing ? true : 'the database cannot be reached');
  const health = teardown.use(await serveHealth({ port: config.healthPort, ...loopback, ready, metrics }));
  if (config.httpPort !== undefined) teardown.use(await serveLog(running, { port: config.httpPort, ...loopback }));
  log.info({ grpcPort: rpc.port, healthPort: health.port, networkId: genesis.networkId }, 'ledger is ready');
  await Promise.race([aborted(signal), halted.promise]);
});

interface Running {
  readonly sequencer: Sequencer;
  readonly store: JournalStore;
  readonly auditor: Auditor;
  readonly tree: JournalTree;
  readonly networkId: Uint8Array;
  readonly unwitnessed: UnwitnessedEpochs;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly told: LedgerMetrics;
  readonly signal: AbortSignal;
}

function makeBlocks({ sequencer, told, signal }: Running, blockTimeMs: number): Promise<void> {
  return runBlockClock({
    sequencer,
    signal,
    blockTimeMs,
    time: {
      monotonicMs: () => systemClock.monotonicMs(),
      unixMs: () => systemClock.nowMs(),
      sleep: (ms, until) => sleep(systemClock, ms, until),
    },
    onBlock: (block) => told.onBlock(block, systemClock.nowMs()),
  });
}

function audit({ auditor, log, told, signal }: Running, everyMs: number): Promise<void> {
  return runAudits({
    auditor,
    signal,
    everyMs,
    sleep: (ms, until) => sleep(systemClock, ms, until),
    onResult: (result) => {
      told.onAudit(result, systemClock.nowMs());
      if (result.broken.length > 0) log.error({ broken: result.broken }, 'money does not add up: payouts are stopped');
    },
    onFailure: (error) => log.warn({ err: error }, 'the audit could not read the database'),
  });
}

function follow({ tree, sequencer, log, signal }: Running, everyMs: number, checkpointBlocks: number): Promise<void> {
  return followJournal({
    everyMs,
    checkpointBlocks,
    tree,
    signal,
    readBlock: () => sequencer.read((ledger) => ledger.block),
    sleep: (ms, until) => sleep(systemClock, ms, until),
    onSigned: (entries) => log.debug({ entries }, 'checkpoint signed'),
    onFailure: (error) => log.warn({ err: error }, 'the tree of the journal could not be followed; it is tried again'),
  });
}

/** The journal's tree, and the key that signs it where there is a secret. */
function logOf(store: TreeStore, networkId: string, secret: Uint8Array | undefined) {
  const origin = ledgerOrigin(networkId);
  const signer = secret === undefined ? undefined : noteSigner(origin, secret);
  if (signer?.ok === false) throw new Error(`the log cannot have the name ${origin}: ${signer.message}`);
  return { tree: new JournalTree({ store, origin, signer: signer?.value }), logKey: signer?.value.key };
}

function serveLog({ tree, log }: Running, place: { readonly port: number; readonly host?: string }) {
  const onFailure = (error: unknown): void => log.error({ err: error }, 'a file of the log could not be served');
  return serveHttpLog({ ...place, tree, onFailure });
}

function workWithBus(running: Running, config: LedgerConfig): Promise<void> {
  const { natsUrl, streamReplicas, tls, witnesses: rule } = config;
  return runBusWork({
    ...running,
    rule,
    clock: systemClock,
    payEpoch: makePayEpoch({ ...running, rule, isConserved: () => running.auditor.isConserved }),
    connect: () =>
      openNatsBus({ url: natsUrl, name: 'ledger', replicas: streamReplicas, ...(tls === undefined ? {} : { tls }) }),
  });
}

function registrationId(
  networkId: Uint8Array,
  { netuid, hotkey, block }: { readonly netuid: number; readonly hotkey: string; readonly block: number },
): string {
  return Buffer.from(registrationIdOf({ networkId, netuid, hotkey, registeredAtBlock: BigInt(block) })).toString('hex');
}

function genesisOf({ genesisFile: file }: LedgerConfig) {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(`GENESIS_FILE ${file} cannot be read`, { cause });
  }
  const genesis = readGenesis(text);
  if (!genesis.ok) throw new ConfigError(`GENESIS_FILE: ${genesis.message}`);
  return genesis.value;
}
