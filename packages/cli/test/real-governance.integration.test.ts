import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openRealMarket, type RealMarket } from './real-market.ts';

/** Proposals and grants from the command line, against ledger and scoring as they are deployed, with blocks of 100 ms. */
const SOON = { timeout: 60_000, interval: 200 };
const GOVERNANCE = { deposit: '1', votingBlocks: 150, timelockBlocks: 5, quorumPpm: 100_000 };

let market: RealMarket;
let address: string;
let hotkey: string;
const run: RealMarket['run'] = (...args) => market.run(...args);
const signed = (...args: string[]) => run(...args, '--wallet', 'quant', '--json');

async function stateOf(id: string): Promise<string> {
  return (await run('proposal', 'show', id, '--json')).json()['state'] as string;
}

async function paid(): Promise<bigint> {
  const { postedRao } = (await run('wallet', 'balance', '--account', address, '--json')).json();
  return BigInt(postedRao as string);
}

beforeAll(async () => {
  market = await openRealMarket('100', { governance: GOVERNANCE });
  await market.putSubnet();
  address = (await run('wallet', 'create', '--name', 'builder', '--json')).json()['address'] as string;
  const file = join(market.folder, 'hotkey.json');
  const register = ['--subnet', 'sp500', '--wallet', 'quant', '--hotkey-file', file, '--yes', '--json'];
  ({ hotkey } = (await run('miner', 'register', ...register)).json() as { hotkey: string });
  await signed('stake', 'add', hotkey, '--amount', '20', '--yes');
});

afterAll(() => market[Symbol.asyncDispose]());

test('a proposal is shown, made, voted on and carried out, and what it granted is claimed', async () => {
  expect(await signed('wallet', 'transfer', '--to', 'treasury', '--amount', '10', '--yes')).toMatchObject({
    exitCode: 0,
  });
  const what = ['--title', 'Build it', '--grant', '4', '--to', address, '--vesting-blocks', '1'];
  const planned = (await signed('proposal', 'create', ...what, '--dry-run')).json();
  expect(planned).toMatchObject({
    dryRun: true,
    depositRao: '1000000000',
    action: { grant: { to: address, amountRao: '4000000000', vestingBlocks: 1 } },
  });
  expect((await run('proposal', 'list', '--json')).json()).toMatchObject({ proposals: [] });
  const made = (await signed('proposal', 'create', ...what, '--yes')).json();
  expect(made).toMatchObject({ dryRun: false, id: '1' });
  const vote = ['proposal', 'vote', '1', '--choice', 'yes'];
  expect((await signed(...vote, '--dry-run')).json()).toMatchObject({ choice: 'Yes', ownRao: '20000000000' });
  expect(await signed(...vote, '--yes')).toMatchObject({ exitCode: 0 });
  expect((await signed(...vote, '--yes')).err).toContain('VOTED_ALREADY');
  const shown = (await run('proposal', 'show', '1')).out;
  expect(shown).toContain('grants 4 TAO of the treasury');
  expect(shown).toContain('20 TAO (100');
  await vi.waitFor(async () => expect(await stateOf('1')).toBe('Executed'), SOON);
  expect((await run('grant', 'list')).out).toContain(address);
  const claim = ['grant', 'claim', '1', '--wallet', 'builder', '--json'];
  // Nothing is free in the very block of the execution.
  await vi.waitFor(async () => {
    expect((await run(...claim, '--dry-run')).json()).toMatchObject({ dryRun: true, freeRao: '4000000000' });
  }, SOON);
  expect(await run(...claim, '--yes')).toMatchObject({ exitCode: 0 });
  expect(await paid()).toBe(4_000_000_000n);
  expect((await run('grant', 'list')).out).toBe('No grant is being paid out.');
});

test('a simulation is recomputed from stored epochs, and attached', async () => {
  await vi.waitFor(async () => expect(await market.paidEpoch()).toBeGreaterThan(1), SOON);
  const out = join(market.folder, 'simulation.json');
  const simulate = ['proposal', 'simulate', '--netuid', '1', '--set', 'kappa=0.7', '--epochs', '2', '--out', out];
  const simulated = (await run(...simulate, '--json')).json() as { sha256: string; epochs: unknown[] };
  expect(simulated.epochs).toHaveLength(2);
  const set = ['--netuid', '1', '--set', 'kappaU16=45874'];
  const create = ['--title', 'Raise kappa', ...set, '--simulation', out, '--yes'];
  const { id } = (await signed('proposal', 'create', ...create)).json() as { id: string };
  expect((await run('proposal', 'show', id, '--json')).json()).toMatchObject({
    action: { hyperparameters: { netuid: 1, kappaU16: 45_874 } },
    simulation: { netuid: 1, sha256: simulated.sha256 },
  });
  expect((await run('proposal', 'list')).out).toContain('Raise kappa');
});

