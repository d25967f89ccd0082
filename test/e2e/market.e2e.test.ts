import { expect, test } from 'vitest';
import { conditionOf, services, startedMarket, tools } from './market.ts';

const HONEST = ['garch', 'ewma', 'ridge', 'gaussian'];

test('three epochs have paid miners, and no rao is missing or new', () => {
  const { epochsPaid, conservation } = startedMarket();
  expect(epochsPaid).toBeGreaterThanOrEqual(3);
  expect(conservation.differenceRao).toBe('0');
  expect(conservation.entries).toBeGreaterThan(50);
});

test('honest miners earn in the order of their CRPS', () => {
  const honest = startedMarket().miners.filter(({ name }) => HONEST.includes(name));
  expect(honest).toHaveLength(HONEST.length);
  const byIncentive = honest.toSorted((one, other) => other.incentive - one.incentive).map(({ name }) => name);
  const byLoss = honest
    .toSorted((one, other) => (one.crps ?? Infinity) - (other.crps ?? Infinity))
    .map(({ name }) => name);
  expect(byIncentive).toEqual(byLoss);
});

test('copier and broken miner earn less than the worst honest one', () => {
  const { miners } = startedMarket();
  const earned = (name: string): bigint => BigInt(miners.find((miner) => miner.name === name)?.emissionRao ?? '-1');
  const worst = HONEST.map(earned).reduce((least, rao) => (rao < least ? rao : least));
  expect(worst).toBeGreaterThan(0n);
  for (const name of ['copycat', 'broken']) {
    expect(earned(name)).toBeGreaterThanOrEqual(0n);
    expect(earned(name)).toBeLessThan(worst);
  }
});

test('the dishonest validator earns less per staked TAO than the honest ones', () => {
  const perStake = new Map(
    startedMarket().validators.map(({ name, stake, emissionRao }) => [name, Number(emissionRao) / Number(stake)]),
  );
  const dishonest = perStake.get('val-c') ?? Infinity;
  expect(dishonest).toBeLessThan(perStake.get('val-a') ?? 0);
  expect(dishonest).toBeLessThan(perStake.get('val-b') ?? 0);
});

test('a forecast was sold over REST and over gRPC, and billed', () => {
  const { calls, invoice } = startedMarket();
  expect(calls.map(({ protocol, status }) => `${protocol} ${status}`)).toEqual(['REST 200', 'gRPC OK']);
  for (const { servedBy } of calls) expect(servedBy).toMatch(/^sp500\/\d+\/5/);
  expect(invoice.lines).toBeGreaterThanOrEqual(2);
  expect(BigInt(invoice.totalRao)).toBe(2000n * BigInt(invoice.lines));
});

test('every paid epoch replays to the same hash', async () => {
  using clients = await services();
  const { epochs } = await clients.scoring.listEpochs({ netuid: 1, limit: 100 });
  expect(epochs.length).toBeGreaterThanOrEqual(5);
  for (const { index } of epochs)
    expect(await clients.scoring.replayEpoch({ netuid: 1, index })).toMatchObject({ equal: true });
});

/**
 * Files before this one may have killed or restored scoring. A commit that was lost with it is missed in its interval, the next
 * one is made in the interval after and counts when that of its reveal is paid: three intervals of 20 s, and the payment.
 */
const RECOVERY_MS = 4 * 20_000;

test.for([
  ['subnet', 'sp500', 'Ready', 'True'],
  ['miner', 'garch', 'Earning', 'True'],
  ['miner', 'copycat', 'Earning', 'False'],
  ['miner', 'broken', 'Earning', 'False'],
  ['validator', 'val-a', 'Scoring', 'True'],
] as const)('%s %s says %s %s', async ([kind, name, type, status]) => {
  await expect
    .poll(async () => (await conditionOf(kind, name, type))?.status, { timeout: RECOVERY_MS, interval: 1000 })
    .toBe(status);
});

test('the broken miner is told what is wrong with its answers', async () => {
  const condition = await conditionOf('miner', 'broken', 'Earning');
  expect(condition).toMatchObject({ reason: 'AnswersInvalid' });
  expect(condition?.message).toMatch(/NaN|late|no answer|missing/i);
});

test('helm test passes', async () => {
  expect(await tools().helm(['test', 'subnetes', '-n', 'subnetes-system', '--logs'])).toMatch(/Phase:\s+Succeeded/);
});
