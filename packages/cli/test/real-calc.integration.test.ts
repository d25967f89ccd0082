import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRealMarket, type RealMarket } from './real-market.ts';

/** The calculators' commands against a ledger as it is deployed. */
let market: RealMarket;
let hotkey: string;

beforeAll(async () => {
  market = await openRealMarket('100');
  await market.putSubnet({ handle: 'sp500', tempo: 6000 });
  const file = join(market.folder, 'first.json');
  const args = ['--subnet', 'sp500', '--wallet', 'quant', '--hotkey-file', file, '--yes', '--json'];
  hotkey = ((await market.run('miner', 'register', ...args)).json() as { hotkey: string }).hotkey;
});

afterAll(() => market[Symbol.asyncDispose]());

test('a subnet’s emission is told for people and for programs', async () => {
  const told = await market.run('calc', 'emission', '--subnet', 'sp500', '--blocks', '1000', '--points', '2', '--json');
  expect(told.json()).toMatchObject({
    basis: 'Equal',
    method: 'Determined',
    points: [{ blocks: 500 }, { blocks: 1000, lowRao: '1000000000000', meanRao: '1000000000000' }],
  });
  const people = await market.run('calc', 'emission', '--subnet', 'sp500', '--days', '1');
  expect(people.out).toMatch(/864000 blocks \(1 day\) +864.000 TAO/u);
});

test('stake and registration say what is not known yet', async () => {
  const stake = await market.run('calc', 'stake', hotkey, '--amount', '5', '--blocks', '100');
  expect(stake.out).toContain('no epoch was paid yet');
  const own = await market.run(
    'calc',
    'stake',
    hotkey,
    '--amount',
    '5',
    '--wallet',
    'quant',
    '--blocks',
    '100',
    '--json',
  );
  expect(own.json()).toMatchObject({ owns: true, stakeRao: '5000000000', mean: { rewardRao: '0', epochs: 0 } });
  const registration = await market.run('calc', 'registration', '--subnet', 'sp500', '--days', '0.01');
  expect(registration.out).toMatch(/Costs +1 TAO now/);
});

test('what cannot be projected is refused', async () => {
  expect((await market.run('calc', 'stake', hotkey)).err).toContain('which stake?');
  expect((await market.run('calc', 'stake', 'nobody', '--amount', '1')).err).toContain('NEURON_NOT_FOUND');
  expect((await market.run('calc', 'emission', '--subnet', 'sp500', '--days', '-1')).err).toContain('--days');
  expect((await market.run('calc', 'emission', '--subnet', 'sp500', '--blocks', '0')).err).toContain(
    'INVALID_ARGUMENT',
  );
  expect((await market.run('calc', 'registration', '--subnet', 'none')).err).toContain('SUBNET_UNKNOWN');
});
