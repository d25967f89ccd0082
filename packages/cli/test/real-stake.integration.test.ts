import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRealMarket, type RealMarket } from './real-market.ts';

/** The stake commands against a ledger as it is deployed. */
const TAO = 1_000_000_000n;

interface Planned {
  readonly effect: {
    readonly changes: readonly { readonly account: string; readonly before: string; readonly after: string }[];
    readonly entries: readonly { readonly kind: string }[];
  };
}

let market: RealMarket;
const run: RealMarket['run'] = (...args) => market.run(...args);
let first: string;
let second: string;

async function register(hotkeyFile: string): Promise<string> {
  const file = join(market.folder, hotkeyFile);
  const args = ['--subnet', 'sp500', '--wallet', 'quant', '--hotkey-file', file, '--yes', '--json'];
  const registered = await run('miner', 'register', ...args);
  expect(registered).toMatchObject({ exitCode: 0 });
  return (registered.json() as { hotkey: string }).hotkey;
}

async function balance(): Promise<bigint> {
  const { postedRao } = (await run('wallet', 'balance', '--wallet', 'quant', '--json')).json() as { postedRao: string };
  return BigInt(postedRao);
}

async function stakes(): Promise<readonly bigint[]> {
  const { neurons } = (await run('stake', 'list', '--wallet', 'quant', '--json')).json() as {
    neurons: readonly { hotkey: string; stakeRao: string }[];
  };
  return [first, second].map((hotkey) => BigInt(neurons.find((each) => each.hotkey === hotkey)?.stakeRao ?? '-1'));
}

const stake = (...args: string[]) => run('stake', ...args, '--wallet', 'quant', '--json');

beforeAll(async () => {
  market = await openRealMarket('100');
  await market.putSubnet({ handle: 'sp500', tempo: 6000 }); // no epoch ends meanwhile: nothing else moves the balance
  first = await register('first.json');
  second = await register('second.json');
});

afterAll(() => market[Symbol.asyncDispose]());

test('a dry run tells the exact effect and changes nothing; the same command without it has that effect', async () => {
  const before = await balance();
  const planned = (await stake('add', first, '--amount', '7.5', '--dry-run')).json() as unknown as Planned;
  expect(planned).toMatchObject({
    dryRun: true,
    stakes: [{ hotkey: first, beforeRao: '0', afterRao: '7500000000' }],
    balanceBeforeRao: before.toString(),
    balanceAfterRao: (before - 7_500_000_000n).toString(),
  });
  expect([await balance(), ...(await stakes())]).toEqual([before, 0n, 0n]);
  expect(planned.effect.changes.map(({ before: had, after: has }) => BigInt(has) - BigInt(had))).toEqual(
    planned.effect.changes.map(({ account }) => (account.startsWith('stake:') ? 7_500_000_000n : -7_500_000_000n)),
  );
  expect(planned.effect.entries.map(({ kind }) => kind)).toEqual(['StakeChanged', 'OrderAddStake']);
  const told = await run('stake', 'add', first, '--amount', '7.5', '--wallet', 'quant', '--dry-run');
  expect(told.out).toMatch(/The ledger would book at block \d+:\n {2}wallet quant +98 TAO → 90\.5 TAO\n {2}stake:1:/);
  expect(await stake('add', first, '--amount', '7.5', '--yes')).toMatchObject({ exitCode: 0 });
  expect([await balance(), ...(await stakes())]).toEqual([before - 7_500_000_000n, 7_500_000_000n, 0n]);
  for (const { account, after } of planned.effect.changes) {
    expect((await run('wallet', 'balance', '--account', account, '--json')).json()).toMatchObject({ postedRao: after });
  }
});

test('a dry run of what the ledger would refuse is refused with the same code, whatever the command could tell by itself', async () => {
  const dry = async (...args: string[]) => {
    const told = await run(...args, '--wallet', 'quant', '--dry-run', '--json');
    expect(told.out).toBe('');
    return [told.exitCode, /[A-Z]+_[A-Z_]+/.exec(told.err)?.[0]];
  };
  const refused = (code: string) => [2, code];
  const to = '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV';
  expect(await dry('wallet', 'transfer', '--to', to, '--amount', '1000000')).toEqual(refused('INSUFFICIENT_FUNDS'));
  expect(await dry('stake', 'add', first, '--amount', '1000000')).toEqual(refused('INSUFFICIENT_FUNDS'));
  expect(await dry('wallet', 'swap-coldkey', 'complete', '--to', to)).toEqual(refused('KEY_SWAP_UNKNOWN'));
  expect(await dry('proposal', 'delegate', '--to', to)).toEqual(refused('GOVERNANCE_OFF'));
});

