import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { networkIdOf, registrationIdOf } from '@subnetes/keys/canonical-hash';
import { ledgerOrigin } from '@subnetes/transparency/ledger-origin';
import { noteSigner } from '@subnetes/transparency/note-signer';
import { type Authority, createAuthority, issueCertificate } from '@subnetes/pki/certificates';
import { Governance } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { Calculators } from '@subnetes/proto/gen/subnetes/ledger/v1/calculators_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Pools } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import { Mandates } from '@subnetes/proto/gen/subnetes/ledger/v1/mandates_pb';
import { Preview } from '@subnetes/proto/gen/subnetes/ledger/v1/preview_pb';
import { Root } from '@subnetes/proto/gen/subnetes/ledger/v1/root_pb';
import { Slashing } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { Lifecycle } from '@subnetes/proto/gen/subnetes/ledger/v1/lifecycle_pb';
import type { Neuron } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { RpcService } from '@subnetes/proto/grpc-adapter';
import { createRpcClient, type RpcClient } from '@subnetes/proto/grpc-client';
import { serveGrpc } from '@subnetes/runtime/grpc-server';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { produceBlock } from '#domain/economy/emission.ts';
import { payEpoch } from '#domain/economy/payout.ts';
import { accessByCertificate } from '#adapters/grpc-access.ts';
import { type LedgerHandlers, ledgerHandlers, ledgerServices } from '#adapters/grpc-handlers.ts';
import { memoryAccountHistory } from '#adapters/memory-account-history.ts';
import { memoryDatabase, memoryJournal } from '#adapters/memory-journal.ts';
import { memoryTree } from '#adapters/memory-tree.ts';
import type { AccountHistory } from '#application/account-history.ts';
import { AskedAudits } from '#application/asked-audits.ts';
import { Auditor } from '#application/audit.ts';
import { EpochBalances } from '#application/epoch-balances.ts';
import { JournalTree } from '#application/journal-tree.ts';
import { ledgerHashes, openLedger } from '#application/open-ledger.ts';
import { readGenesis } from '#application/read-genesis.ts';
import { type LaneTime, SignatureLane } from '#application/signature-lane.ts';
import type { Sequencer } from '#application/sequencer.ts';
import { UnwitnessedEpochs } from '#application/unwitnessed-epochs.ts';
import { genesis, putSubnetOf, registerOf } from './market.ts';

export type Client = RpcClient<typeof Ledger>;
type MandatesClient = RpcClient<typeof Mandates>;
export type CalculatorClient = RpcClient<typeof Calculators>;

const DAY_MS = 86_400_000;

/** The service over TLS on an empty ledger in memory, whose blocks are made by hand. */
export interface ServedLedger extends AsyncDisposable {
  readonly operator: Client;
  readonly billing: Client;
  /** Shows no certificate, as neurons and wallets do. */
  readonly neuron: Client;
  /** Subnets' tokens, for everybody. */
  readonly pools: RpcClient<typeof Pools>;
  /** What orders would do, for everybody. */
  readonly preview: RpcClient<typeof Preview>;
  /** Stake on root, for everybody. */
  readonly root: RpcClient<typeof Root>;
  /** Neither does this one. */
  readonly governance: RpcClient<typeof Governance>;
  /** Shows no certificate. */
  readonly calculators: CalculatorClient;
  /** A client that shows a certificate for a part, of the given authority. */
  connect(part: string, issuer: Authority): Promise<Client>;
  /** Of the service for slashes; shows no certificate where no part is named. */
  slashing(part?: string): Promise<RpcClient<typeof Slashing>>;
  produce(blocks: number): Promise<void>;
  /** Produces blocks until subnet 1 seals an epoch and pays it to nobody but the owner; answers its index. */
  payEpoch(): Promise<number>;
  readonly tree: JournalTree;
  readonly balances: EpochBalances;
  /** The service for mandates and keys, for the operator and for whoever shows no certificate. */
  readonly mandates: { readonly operator: MandatesClient; readonly wallet: MandatesClient };
  /** The services without a wire. */
  readonly handlers: LedgerHandlers;
  /** The service of lives, with the operator's certificate. */
  readonly lifecycle: RpcClient<typeof Lifecycle>;
  /** Indexes the journal up to its end and signs it. */
  signCheckpoint(): Promise<void>;
  /** A subnet with one registered neuron. */
  market(): Promise<Neuron>;
}

