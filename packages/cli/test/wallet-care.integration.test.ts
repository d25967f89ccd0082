import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCommandLine, type CommandLine } from './command-line.ts';

/** What commands of a wallet must not do: print a secret, or change anything in a dry run. */
let line: CommandLine;
beforeEach(async () => {
  line = await openCommandLine();
});
afterEach(() => line[Symbol.asyncDispose]());

const run = (...args: string[]) => line.run(...args);

test('a dry run tells the exact effect, signs nothing, asks nothing and makes no file', async () => {
  const made = await run('wallet', 'create', '--name', 'quant', '--json', ...line.wallets);
  const { address } = made.json() as { address: string };
  line.market.balances.set(address, 5_000_000_000n);
  const dry = async (...args: string[]) => {
    const told = await run(...args, '--wallet', 'quant', '--dry-run', '--json', ...line.wallets);
    expect(told).toMatchObject({ exitCode: 0, questions: [] });
    return told.json();
  };
  expect(await dry('wallet', 'transfer', '--to', 'billing:research', '--amount', '1.5')).toEqual({
    dryRun: true,
    from: address,
    to: 'billing:research',
    amountRao: '1500000000',
    beforeRao: '5000000000',
    afterRao: '3500000000',
    effect: { block: expect.any(String), changes: [], entries: [{ kind: 'Order transfer', payload: {} }] },
  });
  expect(await dry('miner', 'register', '--subnet', 'sp500')).toMatchObject({
    dryRun: true,
    costRao: '1000000000',
    afterRao: '4000000000',
    hotkey: null,
  });
  expect(await dry('session', 'open', '--name', 'bot', '--max', '3')).toMatchObject({
    dryRun: true,
    maxTotalRao: '3000000000',
  });
  expect(await dry('session', 'revoke', '--id', 'ab'.repeat(32))).toMatchObject({ dryRun: true, revoked: false });
  const file = join(line.folder, 'new-hotkey.json');
  const swap = ['--hotkey', '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV', '--new-hotkey-file', file];
  expect(await dry('wallet', 'swap-hotkey', ...swap)).toMatchObject({ dryRun: true, newHotkey: null });
  const files = readdirSync(line.folder, { recursive: true, encoding: 'utf8' });
  expect(new Set(files)).toEqual(new Set(['passphrase', 'wallets', 'wallets/quant.json']));
  expect(line.market.orders).toEqual([]);
});

test('no command of a wallet prints its words or its secret, unless asked for', async () => {
  const words = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk';
  const file = join(line.folder, 'words');
  writeFileSync(file, `${words}\n`);
  const out = join(line.folder, 'account.json');
  const to = '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV';
  const commands = [
    ['import', '--name', 'old', '--words-file', file],
    ['balance', '--wallet', 'old'],
    ['history', 'old'],
    ['sign', '--wallet', 'old', '--message', 'hello'],
    ['export', '--wallet', 'old', '--out', out],
    ['transfer', '--wallet', 'old', '--to', to, '--amount', '1', '--dry-run'],
    ['transfer', '--wallet', 'old', '--to', to, '--amount', '1', '--yes'],
  ];
  for (const args of commands) {
    for (const json of [[], ['--json']]) {
      const told = await run('wallet', ...args, ...json, ...line.wallets);
      for (const text of [told.out, told.err, ...told.questions]) {
        expect(text).not.toContain('bottom drive');
        expect(text).not.toContain('fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e');
      }
    }
  }
  expect(readFileSync(out, 'utf8')).not.toContain('bottom');
});
