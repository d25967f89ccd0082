import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openRealMarket, type RealMarket } from './real-market.ts';

/** A network that sells subnets and has room for one: its price, its lock, who goes when it is full, and how one stays. */
const TAO = 1_000_000_000n;
let market: RealMarket;
let policyFile: string;

const subnet = (...args: string[]) => market.run('subnet', ...args, '--json');
const create = (handle: string, ...args: string[]) =>
  subnet('create', handle, '--wallet', 'quant', '--policy-file', policyFile, ...args);
const keep = (...args: string[]) => subnet('keep', 'first', '--wallet', 'quant', ...args);
const shown = async (handle: string) => (await subnet('show', handle)).json();
const balance = async () => {
  const told = (await market.run('wallet', 'balance', '--wallet', 'quant', '--json')).json() as { postedRao: string };
  return BigInt(told.postedRao);
};

beforeAll(async () => {
  const subnetCreation = {
    minLock: '10',
    reductionIntervalBlocks: 1_000_000,
    rateLimitBlocks: 0,
    immunityBlocks: 5,
    limit: 1,
  };
  // So that a run of any length ends before the notice does.
  const subnetRemoval = { noticeBlocks: 10_000 };
  market = await openRealMarket('100', { genesis: { subnetCreation, subnetRemoval } });
  policyFile = join(market.folder, 'policy.json');
  const evaluation = { scorer: 'Crps', replay: { dataset: 'sp500-daily', startDay: '2010-01-04', daysPerBlock: 1 }, perEpoch: 20, timeoutMs: 2000, emaPpm: 100_000 }; // prettier-ignore
  const mechanism = { name: 'forecast', emissionWeight: 1, quantileForecast: { horizonsDays: [1], quantiles: 19 }, evaluation }; // prettier-ignore
  writeFileSync(policyFile, JSON.stringify({ mechanisms: [mechanism] }));
});

afterAll(() => market[Symbol.asyncDispose]());

test('a subnet costs its lock: told before, bounded, and paid once', async () => {
  expect((await subnet('cost')).json()).toMatchObject({ costRao: String(10n * TAO), subnets: 0, limit: 1 });
  expect((await create('first', '--dry-run')).json()).toMatchObject({ dryRun: true, costRao: String(10n * TAO) });
  const declined = await create('first');
  expect(declined).toMatchObject({ exitCode: 2, err: expect.stringContaining('NOT_CONFIRMED') as string });
  const dear = await create('first', '--max-cost', '9.9', '--yes');
  expect(dear).toMatchObject({ exitCode: 64, err: expect.stringContaining('a subnet costs') as string });
  expect([await balance(), (await subnet('list')).json()]).toEqual([100n * TAO, { subnets: [] }]);
  expect((await create('first', '--yes')).json()).toMatchObject({ dryRun: false, costRao: String(10n * TAO) });
  expect(await shown('first')).toMatchObject({ netuid: 1, lockedRao: String(10n * TAO) });
  expect(await balance()).toBe(90n * TAO);
});

test('in a full network the lowest is told, its owner keeps it for what the newcomer has locked, and that gets its lock back', async () => {
  await vi.waitFor(async () => expect((await subnet('cost')).json()).toMatchObject({ lowestNetuid: 1 }), {
    timeout: 60_000,
    interval: 200,
  });
  expect(await create('second', '--max-cost', '30', '--yes')).toMatchObject({ exitCode: 0 });
  expect((await subnet('cost')).json()).toMatchObject({ subnets: 2, waiting: 1, lowestNetuid: 0 });
  const second = await shown('second');
  expect(second).toMatchObject({ netuid: 2, waitsFor: 1 });
  const price = BigInt(second['lockedRao'] as string);
  expect(price > 10n * TAO && price <= 20n * TAO).toBe(true);
  expect(await balance()).toBe(90n * TAO - price);
  expect((await create('third', '--max-cost', '60', '--yes')).err).toContain('SUBNET_LIMIT');
  expect((await market.run('subnet', 'list')).out).toContain('ends in block');
  expect((await keep('--dry-run')).json()).toMatchObject({ dryRun: true, netuid: 1, costRao: String(price) });
  expect(await keep('--max-cost', '1', '--yes')).toMatchObject({ exitCode: 64 });
  expect((await keep('--yes')).json()).toMatchObject({ dryRun: false, costRao: String(price) });
  expect(await shown('first')).toMatchObject({ lockedRao: String(10n * TAO + price) });
  await vi.waitFor(async () => expect(await balance()).toBe(90n * TAO - price), { timeout: 60_000, interval: 200 });
  expect(await shown('second')).toMatchObject({ dissolution: { phase: 'Dissolved' } });
  expect(await market.run('ledger', 'verify')).toMatchObject({ exitCode: 0 });
});

test('the history of the wallet tells it in pages, and says where it was cut', async () => {
  const history = async (limit: string) =>
    (await market.run('wallet', 'history', 'quant', '--limit', limit, '--json')).json() as {
      readonly postings: readonly { readonly sequence: string; readonly kind: string; readonly deltaRao: string }[];
      readonly complete: boolean;
    };
  const all = await history('1000');
  expect(all.complete).toBe(true);
  expect(all.postings.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['Genesis', 'SubnetChanged', 'SubnetDissolutionAnnounced', 'SubnetKept']),
  );
  const first = await history('2');
  expect(first).toMatchObject({ complete: false, postings: all.postings.slice(0, 2) });
  const sum = all.postings.reduce((total, { deltaRao }) => total + BigInt(deltaRao), 0n);
  expect(sum).toBe(await balance());
});