/** A network to serve: the usual genesis, with changes. */
export interface ServedGenesis {
  readonly values: object;
  readonly networkId: Uint8Array;
}

export function genesisOf(change: object): ServedGenesis {
  const values = { ...genesis, ...change };
  return { values, networkId: networkIdOf(values) };
}

const USUAL = genesisOf({});

const WALL_TIME: LaneTime = { monotonicMs: () => performance.now(), sleep: (ms) => delay(ms) };

/** @param laneTime of the lanes that signatures and quotes wait in */
export async function serveLedger(network = USUAL, laneTime = WALL_TIME): Promise<ServedLedger> {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'subnetes-tls-'));
  opening.defer(() => rm(folder, { recursive: true }));
  const authority = await createAuthority('test', Date.now(), DAY_MS);
  const sequencer = await openInMemory(network);
  const { port, handlers } = await serve(sequencer, { folder, authority, opening, laneTime });
  const clients = await Promise.all([
    clientOf(authority, { port, part: 'operator', issuer: authority }),
    clientOf(authority, { port, part: 'billing', issuer: authority }),
    clientOf(authority, { port }),
  ]);
  const lifecycle = opening.use(await clientOf(authority, { port, part: 'operator', issuer: authority }, Lifecycle));
  for (const client of clients) opening.use(client);
  const pools = opening.use(await clientOf(authority, { port }, Pools));
  const governance = opening.use(await clientOf(authority, { port }, Governance));
  const mandates = {
    operator: opening.use(await clientOf(authority, { port, part: 'operator', issuer: authority }, Mandates)),
    wallet: opening.use(await clientOf(authority, { port }, Mandates)),
  };
  const teardown = opening.move();
  const [operator, billing, neuron] = clients;
  const address = {
    address: `localhost:${port}`,
    credentials: credentials.createSsl(Buffer.from(authority.certificatePem)),
  };
  return {
    calculators: teardown.use(createRpcClient(Calculators, address)),
    preview: teardown.use(createRpcClient(Preview, address)),
    root: teardown.use(createRpcClient(Root, address)),
    operator,
    lifecycle,
    billing,
    neuron,
    pools,
    governance,
    mandates,
    connect: async (part, issuer) => teardown.use(await clientOf(authority, { port, part, issuer })),
    slashing: async (part) => {
      const channel = await channelOf(authority, part === undefined ? {} : { part, issuer: authority });
      return teardown.use(createRpcClient(Slashing, { address: `localhost:${port}`, credentials: channel }));
    },
    async produce(blocks) {
      for (let at = 0; at < blocks; at += 1) {
        await sequencer.sequencer.submit({ run: (ledger) => produceBlock(ledger, 0) });
      }
    },
    payEpoch: () => payNextEpoch(sequencer.sequencer),
    tree: sequencer.tree,
    balances: sequencer.balances,
    handlers,
    async signCheckpoint() {
      while ((await sequencer.tree.index()) > 0);
      await sequencer.tree.sign();
    },
    market: () => openMarket(operator),
    [Symbol.asyncDispose]: () => teardown.disposeAsync(),
  };
}

/** A subnet with one registered neuron. */
async function openMarket(operator: Client): Promise<Neuron> {
  await operator.putSubnet(putSubnetOf('sp500'));
  const { neuron } = await operator.register(registerOf(1, 'garch'));
  if (neuron === undefined) throw new Error('nothing was registered');
  return neuron;
}

async function payNextEpoch(sequencer: Sequencer): Promise<number> {
  for (;;) {
    const produced = await sequencer.submit({ run: (ledger) => produceBlock(ledger, 0) });
    if (!produced.ok) throw new Error(produced.message);
    const [epoch] = produced.value.sealed;
    if (epoch === undefined) continue;
    const { netuid, index, sequence: dueSequence } = epoch;
    const hashes = { inputsSha256: '1'.repeat(64), outputsSha256: '2'.repeat(64) };
    const scored = { netuid, index, dueSequence, ...hashes, neurons: [], shares: [] };
    const paid = await sequencer.submit({ run: (ledger) => payEpoch(ledger, scored) });
    if (!paid.ok) throw new Error(paid.message);
    return index;
  }
}

interface InMemory {
  readonly sequencer: Sequencer;
  readonly store: ReturnType<typeof memoryJournal>;
  readonly auditor: Auditor;
  readonly history: AccountHistory;
  readonly balances: EpochBalances;
  readonly hashes: ReturnType<typeof ledgerHashes>;
  readonly tree: JournalTree;
  readonly logKey: ReturnType<typeof signerOf>['key'];
  readonly networkId: Uint8Array;
}

