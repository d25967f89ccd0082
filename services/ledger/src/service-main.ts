import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { registrationIdOf } from '@subnetes/keys/canonical-hash';
import { ledgerOrigin } from '@subnetes/transparency/ledger-origin';
import { noteSigner } from '@subnetes/transparency/note-signer';
import { aborted, systemClock } from '@subnetes/runtime/clock';
import { ConfigError } from '@subnetes/runtime/errors';
import { serveGrpc } from '@subnetes/runtime/grpc-server';
import { serveHealth } from '@subnetes/runtime/health';
import { runService } from '@subnetes/runtime/run-service';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { startTracing } from '@subnetes/telemetry/tracing';
import { awaitTurn } from '#adapters/await-turn.ts';
import { sleep } from '#adapters/bus-work.ts';
import { accessByCertificate, openAccess } from '#adapters/grpc-access.ts';
import { type LedgerHandlers, ledgerHandlers, type LedgerPorts, ledgerServices } from '#adapters/grpc-handlers.ts';
import { serveHttpLog } from '#adapters/http-log.ts';
import { lazyHttpApi } from '#adapters/lazy-http-api.ts';
import { ledgerMetrics } from '#adapters/metrics.ts';
import { openStore } from '#adapters/open-store.ts';
import { bytesOfHex } from '#adapters/wire.ts';
import { doWork, type Running } from '#adapters/writer-work.ts';
import { type AskedAuditPorts, AskedAudits } from '#application/asked-audits.ts';
import { Auditor } from '#application/audit.ts';
import { EpochBalances, type EpochBalancesPorts } from '#application/epoch-balances.ts';
import { JournalTree } from '#application/journal-tree.ts';
import {
  assertNetwork,
  GenesisMismatch,
  ledgerHashes,
  openLedger,
  type RegistrationIdOf,
} from '#application/open-ledger.ts';
import { readGenesis } from '#application/read-genesis.ts';
import { CommitUnknown, StoreUnavailable } from '#application/ports.ts';
import type { Sequencer } from '#application/sequencer.ts';
import { SignatureLane } from '#application/signature-lane.ts';
import type { TreeStore } from '#application/tree-store.ts';
import { UnwitnessedEpochs } from '#application/unwitnessed-epochs.ts';
import { type LedgerConfig, readConfig } from './config.ts';

const VERSION = '0.1.0';
const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));
const STORE_RETRY_MS_MAX = 2000;

await runService('ledger', async (signal) => {
  await using teardown = new AsyncDisposableStack();
  const config = readConfig(process.env);
  const opened = await open(config, signal, teardown);
  const { genesis, hashes, logKey, ...shared } = opened;
  const { store, metrics, log, told } = shared;
  const halted = Promise.withResolvers<never>();
  halted.promise.catch(() => {}); // awaited at the end; until then it must not count as unhandled
  const place = config.tls === undefined ? { host: '127.0.0.1' } : {};
  let ready = (): true | string => 'it starts';
  const health = teardown.use(await serveHealth({ port: config.healthPort, ...place, ready: () => ready(), metrics }));
  const http = config.httpPort === undefined ? undefined : openHttp(shared, { port: config.httpPort, ...place });
  if (http !== undefined) teardown.use(await http.listening);

  told.standBy();
  const turn = await awaitTurn({
    ...shared,
    place: { port: config.grpcPort, ...place },
    addressAt: (port) => addressOf(config, port),
    clock: systemClock,
    takeOver: () => takeOver(opened, halted.reject),
    onReadiness: (is) => {
      ready = () => is;
    },
    onStandingBy: (at) => log.info({ ...at, healthPort: health.port }, 'ledger stands by'),
    onOutage: (error) => log.warn({ err: error }, 'the database cannot be reached'),
  }).catch(asConfigError);
  if (turn === undefined) return;
  const sequencer = turn.taken;
  ready = () => (sequencer.isServing ? true : 'the database cannot be reached');
  teardown.defer(() => sequencer.close());
  const auditor = new Auditor(store, genesis, shared.incidents);
  const running = {
    ...shared,
    ...slowWork({ sequencer, history: shared.history, store, auditor, hashes }, signal),
    sequencer,
    auditor,
    unwitnessed: new UnwitnessedEpochs(),
  };
  told.lead(sequencer, running.unwitnessed);
  // Not the file's: a proposal may have changed it since.
  const blockTimeMs = await sequencer.read((ledger) => ledger.network.genesis.blockTimeMs);
  const work = doWork(running, config, blockTimeMs);
  work.catch(halted.reject);
  teardown.defer(() => work.then(() => undefined));
  const handlers = handlersOf({ ...running, logKey, asset: genesis.symbol }, config);
  const rpc = teardown.use(await serveCalls(running, handlers, { config, port: turn.port }));
  http?.serve(handlers);
  await Promise.race([sayWhere(running, addressOf(config, rpc.port)), halted.promise]);
  log.info({ grpcPort: rpc.port, healthPort: health.port, networkId: genesis.networkId }, 'ledger is ready');
  await Promise.race([aborted(signal), halted.promise]);
});

