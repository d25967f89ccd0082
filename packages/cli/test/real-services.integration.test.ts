import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { mandateOfText } from '@subnetes/keys/mandate';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { EmissionState, RegistrationMode } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { startNats } from '@subnetes/testkit/nats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { main } from '../src/main.ts';
import { startService } from './service-process.ts';

/** The command line against ledger and scoring as they are deployed, on PGlite and a real nats-server. */
const CLUSTER = '6a1f6b6e-0000-4000-8000-000000000001';
const EPOCH_DEADLINE_MS = 60_000;

const opened = new AsyncDisposableStack();
const folder = mkdtempSync(join(tmpdir(), 'subnetes-cli-real-'));
const env: Record<string, string> = {};
let address: string;
let networkId: string;

async function run(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    confirm: async () => false,
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

beforeAll(async () => {
  writeFileSync(join(folder, 'passphrase'), 'correct horse\n');
  address = (await run('wallet', 'create', '--name', 'quant', '--json')).json()['address'] as string;
  const genesis = { token: { symbol: 'TAO', decimals: 9, cap: '21000000' }, blockTimeMs: 100, blockReward: '1', emissionPolicy: { name: 'Equal', version: 1 }, accounts: [{ address, amount: '100' }] }; // prettier-ignore
  networkId = Buffer.from(networkIdOf(genesis)).toString('hex');
  writeFileSync(join(folder, 'genesis.json'), JSON.stringify(genesis));
  const nats = opened.use(await startNats());
  const ledger = opened.use(
    await startService('ledger', { NATS_URL: nats.url, GENESIS_FILE: join(folder, 'genesis.json') }),
  );
  const scoring = opened.use(await startService('scoring', { NATS_URL: nats.url, LEDGER_URL: ledger.address }));
  Object.assign(env, { SUBNETES_LEDGER: ledger.address, SUBNETES_SCORING: scoring.address });
});

afterAll(async () => {
  await opened.disposeAsync();
  rmSync(folder, { recursive: true });
});

/** A subnet of ten blocks a tempo, put in place under a mandate that the command line made. */
async function putSubnet(): Promise<void> {
  const told = await run(
    'mandate',
    'create',
    '--wallet',
    'quant',
    '--grant',
    'finance',
    '--operations',
    'SetPolicy',
    '--max',
    '10',
    '--cluster',
    CLUSTER,
  );
  const mandate = mandateOfText((parse(told.out) as { data: { mandate: string } }).data.mandate);
  if (mandate === undefined) throw new Error(`no mandate: ${told.out}${told.err}`);
  using client = createRpcClient(Ledger, {
    address: env['SUBNETES_LEDGER'] ?? '',
    credentials: credentials.createInsecure(),
  });
  const replay = { dataset: 'sp500-daily', startDay: '2010-01-04', daysPerBlock: 1 };
  const evaluation = { scorer: 'Crps', replay, perEpoch: 20, timeoutMs: 2000, emaPpm: 100_000, copiesSimilarityPpm: 999_000, rubric: 'Lower CRPS is better.' }; // prettier-ignore
  await client.putSubnet({
    handle: 'sp500',
    mandate,
    policy: {
      hyperparameters: { tempo: 10, immunityPeriodBlocks: 100, maxUids: 8, maxValidators: 4 },
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
      name: 'sp500',
      objectUid: 'uid-1',
      generation: 1n,
    },
  });
}

async function paidEpoch(): Promise<number> {
  const { subnets } = (await run('status', '--json')).json() as { subnets: { paidEpoch: string }[] };
  return Number(subnets[0]?.paidEpoch ?? 0);
}

test('a wallet spends, a miner registers, epochs are paid, and all of it verifies on this machine', async () => {
  await putSubnet();
  expect((await run('status')).out).toContain(`network  ${networkId.slice(0, 16)}`);

  expect(
    (await run('wallet', 'transfer', '--wallet', 'quant', '--to', 'billing:research', '--amount', '2.5', '--yes'))
      .exitCode,
  ).toBe(0);
  expect((await run('wallet', 'balance', '--account', 'billing:research', '--json')).json()).toMatchObject({
    postedRao: '2500000000',
  });

  const registered = await run('miner', 'register', '--subnet', 'sp500', '--wallet', 'quant', '--yes', '--json');
  expect(registered).toMatchObject({ exitCode: 0 });
  const { hotkey, costRao } = registered.json() as { hotkey: string; costRao: string };
  expect(costRao).toBe('1000000000');
  expect((await run('miner', 'register', '--subnet', 'sp500', '--wallet', 'quant', '--yes')).err).toContain(
    'ALREADY_REGISTERED',
  );

  // An epoch that was sealed before the registration knows nothing of the miner.
  const epoch = (await paidEpoch()) + 2;
  const deadline = Date.now() + EPOCH_DEADLINE_MS;
  while ((await paidEpoch()) < epoch && Date.now() < deadline) await delay(200);
  expect(await paidEpoch()).toBeGreaterThanOrEqual(epoch);

  const replayed = await run('epoch', 'replay', '--netuid', '1', '--epoch', String(epoch), '--json');
  expect(replayed).toMatchObject({ exitCode: 0, err: '' });
  expect(replayed.json()).toMatchObject({ epoch, equal: true });
  const explained = await run('explain', 'miner', hotkey);
  expect(explained).toMatchObject({ exitCode: 0, err: '' });
  expect(explained.out).toContain('Verified: recomputed here from stored inputs, bit for bit.');

  const verified = await run('ledger', 'verify', '--json');
  expect(verified).toMatchObject({ exitCode: 0, err: '' });
  expect(verified.json()).toMatchObject({
    ok: true,
    differenceRao: '0',
    burnedRao: '1000000000',
    audit: { chainVerified: true },
  });

  const told = await run('doctor', '--hotkey', hotkey);
  expect(told.exitCode).toBe(1); // nobody serves behind this hotkey
  expect(told.out).toContain('✔ blocks come');
  expect(told.out).toContain(
    `✘ hotkey registered on sp500 (uid 0), but it has announced no endpoint → start the miner`,
  );
});

test('the ledger’s refusals reach the user with their code', async () => {
  expect(
    (await run('wallet', 'transfer', '--wallet', 'quant', '--to', 'billing:research', '--amount', '5000', '--yes')).err,
  ).toContain('INSUFFICIENT_FUNDS');
  const balance = (await run('wallet', 'balance', '--wallet', 'quant', '--json')).json();
  expect(balance).toMatchObject({ account: address, asset: 'TAO', heldRao: '0' });
  // 100 TAO less 2.5 paid and 1 burned; the owner's cut of each epoch comes on top.
  expect(BigInt(balance['postedRao'] as string)).toBeGreaterThan(96_500_000_000n);
  expect((await run('epoch', 'replay', '--netuid', '1', '--epoch', '9999')).exitCode).toBe(2);
});
