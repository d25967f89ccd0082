import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EXAMPLE_FUNCTIONS_BASE64 } from '@subnetes/incentive/gen/example-functions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRealMarket, type RealMarket } from './real-market.ts';

/** The command line against ledger and scoring as they are deployed. */
const EPOCH_DEADLINE_MS = 90_000;

let market: RealMarket;
const run: RealMarket['run'] = (...args) => market.run(...args);

beforeAll(async () => {
  market = await openRealMarket('100');
});

afterAll(() => market[Symbol.asyncDispose]());

test('a wallet spends, a miner registers, epochs are paid, and all of it verifies on this machine', async () => {
  await market.putSubnet();
  expect((await run('status')).out).toContain(`network  ${market.networkId.toString('hex').slice(0, 16)}`);

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
  const epoch = (await market.paidEpoch()) + 2;
  const deadline = Date.now() + EPOCH_DEADLINE_MS;
  while ((await market.paidEpoch()) < epoch && Date.now() < deadline) await delay(200);
  expect(await market.paidEpoch()).toBeGreaterThanOrEqual(epoch);

  const replayed = await run('epoch', 'replay', '--netuid', '1', '--epoch', String(epoch), '--json');
  expect(replayed).toMatchObject({ exitCode: 0, err: '' });
  expect(replayed.json()).toMatchObject({ epoch, equal: true });
  const explained = await run('explain', 'miner', hotkey);
  expect(explained).toMatchObject({ exitCode: 0, err: '' });
  expect(explained.out).toContain(
    'Verified: recomputed here from stored inputs, bit for bit, every line and change above.',
  );

  const verified = await run('ledger', 'verify', '--json');
  expect(verified).toMatchObject({ exitCode: 0, err: '' });
  expect(verified.json()).toMatchObject({
    ok: true,
    differenceRao: '0',
    burnedRao: '1000000000',
    audit: { chainVerified: true },
    checkpoint: { logKey: expect.stringContaining(`subnetes.io/ledger/${market.networkId.toString('hex')}+`) },
  });

  const file = join(market.folder, 'payout.tlog-proof');
  const prove = () => run('ledger', 'prove', '--epoch', String(epoch), '--miner', hotkey, '--out', file);
  let proven = await prove();
  // A checkpoint comes with each block here; until then the entry is in none.
  while (proven.err.includes('NOT_IN_CHECKPOINT') && Date.now() < deadline) proven = await prove();
  expect(proven).toMatchObject({ exitCode: 0 });
  const [, key = '', registration = ''] = /--log-key '(.+)' .*--registration ([0-9a-f]{64})/.exec(proven.err) ?? [];
  const asked = ['--log-key', key, '--netuid', '1', '--epoch', String(epoch), '--registration', registration];
  // Nobody scores in this market: the payout is there, and it is nothing.
  expect((await run('ledger', 'check', file, ...asked, '--json')).json()).toMatchObject({
    ok: true,
    kind: 'EpochPaid',
    payout: { uid: 0, incentive: '0', dividend: '0' },
  });
  const seal = ['ledger', 'prove', '--key', `epoch:1:${epoch + 9000}`];
  expect((await run(...seal)).err).toContain('ENTRY_UNKNOWN');

  const told = await run('doctor', '--hotkey', hotkey);
  expect(told.exitCode).toBe(1); // nobody serves behind this hotkey
  expect(told.out).toContain('✔ blocks come');
  expect(told.out).toContain(
    `✘ hotkey registered on sp500 (uid 0), but it has announced no endpoint → start the miner`,
  );
});

test('an owner publishes an incentive function; scoring keeps it, and refuses others’', async () => {
  const file = join(market.folder, 'winner.wasm');
  writeFileSync(file, Buffer.from(EXAMPLE_FUNCTIONS_BASE64['winner-takes-most'], 'base64'));
  const publish = (...more: string[]) =>
    run('function', 'publish', file, '--subnet', 'sp500', '--wallet', 'quant', '--json', ...more);
  const published = await publish();
  expect(published).toMatchObject({ exitCode: 0, err: '' });
  expect(published.json()).toMatchObject({ netuid: 1, repeatedCall: false, sha256: expect.any(String) });
  expect((await publish()).json()).toMatchObject({ repeatedCall: true });
  await run('wallet', 'create', '--name', 'stranger');
  const refused = await run('function', 'publish', file, '--subnet', 'sp500', '--wallet', 'stranger');
  expect(refused.err).toContain('NOT_OWNER');
  writeFileSync(file, '(module)');
  expect((await publish()).err).toContain('MODULE_MALFORMED');
});

test('the ledger’s refusals reach the user with their code', async () => {
  expect(
    (await run('wallet', 'transfer', '--wallet', 'quant', '--to', 'billing:research', '--amount', '5000', '--yes')).err,
  ).toContain('INSUFFICIENT_FUNDS');
  const balance = (await run('wallet', 'balance', '--wallet', 'quant', '--json')).json();
  expect(balance).toMatchObject({ account: market.address, asset: 'TAO', heldRao: '0' });
  // 100 TAO less 2.5 paid and 1 burned; the owner's cut of each epoch comes on top.
  expect(BigInt(balance['postedRao'] as string)).toBeGreaterThan(96_500_000_000n);
  expect((await run('epoch', 'replay', '--netuid', '1', '--epoch', '9999')).exitCode).toBe(2);
});
