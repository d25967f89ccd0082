import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRealMarket, type RealMarket } from './real-market.ts';

/** Mandates, children and swaps of keys against a ledger as it is deployed. */
let market: RealMarket;
let [first, second] = ['', ''];
const run: RealMarket['run'] = (...args) => market.run(...args);
const quant = (...args: string[]) => run(...args, '--wallet', 'quant', '--yes', '--json');

async function register(name: string): Promise<string> {
  const file = join(market.folder, name);
  const registered = await quant('miner', 'register', '--subnet', 'sp500', '--hotkey-file', file);
  expect(registered).toMatchObject({ exitCode: 0 });
  return String(registered.json()['hotkey']);
}

beforeAll(async () => {
  market = await openRealMarket('100');
  await market.putSubnet({ handle: 'sp500', tempo: 6000 });
  [first, second] = [await register('first.json'), await register('second.json')];
});

afterAll(() => market[Symbol.asyncDispose]());

test('a mandate with limits is shown with what is left of them, and revoked', async () => {
  const create = (...args: string[]) =>
    run('mandate', 'create', '--wallet', 'quant', '--grant', 'finance', '--max', '10', '--cluster', 'c1', ...args);
  const operations = ['--operations', 'Stake,Transfer', '--limit', 'Transfer=1/2', '--transfer-to', 'billing:shop'];
  const made = await create(...operations);
  expect(made).toMatchObject({ exitCode: 0 });
  const path = join(market.folder, 'mandate.yaml');
  writeFileSync(path, made.out);
  const limit = { operation: 'Transfer', maxPerOperation: '1000000000', maxTotal: '2000000000', usedRao: '0' };
  expect((await run('mandate', 'show', path, '--json')).json()).toMatchObject({
    usedRao: '0',
    limits: [limit],
    revoked: false,
  });
  expect((await run('mandate', 'show', path)).out).toContain('0 TAO of 2 TAO, 1 TAO an operation');
  expect(await quant('mandate', 'revoke', path)).toMatchObject({ exitCode: 0 });
  expect((await run('mandate', 'show', path, '--json')).json()).toMatchObject({ revoked: true });
  const tokens = ['--operations', 'SwapSell', '--limit', 'SwapSell=1/2'];
  writeFileSync(path, (await create(...tokens)).out);
  expect((await run('mandate', 'show', path)).out).toContain("0 of each subnet's token of 2 of each subnet's token");
  expect((await create('--operations', 'SwapSell')).err).toContain('add --limit SwapSell=EACH/ALL');
  expect((await create('--operations', 'Transfer')).err).toContain('--transfer-to');
  expect((await create('--limit', 'Transfer=1/2')).err).toContain('--limit');
  expect((await create('--operations', 'SetTake', '--owner', first)).err).toContain('--owner');
});

test('children wait for their block, the lineage says so, and a dry run changes nothing', async () => {
  const give = (...args: string[]) => run('stake', 'children', first, '--wallet', 'quant', '--json', ...args);
  expect((await give('--child', `${second}=60`, '--dry-run')).json()).toMatchObject({ dryRun: true });
  expect((await run('stake', 'lineage', first, '--json')).json()).toMatchObject({ pending: null, children: [] });
  expect(await give('--child', `${second}=60`, '--yes')).toMatchObject({ exitCode: 0 });
  const lineage = (await run('stake', 'lineage', first)).out;
  expect(lineage).toContain(`${second} 60 %`);
  expect((await run('stake', 'children', second, '--child', `${first}=1`, '--wallet', 'quant', '--yes')).err).toContain(
    'CHILD_CYCLE',
  );
  expect((await give('--none', '--yes')).err).toContain('CHILDREN_CHANGE_LATER');
  expect((await give('--child', 'x=1', '--yes')).err).toContain('SS58');
  expect((await give('--child', `${second}=101`, '--yes')).err).toContain('101');
  expect(await quant('stake', 'child-take', second, '--percent', '5')).toMatchObject({ exitCode: 0 });
});