/** What people read says the token's present name, whichever way its amount came; programs read the name of the books. */
async function everythingSays(name: string, account: string): Promise<void> {
  const { proposals } = (await run('proposal', 'list', '--json')).json() as { proposals: readonly { id: string }[] };
  const told = [
    ['status'],
    ['wallet', 'balance', '--account', account],
    ['account', 'show', account],
    ['stake', 'list', '--owner', account],
    ['subnet', 'list'],
    ['subnet', 'show', '1'],
    ['proposal', 'show', proposals.at(-1)?.id ?? ''],
  ];
  for (const command of told) {
    const { exitCode, out } = await run(...command);
    expect({ command, exitCode, says: new RegExp(`[ /]${name}\\b`).test(out) }).toEqual({
      command,
      exitCode: 0,
      says: true,
    });
    const rest = out.replace(/; TAO in the books[^\n]*/, '');
    expect({ command, out: rest }).toEqual({ command, out: expect.not.stringContaining('TAO') });
  }
  const add = ['stake', 'add', hotkey, '--amount', '1', '--wallet', 'quant', '--dry-run'];
  expect((await run(...add)).out).toContain(` ${name}\n`);
  expect((await run('wallet', 'balance', '--account', account, '--json')).json()).toMatchObject({ asset: 'TAO' });
}

test('rules of the network are changed by what people say, and a running market goes on by them', async () => {
  const rules = ['--set', 'blockReward=2', '--set', 'symbol=SUB', '--set', 'blockTime=200ms'];
  const create = ['proposal', 'create', '--title', 'Slower and richer', ...rules];
  expect((await signed(...create, '--dry-run')).json()).toMatchObject({
    dryRun: true,
    action: { network: { blockRewardRao: '2000000000', symbol: 'SUB', blockTimeMs: 200 } },
  });
  const { id } = (await signed(...create, '--yes')).json() as { id: string };
  expect((await run('proposal', 'show', id)).out).toContain('blocks mint 2 TAO before halvings');
  expect(await signed('proposal', 'vote', id, '--choice', 'yes', '--yes')).toMatchObject({ exitCode: 0 });
  await vi.waitFor(async () => expect(await stateOf(id)).toBe('Executed'), SOON);
  expect((await run('status', '--json')).json()).toMatchObject({
    network: { symbol: 'TAO', displaySymbol: 'SUB', blockTimeMs: 200, blockRewardRao: '2000000000' },
  });
  expect((await run('status')).out).toContain('called SUB; TAO in the books, in orders and in --json');
  await everythingSays('SUB', address);
});

test('what is wrong is told before anybody is asked', async () => {
  const create = (...args: string[]) => signed('proposal', 'create', '--title', 'x', '--yes', ...args);
  expect((await create()).err).toContain('a proposal does one thing');
  expect((await create('--spend', '1')).err).toContain('who is paid?');
  expect((await create('--spend', '0', '--to', address)).err).toContain('--spend must be above zero');
  expect((await create('--set', 'tempo=9', '--netuid', '1')).err).toContain('kappaU16');
  expect((await create('--set', 'kappaU16=65536', '--netuid', '1')).err).toContain('POLICY_INVALID');
  expect((await create('--grant', '1', '--to', address)).err).toContain('--vesting-blocks');
  expect((await create('--set', 'cap=9')).err).toContain('blockReward');
  expect((await create('--set', 'blockTime=1ms')).err).toContain('blockTimeMs must be 100');
  expect((await create('--set', 'symbol=x')).err).toContain('PROPOSAL_INVALID');
  expect((await create('--settle-dispute', address)).err).toContain('KEY_SWAP_UNKNOWN');
  const file = join(market.folder, 'action.json');
  writeFileSync(file, '{"burn": {}}');
  expect((await create('--action', file)).err).toContain('ACTION_FILE');
  expect((await create('--spend', '1', '--to', address, '--simulation', file)).err).toContain('SIMULATION_FILE');
  expect((await signed('proposal', 'vote', '1', '--choice', 'maybe', '--yes')).err).toContain('yes, no or abstain');
  expect((await signed('proposal', 'veto', '1', '--yes')).err).toContain('NOT_COUNCIL');
  expect((await signed('proposal', 'delegate', '--yes')).err).toContain('--nobody');
});

test('a vote’s delegate is named and taken back', async () => {
  const delegate = (...args: string[]) => signed('proposal', 'delegate', ...args);
  expect((await delegate('--to', address, '--dry-run')).json()).toMatchObject({ dryRun: true, to: address });
  expect(await delegate('--to', address, '--yes')).toMatchObject({ exitCode: 0 });
  expect(await delegate('--nobody', '--yes')).toMatchObject({ exitCode: 0 });
});