/** What a ledger needs whether it writes or not. */
async function open(config: LedgerConfig, signal: AbortSignal, teardown: AsyncDisposableStack) {
  const log = createLogger({ service: 'ledger', version: VERSION, level: config.logLevel });
  const metrics = createMetrics({ service: 'ledger', version: VERSION });
  const tracing = config.otlpEndpoint === undefined ? {} : { otlpEndpoint: config.otlpEndpoint };
  teardown.use(await startTracing({ service: 'ledger', version: VERSION, ...tracing }));
  const genesis = genesisOf(config);
  const networkId = bytesOfHex(genesis.networkId);
  const hashes = ledgerHashes((registration) => registrationId(networkId, registration));
  const { treeStore, ...stores } = teardown.use(
    await openStore({
      ...config.database,
      rangeEntries: config.rangeEntries,
      migrations: MIGRATIONS,
      lockWaitMs: 0,
    }),
  );
  await assertNetwork(stores.store, genesis).catch(asConfigError);
  const { tree, logKey } = logOf(treeStore, genesis.networkId, config.logSecret);
  const told = ledgerMetrics(metrics);
  return { genesis, hashes, logKey, ...stores, tree, networkId, log, metrics, told, signal };
}

type Opened = Awaited<ReturnType<typeof open>>;

function takeOver(
  { store, genesis, hashes, told, signal }: Opened,
  onHalt: (cause: unknown) => void,
): Promise<Sequencer> {
  return openLedger({
    store,
    genesis,
    hashes,
    onHalt,
    monotonicMs: () => systemClock.monotonicMs(),
    nextTurn: () => setImmediate(),
    retryDelay: (attempt) => systemClock.sleep(Math.min(100 * 2 ** attempt, STORE_RETRY_MS_MAX), signal),
    onCommit: (batch, seconds) => told.onCommit(batch, seconds),
  });
}

type Served = Running & Pick<LedgerPorts, 'quotes' | 'audits' | 'logKey' | 'asset'>;

function handlersOf(served: Served, { tls, systemNamespace, witnesses }: LedgerConfig): LedgerHandlers {
  return ledgerHandlers({
    ...served,
    witnesses,
    shutdown: served.signal,
    access: tls === undefined ? openAccess : accessByCertificate(systemNamespace),
    countRefusal: (code) => served.told.onRefusal(code),
  });
}

function serveCalls(
  { metrics, log }: Running,
  handlers: LedgerHandlers,
  { config, port }: { readonly config: LedgerConfig; readonly port: number },
) {
  const services = ledgerServices(handlers);
  // Neurons and wallets show no certificate; whoever shows one must have it from our CA.
  const place = config.tls === undefined ? { host: '127.0.0.1' } : { tls: config.tls, mutual: false };
  return serveGrpc({ port, ...place, services, metrics, log });
}

/** Where this ledger is reached by others; empty where nobody said so. */
function addressOf({ advertisedHost }: LedgerConfig, port: number): string {
  return advertisedHost === undefined ? '' : `${advertisedHost}:${port}`;
}

function asConfigError(error: unknown): never {
  throw error instanceof GenesisMismatch ? new ConfigError(error.message) : error;
}

/** Until the database has it: a ledger that stands by knows no other way to this one. */
async function sayWhere({ seat, signal }: Running, address: string): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      return await seat.announce(address);
    } catch (error) {
      if (!(error instanceof StoreUnavailable) && !(error instanceof CommitUnknown)) throw error;
    }
    await sleep(systemClock, Math.min(100 * 2 ** attempt, STORE_RETRY_MS_MAX), signal);
  }
}

/** The journal's tree, and the key that signs it where there is a secret. */
function logOf(store: TreeStore, networkId: string, secret: Uint8Array | undefined) {
  const origin = ledgerOrigin(networkId);
  const signer = secret === undefined ? undefined : noteSigner(origin, secret);
  if (signer?.ok === false) throw new Error(`the log cannot have the name ${origin}: ${signer.message}`);
  const pause = (): Promise<void> => setImmediate();
  return { tree: new JournalTree({ store, origin, signer: signer?.value, pause }), logKey: signer?.value.key };
}

/** The log's files, from the first moment; the API for people, from the moment that this ledger writes. */
function openHttp(
  { tree, log }: Pick<Running, 'tree' | 'log'>,
  place: { readonly port: number; readonly host?: string },
) {
  const onFailure = (error: unknown): void => log.error({ err: error }, 'a request over HTTP failed');
  let api: ReturnType<typeof lazyHttpApi> = (_request, response) => {
    response.writeHead(503, { 'retry-after': '1' }).end('this ledger stands by: ask again\n');
  };
  return {
    listening: serveHttpLog({ ...place, tree, onFailure, api: (request, response) => api(request, response) }),
    serve(handlers: LedgerHandlers) {
      api = lazyHttpApi({ handlers, version: VERSION, onFailure });
    },
  };
}

/** What takes so much of the one thread that it has to make way for everything else. */
function slowWork(ports: Omit<EpochBalancesPorts, 'pause'> & Omit<AskedAuditPorts, 'time'>, signal: AbortSignal) {
  const time = {
    monotonicMs: () => systemClock.monotonicMs(),
    sleep: (ms: number) => sleep(systemClock, ms, signal),
  };
  return {
    audits: new AskedAudits({ ...ports, time }),
    balances: new EpochBalances({ ...ports, pause: () => sleep(systemClock, 0, signal) }),
    lane: new SignatureLane(time),
    quotes: new SignatureLane(time, 'QUOTES_BUSY'),
  };
}

function registrationId(
  networkId: Uint8Array,
  { block, attempt, ...registration }: Parameters<RegistrationIdOf>[0],
): string {
  const again = attempt === undefined ? {} : { attempt: BigInt(attempt) };
  const named = { ...registration, networkId, registeredAtBlock: BigInt(block), ...again };
  return Buffer.from(registrationIdOf(named)).toString('hex');
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