test('stake moves to another neuron, and all of it comes back', async () => {
  const before = await balance();
  expect(await stake('move', first, '--to', second, '--amount', '2', '--yes')).toMatchObject({ exitCode: 0 });
  expect(await stakes()).toEqual([5_500_000_000n, 2n * TAO]);
  expect(await stake('remove', first, '--amount', '0.5', '--yes')).toMatchObject({ exitCode: 0 });
  expect(await stake('remove', first, '--yes')).toMatchObject({ exitCode: 0 });
  expect(await stake('remove', second, '--yes')).toMatchObject({ exitCode: 0 });
  expect([await balance(), ...(await stakes())]).toEqual([before + 7_500_000_000n, 0n, 0n]);
});

test('what cannot be is told before anybody is asked, and costs nothing', async () => {
  const before = [await balance(), ...(await stakes())];
  expect((await stake('remove', first, '--amount', '1', '--yes')).err).toContain('the wallet has 0 TAO on');
  expect((await stake('add', first, '--amount', '0', '--yes')).err).toContain('--amount must be above zero');
  expect((await stake('add', 'nobody', '--amount', '1', '--yes')).err).toContain('NEURON_NOT_FOUND');
  expect((await stake('add', first, '--amount', '1000000', '--yes')).err).toContain('INSUFFICIENT_FUNDS');
  expect((await stake('add', first, '--amount', '1.0000000001', '--yes')).err).toContain('--amount');
  expect([await balance(), ...(await stakes())]).toEqual(before);
});

test('another wallet delegates, sees what the take is, and has its money back; the take is the owner’s to lower', async () => {
  const made = (await run('wallet', 'create', '--name', 'fan', '--json')).json() as { address: string };
  const fan = (...args: string[]) => run('stake', ...args, '--wallet', 'fan', '--json');
  const paid = await run('wallet', 'transfer', '--wallet', 'quant', '--to', made.address, '--amount', '5', '--yes');
  expect(paid).toMatchObject({ exitCode: 0 });
  const planned = await run('stake', 'add', first, '--amount', '3', '--wallet', 'fan', '--dry-run');
  expect(planned.out).toContain('keeps 18.00 % of the dividends on it.');
  expect(await fan('add', first, '--amount', '3', '--yes')).toMatchObject({ exitCode: 0 });
  const listed = { kind: 'delegated', hotkey: first, stakeRao: '0', waitingRao: '3000000000' };
  expect((await fan('list')).json()).toMatchObject({ totalRao: '3000000000', neurons: [listed] });
  expect((await fan('add', first, '--amount', '0.001', '--yes')).err).toContain('STAKE_TOO_SMALL');
  expect((await fan('take', first, '--percent', '1', '--yes')).err).toContain('belongs to');
  expect((await stake('take', first, '--percent', '19', '--yes')).err).toContain('0 to 18');
  expect((await stake('take', first, '--percent', '5', '--yes')).json()).toMatchObject({ afterU16: 3276 });
  expect((await stake('take', first, '--percent', '6', '--yes')).err).toContain('TAKE_RISES_LATER');
  expect(await fan('move', first, '--to', second, '--amount', '1', '--yes')).toMatchObject({ exitCode: 0 });
  for (const hotkey of [first, second]) expect(await fan('remove', hotkey, '--yes')).toMatchObject({ exitCode: 0 });
  expect((await run('wallet', 'balance', '--wallet', 'fan', '--json')).json()).toMatchObject({
    postedRao: '5000000000',
  });
});

test('what was delegated to a neuron that is gone comes back by its hotkey', async () => {
  const fan = (...args: string[]) => run('stake', ...args, '--wallet', 'fan', '--json');
  expect(await fan('add', second, '--amount', '2', '--yes')).toMatchObject({ exitCode: 0 });
  await market.deregister(second);
  expect((await fan('list')).json()).toMatchObject({ neurons: [{ hotkey: second, waitingRao: '2000000000' }] });
  expect((await fan('add', second, '--amount', '1', '--yes')).err).toContain('NOT_REGISTERED');
  expect(await fan('remove', second, '--yes')).toMatchObject({ exitCode: 0 });
  expect((await fan('list')).json()).toMatchObject({ totalRao: '0', neurons: [] });
});

test('the history of a wallet names what moved on it, newest first', async () => {
  const { postings } = (await run('wallet', 'history', 'fan', '--json')).json() as {
    postings: readonly { kind: string; deltaRao: string }[];
  };
  expect(postings.map(({ kind }) => kind).at(-1)).toBe('OrderTransfer');
  expect(postings.reduce((sum, { deltaRao }) => sum + BigInt(deltaRao), 0n)).toBe(5n * TAO);
});

test('the books hold after all of it', async () => {
  expect((await run('ledger', 'verify', '--json')).json()).toMatchObject({ ok: true, differenceRao: '0' });
});
