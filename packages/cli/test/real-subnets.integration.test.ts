import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openRealMarket, type RealMarket } from './real-market.ts';

/** The subnet commands against a ledger as it is deployed: one subnet of two places, whose owner's first neuron never goes. */
let market: RealMarket;
let first: string;
let second: string;

const subnet = (...args: string[]) => market.run('subnet', ...args, '--json');

async function register(hotkeyFile: string) {
  const file = join(market.folder, hotkeyFile);
  const args = ['--subnet', 'sp500', '--wallet', 'quant', '--hotkey-file', file, '--yes', '--json'];
  const registered = await market.run('miner', 'register', ...args);
  expect(registered).toMatchObject({ exitCode: 0 });
  return registered.json() as { hotkey: string; waits?: boolean };
}

interface Evictions {
  readonly places: readonly { readonly uid: number; readonly hotkey: string; readonly standing: string }[];
  readonly pending: readonly { readonly hotkey: string; readonly newcomerHotkey: string }[];
}

const evictions = async () => (await subnet('evictions', 'sp500')).json() as unknown as Evictions;

beforeAll(async () => {
  market = await openRealMarket('100', { genesis: { subnetRemoval: { noticeBlocks: 10 } } });
  const rules = { maxUids: 2, maxValidators: 2, immunityPeriodBlocks: 21, evictionNoticeBlocks: 500 };
  await market.putSubnet({ handle: 'sp500', tempo: 10, ...rules });
  ({ hotkey: first } = await register('first.json'));
  ({ hotkey: second } = await register('second.json'));
});

afterAll(() => market[Symbol.asyncDispose]());

test('a newcomer waits, the neuron that is told sees it, pays the same and stays', async () => {
  await vi.waitFor(
    async () => expect((await evictions()).places).toMatchObject([{ hotkey: second, standing: 'Evictable' }, {}]),
    { timeout: 60_000, interval: 200 },
  );
  expect((await evictions()).places[1]).toMatchObject({ hotkey: first, standing: 'OwnersFirst' });
  const newcomer = await register('third.json');
  expect(newcomer.waits).toBe(true);
  expect(await evictions()).toMatchObject({
    places: [{ hotkey: second, standing: 'Announced' }, {}],
    pending: [{ hotkey: second, newcomerHotkey: newcomer.hotkey }],
  });
  expect((await market.run('subnet', 'show', 'sp500')).out).toContain(`subnetes subnet match ${second}`);
  const planned = await subnet('match', second, '--wallet', 'quant', '--dry-run');
  expect(planned.json()).toMatchObject({ dryRun: true, costRao: '1000000000', hotkey: second });
  const dear = await subnet('match', second, '--wallet', 'quant', '--max-cost', '0.5', '--yes');
  expect(dear.err).toContain('staying costs');
  expect(await subnet('match', second, '--wallet', 'quant', '--yes')).toMatchObject({ exitCode: 0 });
  expect(await evictions()).toMatchObject({ places: [{}, {}], pending: [] });
  const again = await subnet('match', second, '--wallet', 'quant', '--yes');
  expect(again.err).toContain('EVICTION_NOT_ANNOUNCED');
});

test('a neuron of the wallet leaves by an order, which is shown before', async () => {
  const leave = (...args: string[]) =>
    market.run('miner', 'deregister', second, '--wallet', 'quant', '--json', ...args);
  expect((await leave('--dry-run')).json()).toMatchObject({ dryRun: true, netuid: 1, hotkey: second, stakeRao: '0' });
  expect((await leave()).err).toContain('NOT_CONFIRMED');
  // Of the wallet's balance nothing can be told: as owner it is paid with each epoch.
  expect((await evictions()).places.map(({ hotkey }) => hotkey)).toContain(second);
  expect((await leave('--yes')).json()).toMatchObject({ dryRun: false, hotkey: second });
  expect((await leave('--yes')).exitCode).not.toBe(0);
  expect((await evictions()).places).toMatchObject([{ hotkey: first }]);
});

