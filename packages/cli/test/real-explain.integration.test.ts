import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRealMarket, type RealMarket } from './real-market.ts';
import { type Players, registerPlayers } from './real-validators.ts';

/** A market whose validators give weights, on ledger and scoring as they are deployed: an account of it, and what-ifs. */
const EPOCHS_DEADLINE_MS = 120_000;
const TAO = 10n ** 9n;

let market: RealMarket;
let players: Players;
let epoch = 0;

beforeAll(async () => {
  market = await openRealMarket('100000');
  // Each validator commits in one interval and reveals in the next, which are 3 s each.
  await market.putSubnet({ handle: 'sp500', tempo: 30 });
  // Three validators of 45 : 35 : 20 of stake, the last of another mind, and three miners.
  players = await registerPlayers(market, [
    { stakeRao: 4500n * TAO, weights: [0, 0, 0, 60_000, 40_000, 20_000] },
    { stakeRao: 3500n * TAO, weights: [0, 0, 0, 60_000, 41_000, 19_000] },
    { stakeRao: 2000n * TAO, weights: [0, 0, 0, 1000, 3000, 60_000] },
    ...Array.from({ length: 3 }, () => ({ stakeRao: 0n, weights: [] })),
  ]);
  const deadline = Date.now() + EPOCHS_DEADLINE_MS;
  while (epoch === 0 && Date.now() < deadline) {
    await players.act();
    epoch = await epochThatAllRated(players.hotkeys[4] ?? '');
    await delay(50);
  }
  if (epoch === 0) throw new Error('no miner earned anything in time');
});

afterAll(async () => {
  players[Symbol.dispose]();
  await market[Symbol.asyncDispose]();
});

/** The newest scored epoch if the weights of all three validators on the miner counted in it; 0 until then. */
async function epochThatAllRated(hotkey: string): Promise<number> {
  const told = await market.run('explain', 'miner', hotkey, '--json');
  if (told.exitCode !== 0) return 0; // no epoch has been scored yet
  const { epoch: index, given } = told.json() as { epoch: string; given: { gave: string }[] };
  return given.filter(({ gave }) => Number(gave) > 0).length === 3 ? Number(index) : 0;
}

const at = () => ['--epoch', String(epoch)];

test('a miner’s account adds up to what the ledger paid, and this machine draws up the same', async () => {
  const hotkey = players.hotkeys[4] ?? '';
  const told = await market.run('explain', 'miner', hotkey, ...at());
  expect(told).toMatchObject({ exitCode: 0, err: '' });
  expect(told.out).toContain('Verified: recomputed here');
  expect(told.out).toContain('The cheapest change to pass');
  expect(told.out).toMatch(/validators with 0\.80 of stake would have to give 0\.\d+ more each to pass uid \d/);
  const value = (await market.run('explain', 'miner', hotkey, ...at(), '--json')).json() as {
    incentiveRao: string;
    accounts: { miner: { lines: { rao: string }[]; raoRest: string } }[];
  };
  const [account] = value.accounts;
  const sum = account?.miner.lines.reduce((total, { rao }) => total + BigInt(rao), BigInt(account.miner.raoRest));
  expect(sum).toBe(BigInt(value.incentiveRao));
  expect(sum).toBeGreaterThan(0n);
});

test('the dissenter learns what agreeing would bring', async () => {
  const told = await market.run('explain', 'validator', players.hotkeys[2] ?? '', ...at());
  expect(told).toMatchObject({ exitCode: 0, err: '' });
  expect(told.out).toMatch(/with the same weights, \+\d+ rao with the consensus of every miner/);
  expect(told.out).toContain('Verified: recomputed here');
});

test('other rules, and a market without the dissenter, pay the same pot', async () => {
  const without = ['--without-validator', players.hotkeys[2] ?? ''];
  const args = ['epoch', 'replay', '--netuid', '1', ...at(), '--set', 'kappa=0.15', '--set', 'yumaVersion=2'];
  const told = await market.run(...args, ...without);
  expect(told).toMatchObject({ exitCode: 0, err: '' });
  expect(told.out).toContain('Equal: recomputed here from stored inputs, bit for bit, by both implementations.');
  expect(told.out).toContain('yumaVersion 3 → 2');
  const { whatIf } = (await market.run(...args, ...without, '--json')).json() as {
    whatIf: {
      potRao: string;
      wouldBeUnattributedRao: string;
      kernelAgrees: boolean;
      neurons: { uid: number; wouldBeRao: string }[];
    };
  };
  const paid = whatIf.neurons.reduce((total, { wouldBeRao }) => total + BigInt(wouldBeRao), 0n);
  expect(paid + BigInt(whatIf.wouldBeUnattributedRao)).toBe(BigInt(whatIf.potRao));
  expect(whatIf.kernelAgrees).toBe(true);
  expect(whatIf.neurons.some(({ wouldBeRao }) => wouldBeRao === '0')).toBe(true);
});