test('the list of who asks is empty where anybody may register, and an invitation is the owner’s to sign', async () => {
  expect((await run('subnet', 'requests', 'sp500')).out).toContain('nobody asks');
  const invited = await run('subnet', 'invite', '--subnet', 'sp500', '--wallet', 'quant', '--json');
  expect(invited.json()).toMatchObject({ invitation: { netuid: 1, hotkey: '', maxUses: 1 } });
  expect((await quant('subnet', 'request', '--subnet', 'sp500', '--hotkey', first)).err).toContain('INVALID_ARGUMENT');
  const { sha256 } = invited.json();
  expect(await quant('subnet', 'revoke-invitation', String(sha256), '--subnet', 'sp500')).toMatchObject({
    exitCode: 0,
  });
});

test('an ed25519 wallet pays, signs and goes to Polkadot-JS and back', async () => {
  const made = (await run('wallet', 'create', '--name', 'edd', '--scheme', 'ed25519', '--json')).json();
  expect(made).toMatchObject({ scheme: 'ed25519' });
  const address = String(made['address']);
  expect(await quant('wallet', 'transfer', '--to', address, '--amount', '2')).toMatchObject({ exitCode: 0 });
  const pay = () =>
    run('wallet', 'transfer', '--wallet', 'edd', '--to', market.address, '--amount', '1', '--yes', '--json');
  expect(await pay()).toMatchObject({ exitCode: 0 });
  const { signature } = (await run('wallet', 'sign', '--wallet', 'edd', '--message', 'hi', '--json')).json();
  const verify = (...scheme: string[]) =>
    run('wallet', 'verify', '--address', address, '--signature', String(signature), '--message', 'hi', ...scheme);
  expect(await verify('--scheme', 'ed25519')).toMatchObject({ exitCode: 0 });
  expect((await verify()).err).toContain('BAD_SIGNATURE');
  const out = join(market.folder, 'edd.json');
  expect(await run('wallet', 'export', '--wallet', 'edd', '--out', out)).toMatchObject({ exitCode: 0 });
  expect((await run('wallet', 'import', '--name', 'edd2', '--file', out, '--json')).json()).toMatchObject({ address });
  expect((await run('wallet', 'create', '--name', 'x', '--scheme', 'rsa')).err).toContain('rsa');
});

test('a hotkey is followed by a new one, then the wallet announces its own swap and can do nothing else', async () => {
  const file = join(market.folder, 'new.json');
  const swapped = await quant('wallet', 'swap-hotkey', '--hotkey', first, '--new-hotkey-file', file, '--netuid', '1');
  expect(swapped).toMatchObject({ exitCode: 0 });
  const { newHotkey } = swapped.json();
  const { neurons } = (await run('stake', 'list', '--wallet', 'quant', '--json')).json() as {
    neurons: { hotkey: string }[];
  };
  expect(neurons.map(({ hotkey }) => hotkey)).toContain(newHotkey);
  await run('wallet', 'create', '--name', 'vault');
  const to = ['--to', 'vault'];
  expect((await run('wallet', 'swap-coldkey', 'show', 'quant')).out).toContain('announced no swap');
  expect(await quant('wallet', 'swap-coldkey', 'announce', ...to)).toMatchObject({ exitCode: 0 });
  expect((await quant('wallet', 'transfer', '--to', second, '--amount', '1')).err).toContain('KEY_SWAP_PENDING');
  expect((await quant('wallet', 'swap-coldkey', 'complete', ...to)).err).toContain('KEY_SWAP_EARLY');
  expect(await quant('wallet', 'swap-coldkey', 'dispute')).toMatchObject({ exitCode: 0 });
  expect((await run('wallet', 'swap-coldkey', 'show', 'quant', '--json')).json()).toMatchObject({ disputed: true });
});