function signerOf(origin: string) {
  const signer = noteSigner(origin, new Uint8Array(32).fill(9));
  if (!signer.ok) throw new Error(signer.message);
  return signer.value;
}

async function openInMemory({ values, networkId: id }: ServedGenesis): Promise<InMemory> {
  const read = readGenesis(JSON.stringify(values));
  if (!read.ok) throw new Error(read.message);
  const hashes = ledgerHashes(({ block, attempt, ...registration }) => {
    const again = attempt === undefined ? {} : { attempt: BigInt(attempt) };
    const named = { ...registration, networkId: id, registeredAtBlock: BigInt(block), ...again };
    return Buffer.from(registrationIdOf(named)).toString('hex');
  });
  const database = memoryDatabase();
  const store = memoryJournal(database);
  const sequencer = await openLedger({
    store,
    hashes,
    genesis: read.value,
    monotonicMs: () => performance.now(),
    retryDelay: async () => {},
    onHalt: () => {},
  });
  const origin = ledgerOrigin(read.value.networkId);
  const signer = signerOf(origin);
  const tree = new JournalTree({ store: memoryTree(database), origin, signer, pause: async () => {} });
  const history = memoryAccountHistory(database);
  const balances = new EpochBalances({ sequencer, history, store, pause: async () => {} });
  const auditor = new Auditor(store, read.value);
  return { sequencer, store, auditor, history, balances, hashes, tree, logKey: signer.key, networkId: id };
}

async function serve(
  ledger: InMemory,
  place: {
    readonly folder: string;
    readonly authority: Authority;
    readonly opening: AsyncDisposableStack;
    readonly laneTime: LaneTime;
  },
): Promise<{ readonly port: number; readonly handlers: ServedLedger['handlers'] }> {
  const [caFile, certFile, keyFile] = ['ca.crt', 'tls.crt', 'tls.key'].map((name) => path.join(place.folder, name));
  if (caFile === undefined || certFile === undefined || keyFile === undefined) throw new Error('three files are made');
  const shown = await certificateOf('ledger', place.authority);
  await writeFile(caFile, place.authority.certificatePem);
  await writeFile(certFile, shown.certificatePem);
  await writeFile(keyFile, shown.keyPem);
  const callers = { countRefusal: () => {}, access: accessByCertificate('subnetes-system') };
  const ports = {
    ...ledger,
    audits: new AskedAudits({ ...ledger, time: place.laneTime }),
    lane: new SignatureLane(place.laneTime),
    quotes: new SignatureLane(place.laneTime, 'QUOTES_BUSY'),
    asset: 'TAO',
    witnesses: { required: 0, keys: [] },
    unwitnessed: new UnwitnessedEpochs(),
    shutdown: new AbortController().signal,
    ...callers,
  };
  const handlers = ledgerHandlers(ports);
  const rpc = await serveGrpc({
    port: 0,
    host: '127.0.0.1',
    tls: { caFile, certFile, keyFile },
    mutual: false,
    services: ledgerServices(handlers),
    metrics: createMetrics({ service: 'ledger', version: 'test', processMetrics: false }),
    log: createLogger({ service: 'ledger', level: 'silent' }),
    drainMs: 0,
  });
  return { port: place.opening.use(rpc).port, handlers };
}

function certificateOf(part: string, issuer: Authority) {
  const dnsNames = [`${part}.subnetes-system.svc`, 'localhost'];
  const spec = { commonName: part, dnsNames, usages: ['server', 'client'] as const, validMs: DAY_MS };
  return issueCertificate(issuer, spec, Date.now());
}

async function clientOf<S extends RpcService = typeof Ledger>(
  trusted: Authority,
  to: { readonly port: number; readonly part?: string; readonly issuer?: Authority },
  service = Ledger as RpcService as S,
): Promise<RpcClient<S>> {
  return createRpcClient(service, { address: `localhost:${to.port}`, credentials: await channelOf(trusted, to) });
}

async function channelOf(trusted: Authority, to: { readonly part?: string; readonly issuer?: Authority }) {
  const ca = Buffer.from(trusted.certificatePem);
  const shown = to.part === undefined ? undefined : await certificateOf(to.part, to.issuer ?? trusted);
  return shown === undefined
    ? credentials.createSsl(ca)
    : credentials.createSsl(ca, Buffer.from(shown.keyPem), Buffer.from(shown.certificatePem));
}