test('an owner announces the end, takes it back, announces it again, and the subnet ends', async () => {
  const planned = await subnet('dissolve', 'sp500', '--wallet', 'quant', '--dry-run');
  expect(planned.json()).toMatchObject({ dryRun: true, netuid: 1, neurons: 1 });
  const far = await subnet('dissolve', 'sp500', '--wallet', 'quant', '--at-block', '1', '--yes');
  expect(far.err).toContain('NOTICE_TOO_SHORT');
  const late = ['--at-block', '100000'];
  expect(await subnet('dissolve', 'sp500', '--wallet', 'quant', ...late, '--yes')).toMatchObject({ exitCode: 0 });
  expect((await market.run('subnet', 'list')).out).toContain('ends in block 100000');
  expect(await subnet('keep', 'sp500', '--wallet', 'quant', '--yes')).toMatchObject({ exitCode: 0 });
  expect((await market.run('subnet', 'show', 'sp500')).out).toContain('goes on');
  expect(await subnet('dissolve', 'sp500', '--wallet', 'quant', '--yes')).toMatchObject({ exitCode: 0 });
  await vi.waitFor(
    async () => expect((await subnet('show', 'sp500')).json()).toMatchObject({ dissolution: { phase: 'Dissolved' } }),
    { timeout: 30_000, interval: 200 },
  );
  expect((await subnet('list')).json()).toEqual({ subnets: [] });
  expect(await market.run('ledger', 'verify')).toMatchObject({ exitCode: 0 });
});

test('a wallet creates a subnet by its own order', async () => {
  const policyFile = join(market.folder, 'policy.json');
  const evaluation = { scorer: 'Crps', replay: { dataset: 'sp500-daily', startDay: '2010-01-04', daysPerBlock: 1 }, perEpoch: 20, timeoutMs: 2000, emaPpm: 100_000 }; // prettier-ignore
  const mechanism = { name: 'forecast', emissionWeight: 1, quantileForecast: { horizonsDays: [1], quantiles: 19 }, evaluation }; // prettier-ignore
  writeFileSync(policyFile, JSON.stringify({ mechanisms: [mechanism] }));
  const create = (...args: string[]) =>
    subnet('create', 'news', '--wallet', 'quant', '--policy-file', policyFile, ...args);
  expect((await create('--dry-run')).json()).toMatchObject({ dryRun: true, handle: 'news', costRao: '0' });
  expect(await create('--yes')).toMatchObject({ exitCode: 0 });
  expect((await subnet('show', 'news')).json()).toMatchObject({ netuid: 2, ownerColdkey: market.address });
  expect((await create('--yes')).err).toContain('HANDLE_TAKEN');
  const change = (...args: string[]) => subnet('change', 'news', '--wallet', 'quant', ...args);
  expect((await change('--registration', 'Approval', '--dry-run')).json()).toMatchObject({ dryRun: true, netuid: 2 });
  expect(await change('--registration', 'Invited', '--yes')).toMatchObject({ exitCode: 64 });
  expect(await change('--yes')).toMatchObject({ exitCode: 64 });
  expect(await change('--registration', 'Approval', '--emission', 'Held', '--yes')).toMatchObject({ exitCode: 0 });
  const request = ['--subnet', 'news', '--wallet', 'quant', '--hotkey', first, '--yes'];
  expect(await market.run('subnet', 'request', ...request)).toMatchObject({ exitCode: 0 });
  expect((await market.run('subnet', 'requests', 'news')).out).toContain(first);
  writeFileSync(policyFile, '{"mechanisms": 1}');
  expect((await create('--yes')).err).toContain('is no policy');
});

test('where subnets are free the cost says so', async () => {
  expect((await market.run('subnet', 'cost')).out).toMatch(/a subnet costs +nothing/);
});
