import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRealMarket, type RealMarket } from './real-market.ts';

/** Stake on root by the command line, against a ledger as it is deployed. */
const TAO = 1_000_000_000n;

let market: RealMarket;
const run: RealMarket['run'] = (...args) => market.run(...args);
const stake = (...args: string[]) => run('stake', ...args, '--wallet', 'quant', '--json');
let hotkey: string;

beforeAll(async () => {
  market = await openRealMarket('100', { genesis: { rootStakeWeightPpm: 180_000 } });
  await market.putSubnet({ handle: 'sp500', tempo: 6000 }); // no epoch ends meanwhile: nothing else moves the balance
  const file = join(market.folder, 'first.json');
  const args = ['--subnet', 'sp500', '--wallet', 'quant', '--hotkey-file', file, '--yes', '--json'];
  hotkey = ((await run('miner', 'register', ...args)).json() as { hotkey: string }).hotkey;
});

afterAll(() => market[Symbol.asyncDispose]());

async function balance(): Promise<bigint> {
  const { postedRao } = (await run('wallet', 'balance', '--wallet', 'quant', '--json')).json() as { postedRao: string };
  return BigInt(postedRao);
}

test('a dry run tells the exact effect on root, and the same without it has that effect', async () => {
  const before = await balance();
  const planned = await stake('add', hotkey, '--root', '--amount', '7.5', '--dry-run');
  expect(planned.json()).toMatchObject({
    dryRun: true,
    stakes: [{ hotkey, netuid: 0, beforeRao: '0', afterRao: '7500000000' }],
    balanceAfterRao: (before - 7_500_000_000n).toString(),
  });
  expect(await balance()).toBe(before);
  expect(await stake('add', hotkey, '--root', '--amount', '7.5', '--yes')).toMatchObject({ exitCode: 0 });
  expect(await balance()).toBe(before - 7_500_000_000n);
  const projected = await run('calc', 'stake', hotkey, '--root', '--wallet', 'quant', '--blocks', '100', '--json');
  expect(projected.json()).toMatchObject({ hotkey, owns: false, stakeRao: '7500000000', epochsSeen: 0 });
  const { neurons } = (await stake('list')).json() as { neurons: readonly object[] };
  expect(neurons).toContainEqual(
    expect.objectContaining({ subnet: 'root', netuid: 0, hotkey, kind: 'delegated', waitingRao: '7500000000' }),
  );
});

test('it moves between the subnet and root, and all of it comes back', async () => {
  const before = await balance();
  const moved = await stake('move', hotkey, '--root', '--to', hotkey, '--to-netuid', '1', '--amount', '2', '--yes');
  expect(moved).toMatchObject({ exitCode: 0 });
  expect(moved.json()).toMatchObject({ stakes: [{ netuid: 0 }, { netuid: 1, afterRao: '2000000000' }] });
  expect(await stake('move', hotkey, '--to', hotkey, '--to-root', '--amount', '1', '--yes')).toMatchObject({
    exitCode: 0,
  });
  expect(await stake('remove', hotkey, '--root', '--yes')).toMatchObject({ exitCode: 0 });
  expect(await stake('remove', hotkey, '--yes')).toMatchObject({ exitCode: 0 });
  expect(await balance()).toBe(before + 7_500_000_000n);
});

test('what cannot be is told before anybody is asked, and costs nothing', async () => {
  const before = await balance();
  const nothing = await stake('remove', hotkey, '--root', '--amount', '1', '--yes');
  expect(nothing.err).toContain('on root');
  expect((await stake('add', hotkey, '--root', '--amount', '0.001', '--yes')).err).toContain('STAKE_TOO_SMALL');
  expect((await stake('add', 'nobody', '--root', '--amount', '1', '--yes')).err).toContain('NEURON_NOT_FOUND');
  const { address } = (await run('wallet', 'create', '--name', 'fan', '--json')).json() as { address: string };
  expect((await stake('add', address, '--root', '--amount', '1', '--yes')).err).toContain('NOT_REGISTERED');
  expect(await balance()).toBe(before);
  expect(before).toBeGreaterThan(90n * TAO);
  expect((await run('ledger', 'verify', '--json')).json()).toMatchObject({ ok: true, differenceRao: '0' });
});
