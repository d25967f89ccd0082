import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCommandLine, type CommandLine } from './command-line.ts';

let line: CommandLine;
beforeEach(async () => {
  line = await openCommandLine();
});
afterEach(() => line[Symbol.asyncDispose]());

const run = (...args: string[]) => line.run(...args);
const REGISTRATION_OF_GARCH = '4'.padStart(64, '0');

/** Writes a proof and answers its path. */
async function proofOf(...args: string[]): Promise<string> {
  const file = join(line.folder, 'entry.tlog-proof');
  const told = await run('ledger', 'prove', ...args, '--out', file);
  expect(told).toMatchObject({ exitCode: 0 });
  expect(told.err).toContain(`check it: subnetes ledger check ${file} --log-key '${line.market.logKey}'`);
  return file;
}

const check = (file: string, ...args: string[]) =>
  run('ledger', 'check', file, '--log-key', line.market.logKey, ...args);

test('verify compares the tree with the signed checkpoint', async () => {
  const told = await run('ledger', 'verify');
  expect(told).toMatchObject({ exitCode: 0 });
  expect(told.out).toMatch(
    /checkpoint +the tree of 2503 entries has the signed root; signed by the key that the ledger/,
  );
  const named = await run('ledger', 'verify', '--log-key', line.market.logKey, '--json');
  expect(named.json()).toMatchObject({ ok: true, checkpoint: { entries: '2503', logKey: line.market.logKey } });
});

test('verify finds a checkpoint by another key, and one of other entries', async () => {
  const other = 'subnetes.io/other+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  expect(await run('ledger', 'verify', '--log-key', other)).toMatchObject({ exitCode: 1 });
  line.market.rewriteJournal();
  const told = await run('ledger', 'verify');
  expect(told.exitCode).toBe(1);
  expect(told.out).toContain('the entries give another root than was signed (CHECKPOINT_BROKEN)');
  // The chain alone would not have noticed: it was written anew from the changed entry on.
  expect(told.out).not.toContain('HASH_MISMATCH');
});

test('a payout is proven by a file, and checked without a server', async () => {
  const file = await proofOf('--epoch', '5', '--miner', 'garch');
  line.market.goAway();
  const told = await check(file, '--netuid', '1', '--epoch', '5', '--registration', REGISTRATION_OF_GARCH);
  expect(told).toMatchObject({ exitCode: 0, err: '' });
  expect(told.out).toMatch(/payout +uid 3: 4000000000 rao incentive, 0 rao dividend to coldkey-of-garch\n/);
  expect(told.out).toContain('✔ The ledger has this entry');
  const stranger = await check(file, '--netuid', '1', '--epoch', '5', '--registration', '7'.padStart(64, '0'));
  expect(stranger).toMatchObject({ exitCode: 1 });
  expect(stranger.err).toContain('PAYMENT_ABSENT');
});

test('an entry is proven by its number, on stdout too', async () => {
  const told = await run('ledger', 'prove', '--entry', '7');
  const file = join(line.folder, 'seven');
  writeFileSync(file, `${told.out}\n`);
  expect((await check(file)).out).toMatch(/entry +7, Block at block 6, sha256:/);
  expect((await check(file, '--account', 'pot:1', '--json')).json()).toMatchObject({ ok: true, sequence: 7 });
  expect(await check(file, '--account', 'nobody')).toMatchObject({ exitCode: 1 });
});

test.for([
  ['another amount', (text: string) => text.replace(/^extra (.*)$/m, (_, extra: string) => `extra ${turned(extra)}`)],
  ['another place', (text: string) => text.replace('index 6', 'index 7')],
  ['another size', (text: string) => text.replace('\n2503\n', '\n2504\n')],
  ['nothing', () => ''],
] as const)('a proof with %s is refused', async ([, change]) => {
  const file = await proofOf('--entry', '7');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  const told = await check(file);
  expect(told).toMatchObject({ exitCode: 1, out: '' });
});

test('a check without the witness that it asks for is refused', async () => {
  const file = await proofOf('--entry', '7');
  const witness = 'witness.example/w+00000000+BAAA';
  expect(await check(file, '--witness', witness)).toMatchObject({ exitCode: 64 });
});

test.for([[], ['--entry', '1', '--key', 'x'], ['--epoch', '5'], ['--miner', 'garch']] as const)(
  'prove %j is refused with what to say',
  async (args) => {
    const told = await run('ledger', 'prove', ...args);
    expect(told.exitCode).toBe(64);
    expect(told.err).toContain('one of --entry N, --key KEY, or --epoch E with --miner NAME');
  },
);

/** The same base64 of an entry whose text says another amount. */
function turned(extra: string): string {
  return Buffer.from(Buffer.from(extra, 'base64').toString().replace('1000000000', '9000000000')).toString('base64');
}

test('a balance at an epoch is proven by a file, and checked without a server', async () => {
  const file = join(line.folder, 'balance.proof');
  const asked = ['--epoch', '5', '--netuid', '1'];
  const told = await run('ledger', 'prove', '--balance', 'owner', ...asked, '--out', file);
  expect(told).toMatchObject({ exitCode: 0 });
  expect(told.out).toContain('shows that owner had 3 rao after entry 40');
  const nothing = join(line.folder, 'nothing.proof');
  expect(await run('ledger', 'prove', '--balance', 'nobody', ...asked, '--out', nothing)).toMatchObject({
    exitCode: 0,
  });
  line.market.goAway();
  const checked = await check(file, '--account', 'owner');
  expect(checked).toMatchObject({ exitCode: 0, err: '' });
  expect(checked.out).toMatch(/balance +owner had 3 of TAO's smallest unit\n/);
  expect((await check(nothing, '--account', 'nobody', '--json')).json()).toMatchObject({
    ok: true,
    balance: '0',
    epoch: 5,
  });
  expect(await check(file, '--account', 'mint')).toMatchObject({ exitCode: 1, out: '' });
  expect((await check(file)).exitCode).toBe(64);
  writeFileSync(file, readFileSync(file, 'utf8').replace('leaf 0 c', 'leaf 0 d'));
  expect(await check(file, '--account', 'owner')).toMatchObject({ exitCode: 1, out: '' });
  expect((await run('ledger', 'prove', '--balance', 'owner', '--epoch', '5')).exitCode).toBe(64);
});
