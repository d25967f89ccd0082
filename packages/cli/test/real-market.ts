import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { mandateOfText } from '@subnetes/keys/mandate';
import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { sessionKeyOf } from '@subnetes/keys/session-key';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { EmissionState, RegistrationMode } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { startNats } from '@subnetes/testkit/nats';
import { parse } from 'yaml';
import { main } from '../src/main.ts';
import { type ServiceProcess, startService } from './service-process.ts';

const CLUSTER = '6a1f6b6e-0000-4000-8000-000000000001';

/** What one command line said. */
export interface RealTold {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  json(): Record<string, unknown>;
}

/** Ledger and scoring as they are deployed, on PGlite and a real nats-server, with a wallet and blocks of 100 ms. */
export interface RealMarket extends AsyncDisposable {
  readonly ledgerAddress: string;
  readonly scoringAddress: string;
  /** Of the wallet `quant`, which holds all there is. */
  readonly address: string;
  readonly networkId: Buffer;
  readonly folder: string;
  /** The command line with the wallet's folder and passphrase. */
  run(...args: readonly string[]): Promise<RealTold>;
  /** The same with somebody at a terminal, who answers all questions so. */
  runAsked(answer: boolean, ...args: readonly string[]): Promise<RealTold>;
  /** Puts a subnet in place, under a mandate that the command line made; `sp500` of ten blocks a tempo if not told otherwise. */
  putSubnet(subnet?: RealSubnet): Promise<void>;
  /** Ends the registration of one of the wallet's neurons in the first subnet. */
  deregister(hotkey: string): Promise<void>;
  /** Kills a service and starts it again at its address. Its database has to be one that outlives it. */
  crash(service: 'ledger' | 'scoring'): Promise<void>;
  /** Newest epoch of it that was paid; 0 before the first. */
  paidEpoch(): Promise<number>;
}

/** A subnet to put in place; hyperparameters that are not given are a small market's. */
export interface RealSubnet {
  readonly handle: string;
  readonly tempo: number;
  readonly maxUids?: number;
  readonly immunityPeriodBlocks?: number;
  readonly maxValidators?: number;
  readonly evictionNoticeBlocks?: number;
}

export interface RealMarketOptions {
  /** Further members of genesis. */
  readonly genesis?: object;
  /** Of genesis; Equal if not given. */
  readonly emissionPolicy?: object;
  /** Of genesis; none if not given. */
  readonly subnetTokens?: object;
  /** Of genesis; none if not given. */
  readonly governance?: object;
  readonly databases?: { readonly ledger: string; readonly scoring: string };
  readonly natsUrl?: string;
  /** Whether a witness runs, without whose signature the ledger takes no epoch. */
  readonly witnessed?: boolean;
}

const WITNESS_SECRET = '07'.repeat(32);

