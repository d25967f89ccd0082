import { waitFor } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRealMarket, type RealMarket } from './real-market.ts';
import { registerPlayers } from './real-validators.ts';

/** A slash by what validators reported, from the command line to ledger and scoring as they are deployed. */
const TAO = 1_000_000_000n;
const DISPUTE = 3000;

const genesis = {
  unbondingBlocks: 3 * DISPUTE,
  slashing: {
    conditions: [{ type: 'Unavailable', ppm: 100_000, epochs: 1, atLeast: 15 }],
    disputeBlocks: DISPUTE,
    decisionBlocks: DISPUTE,
    windowBlocks: 10 * DISPUTE,
    windowPpm: 100_000,
    reportDeposit: '2',
    deciders: { type: 'StakeVote' },
    distribution: { burnPpm: 500_000, reporterPpm: 200_000, insurancePpm: 300_000 },
  },
};

interface Shown {
  readonly slashId: string;
  readonly type: string;
  readonly instance: string;
  readonly evidenceSha256: string;
}

const teardown = new AsyncDisposableStack();
let market: RealMarket;
let slash: Shown;
let hotkey: string;
const run: RealMarket['run'] = (...args) => market.run(...args);

beforeAll(async () => {
  market = teardown.use(await openRealMarket('100000', { genesis }));
  // Each validator commits in one interval and reveals in the next, which are 3 s each.
  await market.putSubnet({ handle: 'sp500', tempo: 30 });
  const players = teardown.use(
    await registerPlayers(market, [
      { stakeRao: 4000n * TAO, weights: [0, 0, 0, 9, 1], silent: [3] },
      { stakeRao: 3500n * TAO, weights: [0, 0, 0, 9, 1], silent: [3] },
      { stakeRao: 2000n * TAO, weights: [0, 0, 0, 1, 9], silent: [4] },
      { stakeRao: 100n * TAO, weights: [] },
      { stakeRao: 0n, weights: [] },
    ]),
  );
  hotkey = players.hotkeys[3] ?? '';
  slash = await waitFor(
    'a slash',
    async () => {
      await players.act();
      const { slashes } = (await run('slash', 'list', '--json')).json() as { slashes: readonly Shown[] };
      return slashes[0];
    },
    120_000,
  );
});
afterAll(() => teardown.disposeAsync());

test('a slash says where its evidence is, which is read and checked on this machine', async () => {
  expect(slash).toMatchObject({ type: 'Unavailable', hotkey });
  const id = slash.slashId.slice(0, 12);
  expect((await run('slash', 'show', id)).out).toContain(`subnetes slash evidence ${id}`);
  const told = await run('slash', 'evidence', id);
  expect([told.exitCode, told.err]).toEqual([0, '']);
  expect(told.out).toContain(`Unavailable of ${hotkey} in subnet 1: 18 on average`);
  expect(told.out).toContain('It follows: stakes from');
  expect((await run('slash', 'evidence', id, '--json')).json()).toMatchObject({
    sha256: slash.evidenceSha256,
    holds: true,
    faults: [],
  });
  const replayed = await run('epoch', 'replay', '--netuid', '1', '--epoch', slash.instance.split('-')[1] ?? '');
  expect(replayed).toMatchObject({ exitCode: 0 });
  expect(replayed.out).toContain(`✔ evidence Unavailable of ${hotkey}`);
});

test('of a slash that there is not there is no evidence', async () => {
  const told = await run('slash', 'evidence', '0123456789ab');
  expect(told.exitCode).not.toBe(0);
  expect(told.err).toContain('there is no slash 0123456789ab');
});