/** Starts all of it. `tokens` are what the wallet begins with. */
export async function openRealMarket(tokens: string, options: RealMarketOptions = {}): Promise<RealMarket> {
  const { emissionPolicy = { name: 'Equal', version: 1 }, databases } = options;
  const opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'subnetes-cli-real-'));
  opened.defer(() => rmSync(folder, { recursive: true }));
  const env: Record<string, string> = {};
  const run = (...args: readonly string[]) => runCommand(args, { folder, env });
  writeFileSync(join(folder, 'passphrase'), 'correct horse\n');
  const address = (await run('wallet', 'create', '--name', 'quant', '--json')).json()['address'] as string;
  const genesis = { token: { symbol: 'TAO', decimals: 9, cap: '21000000' }, blockTimeMs: 100, blockReward: '1', emissionPolicy, ...options.genesis, accounts: [{ address, amount: tokens }], ...(options.subnetTokens === undefined ? {} : { subnetTokens: options.subnetTokens }), ...(options.governance === undefined ? {} : { governance: options.governance }) }; // prettier-ignore
  writeFileSync(join(folder, 'genesis.json'), JSON.stringify(genesis));
  writeFileSync(join(folder, 'log-key'), '6b'.repeat(32));
  const natsUrl = options.natsUrl ?? opened.use(await startNats()).url;
  const onDisk = (service: 'ledger' | 'scoring') =>
    databases === undefined ? {} : { DATABASE_URL: databases[service] };
  const running = new Map<'ledger' | 'scoring', ServiceProcess>();
  const environments = new Map<'ledger' | 'scoring', Record<string, string>>();
  opened.defer(async () => {
    for (const service of [...running.values()].toReversed()) await service[Symbol.asyncDispose]();
  });
  const begin = async (name: 'ledger' | 'scoring', environment: Record<string, string>): Promise<ServiceProcess> => {
    const service = await startService(name, { NATS_URL: natsUrl, ...onDisk(name), ...environment });
    running.set(name, service);
    environments.set(name, { ...environment, GRPC_PORT: service.address.split(':')[1] ?? '0' });
    return service;
  };
  const rule = options.witnessed === true ? { WITNESS_KEYS: witnessKey() } : {};
  const ledger = await begin('ledger', {
    ...rule,
    ...(options.witnessed === true ? { WITNESSES_REQUIRED: '1' } : {}),
    GENESIS_FILE: join(folder, 'genesis.json'),
    LOG_KEY_FILE: join(folder, 'log-key'),
    CHECKPOINT_BLOCKS: '1',
  });
  const scoring = await begin('scoring', { LEDGER_URL: ledger.address, ...rule });
  if (options.witnessed === true) opened.use(await startWitness(folder, { ledger, scoring }));
  Object.assign(env, { SUBNETES_LEDGER: ledger.address, SUBNETES_SCORING: scoring.address });
  return {
    ledgerAddress: ledger.address,
    scoringAddress: scoring.address,
    address,
    networkId: Buffer.from(networkIdOf(genesis)),
    folder,
    run,
    runAsked: (answer, ...args) => runCommand(args, { folder, env, answer }),
    putSubnet: (subnet = { handle: 'sp500', tempo: 10 }) => putSubnet(run, ledger.address, subnet),
    deregister: (hotkey) => deregister(run, ledger.address, hotkey),
    crash: async (name) => {
      await running.get(name)?.kill();
      await begin(name, environments.get(name) ?? {});
    },
    paidEpoch: async () => {
      const { subnets } = (await run('status', '--json')).json() as { subnets: { paidEpoch: string }[] };
      return Number(subnets[0]?.paidEpoch ?? 0);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function witnessKey(): string {
  return Buffer.from(sessionKeyOf(Buffer.from(WITNESS_SECRET, 'hex')).publicKey).toString('hex');
}

function startWitness(
  folder: string,
  watched: { readonly ledger: ServiceProcess; readonly scoring: ServiceProcess },
): Promise<ServiceProcess> {
  const keyFile = join(folder, 'witness-key');
  writeFileSync(keyFile, WITNESS_SECRET);
  const peers = { LEDGER_URL: watched.ledger.address, SCORING_URL: watched.scoring.address };
  return startService('witness', { ...peers, WITNESS_KEY_FILE: keyFile });
}

async function runCommand(
  args: readonly string[],
  { folder, env, answer }: { readonly folder: string; readonly env: Record<string, string>; readonly answer?: boolean },
): Promise<RealTold> {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    hasTerminal: answer !== undefined,
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    confirm: async () => answer === true,
    askSecret: async () => '',
  };
  const flags = ['--wallet-dir', join(folder, 'wallets'), '--passphrase-file', join(folder, 'passphrase')];
  const exitCode = await main([...args, ...flags], { io, env, cwd: folder, now: Date.now });
  return {
    exitCode,
    out: out.join('\n'),
    err: err.join('\n'),
    json: () => JSON.parse(out.join('')) as Record<string, unknown>,
  };
}

async function mandateFor(run: RealMarket['run'], operations: string): Promise<SignedEnvelope> {
  const grant = ['--grant', 'finance', '--operations', operations, '--max', '100', '--cluster', CLUSTER];
  const told = await run('mandate', 'create', '--wallet', 'quant', ...grant);
  const mandate = mandateOfText((parse(told.out) as { data: { mandate: string } }).data.mandate);
  if (mandate === undefined) throw new Error(`no mandate: ${told.out}${told.err}`);
  return mandate;
}

async function deregister(run: RealMarket['run'], ledgerAddress: string, hotkey: string): Promise<void> {
  const mandate = await mandateFor(run, 'Deregister');
  using client = createRpcClient(Ledger, { address: ledgerAddress, credentials: credentials.createInsecure() });
  const cause = {
    cluster: CLUSTER,
    kind: 'Miner',
    namespace: 'finance',
    name: 'gone',
    objectUid: 'uid-gone',
    generation: 1n,
  };
  await client.deregister({ netuid: 1, hotkey, mandate, cause });
}

async function putSubnet(
  run: RealMarket['run'],
  ledgerAddress: string,
  { handle, tempo, ...rules }: RealSubnet,
): Promise<void> {
  const mandate = await mandateFor(run, 'SetPolicy');
  using client = createRpcClient(Ledger, { address: ledgerAddress, credentials: credentials.createInsecure() });
  const replay = { dataset: 'sp500-daily', startDay: '2010-01-04', daysPerBlock: 1 };
  const evaluation = { scorer: 'Crps', replay, perEpoch: 20, timeoutMs: 2000, emaPpm: 100_000, copiesSimilarityPpm: 999_000, rubric: 'Lower CRPS is better.' }; // prettier-ignore
  await client.putSubnet({
    handle,
    mandate,
    policy: {
      hyperparameters: { tempo, immunityPeriodBlocks: 10 * tempo, maxUids: 8, maxValidators: 4, ...rules },
      mechanisms: [
        {
          id: 0,
          name: 'forecast',
          emissionWeight: 1,
          quantileForecast: { horizonsDays: [1, 5], quantiles: 19 },
          evaluation,
        },
      ],
    },
    emission: EmissionState.STARTED,
    registration: RegistrationMode.OPEN,
    cause: {
      cluster: CLUSTER,
      kind: 'Subnet',
      namespace: 'finance',
      name: handle,
      objectUid: `uid-${handle}`,
      generation: 1n,
    },
  });
}
